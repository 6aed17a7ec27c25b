/** What changed in a pinned definition, and why a reviewer should care. */

import { type Argument, argumentsOf } from "../classify/arguments.ts";
import type { Classification } from "../classify/classify.ts";
import { canonical, isObject, type Json, type JsonObject } from "../json/value.ts";
import { EFFECTS } from "../policy/ir.ts";

export interface Drift {
  /** The part that changed: `description`, `argument x`, `annotations`, … */
  readonly what: string;
  /** What that means, one sentence without a full stop. */
  readonly why: string;
  /** It can widen what a call does, or what a model is made to do. */
  readonly grave: boolean;
}

export interface Side {
  readonly definition: JsonObject;
  readonly label: Classification;
}

export function driftOf(before: Side, after: Side): readonly Drift[] {
  const found = [
    ...textDrift("description", before.definition.description, after.definition.description),
    ...textDrift("title", before.definition.title, after.definition.title),
    ...argumentDrift(before.definition, after.definition),
    ...annotationDrift(before.definition, after.definition),
    ...labelDrift(before.label, after.label),
    ...otherDrift(before.definition, after.definition),
  ];
  // Whatever else differs, something did: the digest says so.
  return found.length > 0
    ? found
    : [{ what: "definition", why: "a detail of the schema changed", grave: false }];
}

/** Words that speak to the model rather than of the tool. */
const ORDERS =
  /\b(?:always|never|must|ignore|instead of|before (?:any|using|calling|you)|after (?:every|each|calling)|first call|do not (?:tell|mention|ask|inform|show)|don't (?:tell|mention|ask)|without (?:asking|telling)|secret(?:ly)?|system prompt|previous instructions|also (?:call|send|include|read|pass)|(?:send|forward|copy|include|append|pass)\b.{0,40}\b(?:to|in|as|into)\b|<\w+>|https?:\/\/)/gi;

export function textDrift(
  what: string,
  before: Json | undefined,
  after: Json | undefined,
): readonly Drift[] {
  if (before === after) return [];
  const [old, now] = [before, after].map((text) => (typeof text === "string" ? text : ""));
  const known = new Set([...old!.matchAll(ORDERS)].map(([words]) => words.toLowerCase()));
  const orders = [...now!.matchAll(ORDERS)]
    .map(([words]) => words)
    .filter((words) => !known.has(words.toLowerCase()));
  if (orders.length > 0) {
    const said = orders
      .slice(0, 3)
      .map((words) => `\`${words}\``)
      .join(", ");
    return [{ what, why: `it now tells the model what to do: ${said}`, grave: true }];
  }
  const hidden = /[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;
  if (hidden.test(now!) && !hidden.test(old!)) {
    return [
      { what, why: "it now holds characters that nobody sees and a model reads", grave: true },
    ];
  }
  return [{ what, why: "the model reads other words: read both", grave: false }];
}

function argumentDrift(before: JsonObject, after: JsonObject): readonly Drift[] {
  const [old, now] = [before, after].map(
    ({ inputSchema }) =>
      new Map(
        (isObject(inputSchema) ? argumentsOf(inputSchema as JsonObject) : []).map((one) => [
          one.steps.join("."),
          one,
        ]),
      ),
  ) as [Map<string, Argument>, Map<string, Argument>];
  const found: Drift[] = [];
  for (const [path, argument] of now) {
    const known = old.get(path);
    const what = `argument ${path}`;
    if (known === undefined) {
      found.push({
        what,
        why: "new: no rule has looked at it, and a tool rule without `args` lets it through",
        grave: true,
      });
      continue;
    }
    found.push(...oneArgument(what, known, argument));
  }
  for (const path of old.keys()) {
    if (now.has(path)) continue;
    found.push({
      what: `argument ${path}`,
      why: "gone: rules that ask for it now deny",
      grave: false,
    });
  }
  return found;
}

function oneArgument(what: string, before: Argument, after: Argument): readonly Drift[] {
  const found: Drift[] = [
    ...textDrift(`description of ${what}`, before.description, after.description),
  ];
  if (before.required && !after.required) {
    found.push({ what, why: "may be left out now", grave: true });
  }
  if (!before.required && after.required) {
    found.push({ what, why: "must be given now: calls without it are denied", grave: false });
  }
  const types = after.types.filter((type) => !before.types.includes(type));
  if (types.length > 0) {
    found.push({ what, why: `may be of another type now: ${types.join(", ")}`, grave: true });
  }
  if (before.values !== undefined && after.values === undefined) {
    found.push({ what, why: "any value will do now, where there was a list", grave: true });
  }
  const more = after.values?.filter((value) => before.values?.includes(value) === false) ?? [];
  if (more.length > 0) {
    const shown = more
      .slice(0, 5)
      .map((value) => `\`${value.slice(0, 40)}\``)
      .join(", ");
    found.push({ what, why: `has new values: ${shown}`, grave: true });
  }
  return found;
}

const HINTS: readonly (readonly [string, boolean, string])[] = [
  ["readOnlyHint", true, "the vendor no longer says that it is read-only"],
  ["destructiveHint", false, "the vendor no longer says that it destroys nothing"],
  ["idempotentHint", true, "the vendor no longer says that repeating it is harmless"],
  ["openWorldHint", false, "the vendor no longer says that it stays within its own world"],
];

function annotationDrift(before: JsonObject, after: JsonObject): readonly Drift[] {
  const [old, now] = [before, after].map(({ annotations }) =>
    isObject(annotations) ? (annotations as JsonObject) : {},
  ) as [JsonObject, JsonObject];
  return HINTS.flatMap(([name, mild, why]): Drift[] =>
    old[name] === now[name]
      ? []
      : old[name] === mild
        ? [{ what: "annotations", why, grave: true }]
        : [{ what: "annotations", why: `the vendor's \`${name}\` changed`, grave: false }],
  );
}

function labelDrift(before: Classification, after: Classification): readonly Drift[] {
  const found: Drift[] = [];
  const word = (label: Classification): string =>
    typeof label.effect === "string" ? label.effect : "decided by an argument";
  if (word(before) !== word(after)) {
    found.push({
      what: "effect",
      why: `by its words it was ${word(before)}, and is ${word(after)} now`,
      grave: rank(after) > rank(before),
    });
  }
  if (before.ephi !== after.ephi) {
    found.push({
      what: "ePHI",
      why:
        after.ephi === false
          ? "it no longer speaks of patient data"
          : "it speaks of patient data now",
      grave: after.ephi !== false,
    });
  }
  const subjects = (label: Classification): string =>
    label.subject.map(({ steps }) => steps.join(".")).join(", ");
  if (subjects(before) !== subjects(after)) {
    found.push({
      what: "subject",
      why: `another argument names the patient: ${subjects(after) || "none"}`,
      grave: true,
    });
  }
  return found;
}

const rank = ({ effect }: Classification): number =>
  typeof effect === "string" ? EFFECTS.indexOf(effect) : EFFECTS.length;

const SEEN = new Set(["name", "title", "description", "inputSchema", "annotations", "_meta"]);

function otherDrift(before: JsonObject, after: JsonObject): readonly Drift[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys]
    .filter((key) => !SEEN.has(key))
    .filter((key) => canonical(before[key] ?? null) !== canonical(after[key] ?? null))
    .map((key) => ({ what: key, why: "changed", grave: false }));
}
