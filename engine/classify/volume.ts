/** How many patients' data one call can touch. */
import type { Volume } from "../policy/ir.ts";
import type { FoundEffect } from "./effect.ts";
import type { FoundEphi } from "./ephi.ts";
import { wholeChart } from "./evidence.ts";
import type { NamedBy } from "./subject.ts";
import { type Tool, wordsOf } from "./tool.ts";
import { effectOfVerb } from "./verb.ts";
import { singulars } from "./words.ts";

export interface FoundVolume {
  readonly volume: Volume;
  readonly why: string;
}

export function volumeOfTool(
  tool: Tool,
  { effect, program, verbs }: FoundEffect,
  { ephi }: FoundEphi,
  subjects: readonly NamedBy[],
): FoundVolume {
  if (ephi === false) return { volume: "single", why: "no patient's data" };
  const argument = (steps: readonly string[]) =>
    tool.arguments.find((one) => one.steps[0] === steps[0] && one.steps.length <= steps.length);
  const named = subjects.filter(({ how }) => how === "identifies");
  const one = named.find(({ steps }) => argument(steps)?.required === true);
  const many = named.some(({ steps }) => argument(steps)?.types.includes("array"));
  if (many) return { volume: "bulk", why: "one call may name several patients" };
  if (program !== undefined) return { volume: "bulk", why: "a program decides how much it reads" };
  if (one !== undefined) {
    const whole = effect === "read" ? wholeChart([...singulars(tool.nameWords)]) : undefined;
    const told =
      effect === "read" &&
      /\ball (?:\w+ )?(?:resources|records|data)\b/i.test(tool.sentences[0] ?? "");
    return whole !== undefined || told
      ? { volume: "chart", why: `one patient's ${whole ?? "whole record"}` }
      : { volume: "single", why: "one patient must be named" };
  }
  if (typeof effect !== "string") return { volume: "bulk", why: "its arguments decide how much" };
  if (
    ephi === "conditional" &&
    named.length === 0 &&
    verbs.some((verb) => effectOfVerb(verb) === "read")
  ) {
    const listing = tool.arguments.length > 0 && !SEARCHES.has(verbs[0] ?? "");
    if (listing) return { volume: "single", why: "what it is handed" };
  }
  if (effect === "write" && verbs.some((verb) => CREATES.has(verb))) {
    return { volume: "single", why: "one record is made" };
  }
  const id = tool.arguments.find(
    ({ words, required, types }) =>
      required &&
      types.some((type) => type === "string" || type === "integer") &&
      ["id", "uuid", "identifier", "uid"].includes(words.at(-1)!) &&
      !CONTAINER.has(words[0]!),
  );
  const searches =
    verbs.some((verb) => SEARCHES.has(verb)) || wordsOf(tool.name).includes("search");
  return id !== undefined && !searches
    ? { volume: "single", why: `\`${id.steps.join(".")}\` names one record` }
    : { volume: "bulk", why: "nothing limits it to one patient" };
}

const SEARCHES = new Set("find list query search start export import".split(" "));
const CREATES = new Set("add create register insert update edit amend submit".split(" "));
/** An id of the place where records lie names none of them. */
const CONTAINER = new Set(
  "account database datastore project server store tenant workspace".split(" "),
);
