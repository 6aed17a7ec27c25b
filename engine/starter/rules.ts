/** What was seen of one tool → the rules that let it through, and as little else as the language can say. */
import { isObject, type Json, type JsonObject, own } from "../json/value.ts";
import type { Path } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import type { DraftCondition, DraftEntry, Open } from "./draft.ts";
import { extentOf } from "./extent.ts";
import { MAX_TOGETHER, type Seen } from "./seen.ts";
import { shapeOf } from "./shape.ts";

/** What may stand in a policy as it is: words of the repository itself, and never of a patient. */
export interface Vocabulary {
  /** Texts that labels and schemas name at a place. */
  readonly words: (path: string) => ReadonlySet<string>;
}

export interface Rules {
  readonly require: readonly DraftEntry[];
  readonly open: Open;
}

/** A number of more digits may be somebody's. */
const LARGEST_PLAIN_NUMBER = 9_999;

interface At {
  readonly path: Path;
  readonly seen: Seen;
  /** The pinned schema of the place, where it is known. */
  readonly schema: JsonObject | undefined;
  /** How often the place around it was there. */
  readonly outOf: number;
  /** The place is there in every call. */
  readonly always: boolean;
}

export function rulesFor(
  args: Seen,
  inputSchema: JsonObject | undefined,
  vocabulary: Vocabulary,
): Rules {
  const require: DraftEntry[] = [];
  const objects: string[] = [];
  const unsaid: string[] = [];
  const visit = (at: At): void => {
    const alternatives = alternativesOf(at, vocabulary);
    objects.push(...alternatives.objects);
    unsaid.push(...alternatives.unsaid);
    const conditions = alternatives.anyOf;
    if (conditions.length > 0) {
      require.push({
        anyOf: at.always ? conditions : [[absent(at.path)], ...conditions],
        why: `${alternatives.words.join(", or ")}; ${often(at)}`,
      });
    }
    for (const member of membersOf(at)) visit(member);
    require.push(...membersTogether(at), ...unseenMembers(at));
    objects.push(...openObject(at));
  };
  const root: At = {
    path: { root: "args", steps: [] },
    seen: args,
    schema: inputSchema,
    outOf: args.count,
    always: true,
  };
  for (const member of membersOf(root)) visit(member);
  require.push(...membersTogether(root));
  return { require, open: { objects, unsaid } };
}

function often({ seen, outOf }: At): string {
  const times = outOf === 1 ? "the one call" : `${outOf} calls`;
  return seen.count === outOf ? `in ${times}` : `in ${seen.count} of ${times}`;
}

function membersOf({ path, seen, schema, always }: At): At[] {
  if (path.each !== undefined && path.each.steps.length > 0) return [];
  const properties = own(schema ?? {}, "properties");
  const all = seen.objects === seen.count;
  return [...seen.members].sort(byName).map(([name, member]) => {
    const known = isObject(properties) ? own(properties as JsonObject, name) : undefined;
    return {
      path: within(path, name),
      seen: member,
      schema: isObject(known) ? (known as JsonObject) : undefined,
      outOf: seen.objects,
      always: always && all && member.count === seen.objects,
    };
  });
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function within({ root, steps, each }: Path, name: string): Path {
  if (each === undefined) return { root, steps: [...steps, name] };
  return { root, steps, each: { ...each, steps: [...each.steps, name] } };
}

interface Alternatives {
  readonly anyOf: readonly (readonly DraftCondition[])[];
  readonly words: readonly string[];
  readonly objects: readonly string[];
  readonly unsaid: readonly string[];
}

/** One alternative for each type that was seen. */
function alternativesOf(at: At, vocabulary: Vocabulary): Alternatives {
  const { path, seen } = at;
  const found: Alternative[] = [];
  const objects: string[] = [];
  const unsaid: string[] = [];
  const say = (op: string, value: DraftCondition["value"]): DraftCondition =>
    condition(path, op, value);
  if (seen.texts.size > 0) found.push(ofTexts(say, seen.texts, wordsAt(at, vocabulary)));
  if (seen.numbers.size > 0) found.push(ofNumbers(say, seen.numbers));
  if (seen.booleans.size > 0) found.push(ofBooleans(say, seen.booleans));
  if (seen.nulls > 0) found.push(["null", [say("type", "null")]]);
  if (seen.objects > 0 && !(at.always && hasFirmMember(seen))) {
    found.push(["an object", [say("type", "object")]]);
  }
  if (seen.lists > 0) {
    if (path.each !== undefined) unsaid.push(`\`${formatPath(path)}\`: lists within lists`);
    else {
      const lists = ofLists(at, vocabulary);
      found.push(...lists.alternatives);
      objects.push(...lists.objects);
      unsaid.push(...lists.unsaid);
    }
  }
  if (seen.inexact > 0) {
    unsaid.push(
      `\`${formatPath(path)}\`: a number that no double holds, and such calls are denied`,
    );
  }
  return {
    anyOf: found.map(([, all]) => all),
    words: found.map(([words]) => words),
    objects,
    unsaid,
  };
}

/** A condition on a member that is always there says already that the object is one. */
function hasFirmMember(seen: Seen): boolean {
  return (
    seen.objects === seen.count &&
    [...seen.members.values()].some(({ count }) => count === seen.objects)
  );
}

type Say = (op: string, value: DraftCondition["value"]) => DraftCondition;
type Alternative = readonly [words: string, conditions: readonly DraftCondition[]];

function ofTexts(say: Say, texts: ReadonlySet<string>, words: ReadonlySet<string>): Alternative {
  if ([...texts].every((text) => words.has(text))) {
    const named = [...texts].sort();
    return [
      named.length === 1 ? "one word" : `${named.length} words`,
      [named.length === 1 ? say("eq", named[0]!) : say("in", named)],
    ];
  }
  const { pattern, lengths, words: shape } = shapeOf(texts);
  const counted =
    lengths === undefined ? [] : [say("length_gte", lengths[0]), say("length_lte", lengths[1])];
  return [shape, [...counted, say("matches", pattern)]];
}

function ofNumbers(say: Say, numbers: ReadonlySet<number>): Alternative {
  const all = [...numbers];
  const { least, most } = extentOf(all);
  const whole = all.every((number) => Number.isInteger(number));
  const kind = whole ? [say("type", "integer")] : [];
  const words = whole ? "a whole number" : "a number";
  if (Math.max(Math.abs(least), Math.abs(most)) <= LARGEST_PLAIN_NUMBER) {
    // A fraction can be somebody's place or dose; the whole numbers around it are nobody's.
    const [from, to] = [Math.floor(least), Math.ceil(most)];
    return [`${words} from ${from} to ${to}`, [...kind, say("gte", from), say("lte", to)]];
  }
  // A long number can be a person's; its digits are counted, and it is not named.
  const [from, to] = [least < 0 ? -powerAbove(-least) : powerBelow(least), powerAbove(most)];
  return [
    `${words} of ${String(Math.trunc(Math.max(Math.abs(least), Math.abs(most)))).length} digits at most`,
    [...kind, say("gte", from), say("lt", to)],
  ];
}

function powerAbove(number: number): number {
  return number <= 0 ? 0 : 10 ** (Math.floor(Math.log10(number)) + 1);
}

function powerBelow(number: number): number {
  return number < 1 ? 0 : 10 ** Math.floor(Math.log10(number));
}

function ofBooleans(say: Say, booleans: ReadonlySet<boolean>): Alternative {
  const [only] = booleans;
  if (booleans.size === 1) return [String(only), [say("eq", only!)]];
  return ["true or false", [say("type", "boolean")]];
}

/** An empty list has no element of which something could be true, so it is an alternative of its own. */
function ofLists(
  { path, seen, schema }: At,
  vocabulary: Vocabulary,
): Open & { readonly alternatives: readonly Alternative[] } {
  const say: Say = (op, value) => condition(path, op, value);
  const empty: Alternative = ["an empty list", [say("count_lte", 0)]];
  if (seen.most === 0) return { alternatives: [empty], objects: [], unsaid: [] };
  const items = own(schema ?? {}, "items");
  const each = eachOf(
    {
      path: { ...path, each: { quantifier: "all", steps: [] } },
      seen: seen.elements!,
      schema: isObject(items) ? (items as JsonObject) : undefined,
      outOf: seen.elements!.count,
      always: true,
    },
    vocabulary,
  );
  const least = Math.max(1, seen.fewest);
  const size = least === seen.most ? `${seen.most}` : `${least} to ${seen.most}`;
  const full: Alternative = [
    `a list of ${size}${each.words === "" ? "" : `, each ${each.words}`}`,
    [say("count_gte", least), say("count_lte", seen.most), ...each.conditions],
  ];
  const { objects, unsaid } = each;
  return { alternatives: seen.fewest === 0 ? [empty, full] : [full], objects, unsaid };
}

/** What is true of every element. */
function eachOf(
  at: At,
  vocabulary: Vocabulary,
): Open & { readonly conditions: readonly DraftCondition[]; readonly words: string } {
  const { anyOf, words, objects, unsaid } = alternativesOf(at, vocabulary);
  // Which alternative holds may differ from element to element, and no entry says that.
  if (anyOf.length > 1) {
    const says = `\`${formatPath(at.path)}\`: elements of several types`;
    return { conditions: [], words: "", objects, unsaid: [...unsaid, says] };
  }
  const members = membersOf(at).map((member) => {
    const of = alternativesOf(member, vocabulary);
    if (member.always && of.anyOf.length === 1) return { ...of, conditions: of.anyOf[0]! };
    const says = `\`${formatPath(member.path)}\`: not in every element`;
    return { ...of, conditions: [], unsaid: [...of.unsaid, says] };
  });
  return {
    conditions: [...(anyOf[0] ?? []), ...members.flatMap(({ conditions }) => conditions)],
    words: words[0] ?? "",
    objects: [...objects, ...members.flatMap((member) => member.objects), ...openObject(at)],
    unsaid: [...unsaid, ...members.flatMap((member) => member.unsaid)],
  };
}

function wordsAt({ path, schema }: At, vocabulary: Vocabulary): ReadonlySet<string> {
  const named = own(schema ?? {}, "enum");
  const constant = own(schema ?? {}, "const");
  const listed = [...(Array.isArray(named) ? (named as Json[]) : []), constant];
  return new Set([
    ...vocabulary.words(formatPath(path)),
    ...listed.filter((word): word is string => typeof word === "string"),
  ]);
}

/**
 * Members that only stood in the company of others: one of the recorded sets has to be there whole. A
 * search by name and birth date does not thereby become a search by nothing.
 */
function membersTogether({ path, seen, always }: At): DraftEntry[] {
  const all = seen.objects === seen.count;
  const sets = [...seen.together.values()];
  if (!always || !all || path.each !== undefined || sets.length > MAX_TOGETHER) return [];
  const firm = new Set(
    [...seen.members].flatMap(([name, { count }]) => (count === seen.objects ? [name] : [])),
  );
  const optional = sets.map((names) => names.filter((name) => !firm.has(name)));
  const smallest = optional.filter(
    (set) =>
      !optional.some((other) => other.length < set.length && other.every((n) => set.includes(n))),
  );
  const distinct = [...new Map(smallest.map((set) => [set.join("\n"), set])).values()];
  // Without any of them a call was seen, too.
  if (distinct.some((set) => set.length === 0)) return [];
  return [
    {
      anyOf: distinct.map((set) =>
        set.map((name) => condition(within(path, name), "exists", true)),
      ),
      why: distinct.length === 1 ? "always together" : `one of ${distinct.length} sets, each whole`,
    },
  ];
}

/** What the schema knows and no call had. The language closes the arguments, not an object in them. */
function unseenMembers({ path, seen, schema }: At): DraftEntry[] {
  const properties = own(schema ?? {}, "properties");
  if (seen.objects === 0 || path.steps.length === 0 || !isObject(properties)) return [];
  return Object.keys(properties as JsonObject)
    .filter((name) => !seen.members.has(name))
    .map((name) => ({ anyOf: [[absent(within(path, name))]], why: "in no call" }));
}

function openObject({ path, seen, schema }: At): string[] {
  if (seen.objects === 0 || path.steps.length === 0) return [];
  return own(schema ?? {}, "additionalProperties") === false ? [] : [formatPath(path)];
}

function condition(path: Path, op: string, value: DraftCondition["value"]): DraftCondition {
  return {
    path: formatPath(path),
    ...(path.each === undefined ? {} : { quantifier: "all" as const }),
    op,
    value,
  };
}

function absent(path: Path): DraftCondition {
  return condition(path, "exists", false);
}
