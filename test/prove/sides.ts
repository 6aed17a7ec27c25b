/** From documents to sides of a question, and the ordinary decision of each side on a call. */
import { TOOLS_CALL } from "../../engine/decide/call.ts";
import { decide } from "../../engine/decide/decide.ts";
import type { JsonObject, ReceivedObject } from "../../engine/json/value.ts";
import type { Grant } from "../../engine/policy/ir.ts";
import type { Side } from "../../engine/prove/rules.ts";
import type { Witness } from "../../engine/prove/witness.ts";
import { lockOfSchemas, policyOf, repositoryOf, serverOf } from "../support/compile.ts";
import type { SideDocument } from "./generate.ts";

export const TOOL = "t";

export function policyDocument({ rules, allTools }: Omit<SideDocument, "schema">): object {
  return { version: "1", default: "deny", tools: { [TOOL]: rules }, all_tools: allTools };
}

function serverDocument({ subject }: SideDocument): object {
  const tools = subject === undefined ? {} : { [TOOL]: { effect: "read", ephi: true, subject } };
  return { version: "1", id: "s", tools };
}

export function sideOf(document: SideDocument, grant: Side["grant"] = "free"): Side {
  const { schema } = document;
  const label = serverOf(serverDocument(document), "s").tools[TOOL];
  return {
    policy: policyOf(policyDocument(document)),
    target: { tool: TOOL },
    grant,
    ...(label === undefined ? {} : { label }),
    ...(schema === undefined ? {} : { schema: schema as JsonObject }),
  };
}

/** Whether the ordinary decision allows a call of this side. */
export function allows(
  document: SideDocument,
): (args: ReceivedObject, grant: ReceivedObject) => boolean {
  const { schema } = document;
  const repository = repositoryOf({
    policies: { p: policyDocument(document) },
    servers: { s: serverDocument(document) },
    ...(schema === undefined ? {} : { locks: { s: lockOfSchemas({ [TOOL]: schema }, "s") } }),
  });
  return (args, facts) => {
    const source = { id: "g", principal: { id: "a" } } as Grant;
    const grants = new Map([["g", { source, facts, access: new Map() }]]);
    const call = {
      policy: "p",
      grant: "g",
      server: "s",
      method: TOOLS_CALL,
      tool: TOOL,
      args,
      at: 0,
    };
    return decide({ ...repository, grants }, call).decision.verdict === "allow";
  };
}

export function factsOf(witness: Witness, constants: ReceivedObject | undefined): ReceivedObject {
  return witness.grant ?? constants ?? {};
}
