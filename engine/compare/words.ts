/** Small pieces of what a change says. */
import { TOOLS_CALL } from "../decide/call.ts";
import type { ReceivedObject } from "../json/value.ts";
import type { Grant } from "../policy/ir.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../policy/time.ts";
import type { Interval } from "./interval.ts";
import type { Cell } from "./sides.ts";

export function who(grant: Grant): { grant: string; principal: string } {
  return { grant: grant.id, principal: grant.principal.id };
}

export function place({ target, base, head }: Cell): {
  server: string;
  method: string;
  tool: string;
} {
  const server = head.server?.id ?? base.server?.id ?? "";
  return "tool" in target
    ? { server, method: TOOLS_CALL, tool: target.tool }
    : { server, method: target.method, tool: "" };
}

/** The names of the attributes, and of what kind each is; a report never shows a value. */
export function masked(attributes: Grant["attributes"]): ReceivedObject {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      Array.isArray(value) ? `(list of ${value.length})` : `(${typeof value})`,
    ]),
  );
}

export function period({ from, until }: Interval): string {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  return `${day(from)} to ${day(until)}`;
}

export function list(words: readonly string[]): string {
  if (words.length <= 4) return words.join(", ");
  return `${words.slice(0, 3).join(", ")} and ${words.length - 3} more`;
}

/** `4 hours`, `90 minutes`: the largest unit of which it is a whole number. */
export function duration(ms: number): string {
  const units = [
    ["day", DAY],
    ["hour", HOUR],
    ["minute", MINUTE],
    ["second", SECOND],
  ] as const;
  const [name, size] = units.find(([, each]) => ms % each === 0) ?? ["millisecond", 1];
  const count = ms / size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
