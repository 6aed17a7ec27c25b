/** Drafted files as YAML, with the reason of each line beside it. */
import { writePolicy } from "../author/write-policy.ts";
import type { Entry, PolicyFile, Rules } from "../schema/types.ts";
import { formatPointer } from "../source.ts";
import { type DraftEntry, type DraftPolicy, type DraftTool, openWords } from "./draft.ts";

export function policyYaml({ description, tools }: DraftPolicy): string {
  const policy: PolicyFile = {
    version: "1",
    description,
    default: "deny",
    tools: Object.fromEntries(tools.map((tool) => [tool.name, rulesOf(tool)])),
  };
  return writePolicy(policy, { parts: tools.flatMap(reasonsOf) });
}

function rulesOf({ args, require, limits }: DraftTool): Rules {
  return {
    args: [...args],
    ...(require.length === 0 ? {} : { require: require.map(entryOf) }),
    ...(limits.length === 0 ? {} : { limits: limits.map(({ why: _, ...limit }) => limit) }),
  };
}

function entryOf({ anyOf }: DraftEntry): Entry {
  const groups = anyOf as unknown as { path: string }[][];
  const [only] = groups;
  if (groups.length > 1) return { any_of: groups } as unknown as Entry;
  return (only!.length === 1 ? only![0]! : { conditions: only! }) as unknown as Entry;
}

function reasonsOf({ name, why, effect, require, limits, open }: DraftTool): [string, string][] {
  const other =
    effect === "read"
      ? ""
      : `; its effect is ${effect === "depends" ? "that of an argument" : effect}: have a person look`;
  return [
    [formatPointer(["tools", name]), `${why}${other}`],
    ...openWords(open).map((says): [string, string] => [
      formatPointer(["tools", name, "args"]),
      `left open: ${says}`,
    ]),
    ...require.map((entry, index): [string, string] => [
      formatPointer(["tools", name, "require", index]),
      entry.why,
    ]),
    ...limits.map((limit, index): [string, string] => [
      formatPointer(["tools", name, "limits", index]),
      limit.why,
    ]),
  ];
}

export interface DraftGrant {
  readonly grant: string;
  readonly access: readonly { readonly server: string; readonly policy: string }[];
  readonly responsible: string;
  readonly issued: string;
  readonly expires: string;
}

export function grantYaml({ grant, access, responsible, issued, expires }: DraftGrant): string {
  const pairs = access.map(
    ({ server, policy }) => `  - { server: ${text(server)}, policy: ${text(policy)} }\n`,
  );
  return `version: "1"
principal: { kind: agent, id: ${text(`agent:${grant}`)}, responsible: ${text(responsible)} }
# Replace both by what a reviewer should read: what the access is for, and who asked for it.
purpose: other
justification: to be written before anybody approves this
access:
${pairs.join("")}issued: ${issued}
expires: ${expires}
`;
}

function text(value: string): string {
  return JSON.stringify(value);
}
