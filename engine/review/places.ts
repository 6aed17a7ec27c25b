/** Where the rules of a record stand today, for somebody who wants to read them. */
import { isObject, own } from "../json/value.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { Pointer } from "../source.ts";
import { type DenialRow, ruleKey } from "./report.ts";

/** `policies/lookup.yaml:12`, by policy and rule (`ruleKey`); a rule that is not there any more is left out. */
export function placesOf(
  { policies }: LoadedRepository,
  denials: readonly DenialRow[],
): Readonly<Record<string, string>> {
  const places = new Map<string, string>();
  for (const { policy, rule } of denials) {
    const located = policy === null ? undefined : policies.get(policy)?.located;
    const pointer = pointerOf(rule);
    if (located === undefined || pointer === undefined || !has(located.value, pointer)) continue;
    const { file, line } = located.place(pointer);
    places.set(ruleKey(policy, rule), `${file}:${line}`);
  }
  return Object.fromEntries(places);
}

/** RFC 6901; undefined for a rule that stands in no file, such as `(expired)`. */
function pointerOf(rule: string): Pointer | undefined {
  if (!rule.startsWith("/")) return undefined;
  return rule
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((step) => (/^(0|[1-9][0-9]*)$/.test(step) ? Number(step) : step));
}

function has(value: unknown, [step, ...rest]: Pointer): boolean {
  if (step === undefined) return value !== undefined;
  if (Array.isArray(value)) return has(value[Number(step)], rest);
  return isObject(value) && has(own(value as Record<string, unknown>, String(step)), rest);
}
