/** What a filter may be: the names that occur in the log, and what each grant has used. */
import { shapesOf } from "../../audit/index/activity.ts";
import type { Index } from "../../audit/index/schema.ts";
import { ANY_TOOL, type Shape } from "../../audit/index/shape.ts";

export interface Facets {
  readonly principals: readonly string[];
  readonly grants: readonly string[];
  readonly servers: readonly string[];
  readonly tools: readonly string[];
  /** Codes of rules, of actions and of events. */
  readonly codes: readonly string[];
}

export function facetsOf(index: Index): Facets {
  const shapes = shapesOf(index);
  const names = (of: (shape: Shape) => string | undefined): string[] => {
    const all = new Set(shapes.map(of));
    return [...all]
      .filter((one) => one !== undefined && one !== "" && one !== ANY_TOOL)
      .sort() as string[];
  };
  return {
    principals: names(({ principal }) => principal),
    grants: names(({ grant }) => grant),
    servers: names(({ server }) => server),
    tools: names(({ tool }) => tool),
    codes: names(({ code }) => code),
  };
}

/** What a grant did with one tool, of all times. */
export interface Use {
  readonly grant: string;
  readonly server: string;
  /** The method, where it calls no tool. */
  readonly target: string;
  readonly allowed: number;
  readonly denied: number;
  /** The number of the newest call. */
  readonly last: number;
}

/** What each grant has called, or tried to. */
export function useOf(index: Index): readonly Use[] {
  const uses = new Map<string, Use>();
  for (const { kind, grant, server, tool, method, verdict, count, last } of shapesOf(index)) {
    if (kind !== "decision" || grant === undefined || server === undefined) continue;
    const target = tool === undefined || tool === "" ? (method ?? "") : tool;
    const key = JSON.stringify([grant, server, target]);
    const before = uses.get(key);
    uses.set(key, {
      grant,
      server,
      target,
      allowed: (before?.allowed ?? 0) + (verdict === "allow" ? count : 0),
      denied: (before?.denied ?? 0) + (verdict === "deny" ? count : 0),
      last: Math.max(before?.last ?? 0, last),
    });
  }
  return [...uses.values()];
}
