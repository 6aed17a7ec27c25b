/**
 * What a grant sees of a server's lists: a thing is shown when some call of it could be allowed to
 * this grant. Whether one could is a question about all calls, so the prover answers it; where it
 * finds no proof the thing is shown, because showing is not allowing.
 */
import { agreementInForce } from "../decide/decide.ts";
import type { ReadyGrant, ReadyServer } from "../decide/prepare.ts";
import {
  isObject,
  type JsonObject,
  own,
  type Received,
  type ReceivedObject,
} from "../json/value.ts";
import type { Entry } from "../policy/ir.ts";
import { allowsAny, allowsSome } from "../prove/prove.ts";
import type { Side } from "../prove/rules.ts";
import type { Pins } from "./pins.ts";
import type { ActivePolicy } from "./policy-source.ts";

export interface Viewer {
  readonly policy: ActivePolicy;
  readonly grant: ReadyGrant;
  readonly server: ReadyServer;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The member of each list's result, and the method and parameter that a shown thing is for. */
const LISTED: Readonly<
  Record<string, { readonly member: string; readonly method: string; readonly parameter?: string }>
> = {
  "tools/list": { member: "tools", method: "tools/call" },
  "prompts/list": { member: "prompts", method: "prompts/get", parameter: "name" },
  "resources/list": { member: "resources", method: "resources/read", parameter: "uri" },
  "resources/templates/list": { member: "resourceTemplates", method: "resources/read" },
};

/** Answers are kept as long as the policy is in force; a server may list as much as it likes. */
const MAX_REMEMBERED = 50_000;

export class Lists {
  readonly #known = new WeakMap<ActivePolicy, Map<string, boolean>>();

  /** The result of a list method with what this grant may see; the same result when that is all. */
  filter(method: string, result: ReceivedObject, viewer: Viewer, pins: Pins): ReceivedObject {
    const listed = LISTED[method];
    const items = listed === undefined ? undefined : own(result, listed.member);
    if (listed === undefined || !Array.isArray(items)) return result;
    const shown = items.filter((item) => this.#shows(listed, item as Received, viewer, pins));
    const filtered: ReceivedObject = { ...result, [listed.member]: shown };
    // The list is this grant's alone: a cache must not hand it to another.
    return own(result, "cacheScope") === undefined
      ? filtered
      : { ...filtered, cacheScope: "private" };
  }

  #shows(
    { method, parameter }: { readonly method: string; readonly parameter?: string },
    item: Received,
    viewer: Viewer,
    pins: Pins,
  ): boolean {
    if (!isObject(item)) return false;
    if (method === "tools/call") {
      const name = own(item as ReceivedObject, "name");
      return typeof name === "string" && this.showsTool(name, viewer, pins);
    }
    const value = parameter === undefined ? undefined : own(item as ReceivedObject, parameter);
    if (parameter !== undefined && typeof value !== "string") return false;
    return this.#remember(viewer, JSON.stringify([method, value ?? null]), () => {
      const { policy, grant, server } = viewer;
      const side: Side = {
        policy: policy.repository.policies.get(grant.access.get(server.source.id) ?? "")?.source,
        target: { method },
        label: server.methodLabels.get(method)?.source,
        grant: grant.facts,
        monitored: isMonitored(viewer),
      };
      const answer =
        value === undefined
          ? allowsAny(side)
          : allowsSome(equals(parameter!, value as string), side);
      return answer.answer !== "no";
    });
  }

  showsTool(tool: string, viewer: Viewer, pins: Pins): boolean {
    const { policy, server, at } = viewer;
    // Quarantined: what is not pinned, or is no longer what was pinned, is not shown either.
    if (server.source.lock !== undefined && pins.has(`${server.source.id}/${tool}`)) return false;
    const always = server.toolLabels.get(tool)?.source.ephi ?? true;
    const needsAgreement = policy.repository.source.requireBaa && always === true;
    if (needsAgreement && !agreementInForce(server, at)) return false;
    return this.#remember(viewer, JSON.stringify(["tools/call", tool]), () => {
      const side = toolSide(viewer, tool);
      return side !== undefined && allowsAny(side).answer !== "no";
    });
  }

  #remember({ policy, grant, server }: Viewer, what: string, find: () => boolean): boolean {
    const known = this.#known.get(policy) ?? new Map<string, boolean>();
    this.#known.set(policy, known);
    const key = `${grant.source.id} ${server.source.id} ${what}`;
    const answer = known.get(key) ?? find();
    if (known.size < MAX_REMEMBERED) known.set(key, answer);
    return answer;
  }
}

/** What the prover is asked about one tool; undefined: no call of it is ever allowed. */
function toolSide({ policy, grant, server }: Viewer, tool: string): Side | undefined {
  const rules = policy.repository.policies.get(grant.access.get(server.source.id) ?? "");
  const monitored = isMonitored({ grant, server });
  if (rules === undefined || (rules.hides(tool) && !monitored)) return undefined;
  const label = server.toolLabels.get(tool)?.source;
  const { source } = rules;
  const side: Side = { policy: source, target: { tool }, label, grant: grant.facts, monitored };
  if (server.source.lock === undefined) return side;
  const pinned = server.pinned(tool);
  if (pinned === undefined || "problem" in pinned) return undefined;
  const pin = own(server.source.lock.tools, tool);
  return { ...side, schema: pin?.definition.inputSchema as JsonObject };
}

function isMonitored({ grant, server }: Pick<Viewer, "grant" | "server">): boolean {
  return grant.source.mode === "monitor" || server.source.mode === "monitor";
}

function equals(parameter: string, value: string): Entry {
  const path = { root: "args", steps: [parameter] } as const;
  return { anyOf: [[{ path, op: "eq", operand: { literal: value }, not: false }]] };
}
