/**
 * What a tool does, by its name's verb, its prose, its arguments and its annotations. Evidence adds
 * up to the worst: no claim of the vendor's makes a tool look milder than its words.
 */
import { type ByArgument, EFFECTS, type Effect } from "../policy/ir.ts";
import type { Argument } from "./arguments.ts";
import { CHOOSERS, HTTP_METHODS, PROGRAM_TEXT, PROGRAMS, RUNNABLE } from "./terms/verbs.ts";
import { type Tool, wordsOf } from "./tool.ts";
import { effectOfVerb, nameVerbs, sentenceVerb, type Verb, worse } from "./verb.ts";
import { words } from "./words.ts";

export interface FoundEffect {
  readonly effect: Effect | ByArgument<Effect>;
  /** The words that the name turns on; empty where nothing said what the tool does. */
  readonly verbs: readonly string[];
  readonly sure: boolean;
  readonly why: readonly string[];
  readonly program?: Argument;
}

export function effectOfTool(tool: Tool): FoundEffect {
  const fixed = fixedEffect(tool);
  const chosen = chosenEffect(tool, fixed);
  if (chosen === undefined) return fixed;
  return { ...fixed, ...chosen, why: [...chosen.why, ...fixed.why] };
}

interface Evidence {
  readonly effect: Effect;
  readonly why: string;
}

function fixedEffect(tool: Tool): FoundEffect {
  const named = nameVerbs(tool).map((verb) => inPlace(verb, tool));
  const [opening] = tool.sentences;
  const told = opening === undefined ? undefined : sentenceVerb(opening);
  const program = programOf(tool, [...named, ...(told === undefined ? [] : [told])]);
  const httpName = Object.keys(HTTP_METHODS).find((method) => tool.name.startsWith(`${method} `));
  const evidence: Evidence[] = [];
  if (httpName !== undefined) {
    evidence.push({ effect: HTTP_METHODS[httpName]!, why: `the name is an HTTP ${httpName}` });
  } else {
    for (const { word, effect } of named) {
      evidence.push({ effect, why: `the name says \`${word}\`: ${effect}` });
    }
    if (told !== undefined && (evidence.length === 0 || escalates(told, tool))) {
      const { word, effect } = inPlace(told, tool);
      evidence.push({ effect, why: `the description begins with \`${word}\`: ${effect}` });
    }
  }
  evidence.push(...saidInPassing(tool), ...sideEffects(tool), ...claims(tool));
  if (program !== undefined) {
    evidence.push({ effect: "execute", why: `\`${program.steps.join(".")}\` carries a program` });
  }
  const known = named.length > 0 || told !== undefined || httpName !== undefined;
  if (!known) evidence.push({ effect: "execute", why: "no verb says what it does: the worst" });
  const effect = evidence.map((one) => one.effect).reduce(worse);
  return {
    effect,
    verbs: [...new Set([...named, ...(told === undefined ? [] : [told])].map(({ word }) => word))],
    sure: known && (told === undefined || named.some((verb) => verb.effect === told.effect)),
    why: [...new Set(evidence.filter((one) => one.effect === effect).map(({ why }) => why))],
    ...(program === undefined ? {} : { program }),
  };
}

/** What a verb means with its object: to start a pipeline is to run it, to start an export to read. */
function inPlace(verb: Verb, { nameWords, sentences }: Tool): Verb {
  const has = (word: string): boolean => nameWords.includes(word);
  if (["start", "launch", "trigger", "call", "invoke"].includes(verb.word)) {
    if (has("export")) return { ...verb, effect: "read" };
    if (has("import")) return { ...verb, effect: "write" };
    const object = [...nameWords, ...wordsOf(sentences[0] ?? "")];
    if (object.some((word) => RUNNABLE.has(word))) return { ...verb, effect: "execute" };
  }
  // `validate_run`, `test_run`: the last word is what is looked at.
  if (verb.word === "run" && nameWords[0] !== "run" && nameWords.length > 2) {
    return nameWords.some((word) => word !== "run" && effectOfVerb(word) === "read")
      ? { ...verb, effect: "read" }
      : verb;
  }
  return verb;
}

/** A description that begins with a graver verb than the name's is believed. */
function escalates(told: Verb, tool: Tool): boolean {
  const named = nameVerbs(tool);
  if (named.length === 0) return true;
  const name = named.map(({ effect }) => effect).reduce(worse);
  return EFFECTS.indexOf(told.effect) > EFFECTS.indexOf(name) && !MILD_OPENINGS.has(told.word);
}

/** As the first word of a description of a tool that reads they say how, not what. */
const MILD_OPENINGS = new Set(
  "access browse call complete connect follow issue log match open order pin place request resolve run set start submit tag".split(
    " ",
  ),
);

const DOES = String.raw`(?:this|it|also|will|and|then|tool|function|operation|action|permanently|irreversibly|warning|which|that)\s+`;
const GRAVE = new RegExp(
  String.raw`(?:^|\b${DOES})(?:delet|eras|wip|destroy|purg|overwrit|truncat|drop)(?:e|es|s|ing|ping)?\s+(?:all|any|the|every|everything|existing|its|this|that|data|records?|files?)\b`,
  "i",
);
const FINAL =
  /\b(permanently|irreversibl[ey]|(?:can ?not|can't) be (?:undone|reversed|recovered))\b/i;
const CHARGES =
  /\b(?:charges?|debits?|bills?|pays?|refunds?)\s+(?:the\s+|a\s+|an\s+|your\s+)?(?:\w+\s+){0,2}(?:payment|card|account|customer|user|invoice|amount)\b/i;
const NEGATION =
  /\b(?:not|never|no|without|cannot|can't|don't|doesn't|won't|when|if|before|unless|until|instead of|rather than)\b[^.;,:]*$/i;

/** Grave words after the beginning, unless they are denied. */
function saidInPassing({ sentences }: Tool): readonly Evidence[] {
  const found: Evidence[] = [];
  const look = (sentence: string, pattern: RegExp, effect: Effect): void => {
    const match = pattern.exec(sentence);
    if (match === null || NEGATION.test(sentence.slice(0, match.index))) return;
    found.push({ effect, why: `the description says \`${match[0].trim()}\`: ${effect}` });
  };
  for (const sentence of sentences) {
    look(sentence, GRAVE, "destructive");
    look(sentence, CHARGES, "financial");
    const begins = sentenceVerb(sentence);
    if (begins !== undefined && begins.effect !== "read") look(sentence, FINAL, "destructive");
  }
  return found;
}

/** Arguments that make a tool write that otherwise reads. */
function sideEffects(tool: Tool): readonly Evidence[] {
  return tool.arguments.flatMap((argument): Evidence[] => {
    const place = `\`${argument.steps.join(".")}\``;
    const [first = ""] = words(argument.steps.at(-1)!);
    const effect = effectOfVerb(first);
    if (argument.types.includes("boolean") && argument.words.length > 1 && SWITCHES.has(first)) {
      return [{ effect: effect ?? "write", why: `${place} switches on a change` }];
    }
    const joined = argument.words.join(" ");
    return /^(?:output|save|destination|target)(?: (?:to|local))? (?:path|file|filename|dir|directory|folder)$/.test(
      joined,
    )
      ? [{ effect: "write", why: `${place} names a file that it writes` }]
      : [];
  });
}

const SWITCHES = new Set(
  "create delete execute initiate initialize overwrite persist purge remove reset save submit update write".split(
    " ",
  ),
);

/** Annotations are the vendor's claims: they may only make things worse (MCP, tool annotations). */
function claims({ annotations }: Tool): readonly Evidence[] {
  const { readOnlyHint, destructiveHint } = annotations;
  const said: Evidence[] = [];
  if (readOnlyHint === false) {
    said.push({ effect: "write", why: "the vendor says that it is not read-only" });
  }
  if (destructiveHint === true && readOnlyHint !== true) {
    said.push({ effect: "destructive", why: "the vendor says that it is destructive" });
  }
  return said;
}

/** The argument that carries a program, such as SQL or a script. */
function programOf(tool: Tool, verbs: readonly Verb[]): Argument | undefined {
  const runs = verbs.some(({ effect }) => effect === "execute");
  return tool.arguments.find((argument) => {
    if (argument.values !== undefined || !argument.types.includes("string")) return false;
    const last = argument.words.at(-1) ?? "";
    if (argument.words.some((word) => PROGRAMS.has(word)) && !["path", "id"].includes(last)) {
      return true;
    }
    if (!["code", "query", "statement", "expression", "source"].includes(last)) return false;
    const text = `${tool.nameWords.join(" ")} ${tool.sentences.slice(0, 3).join(" ")} ${argument.description}`;
    // FHIR knows a `code` of an observation: only a text about programs makes it one.
    return last === "code" || last === "source"
      ? runs && PROGRAM_TEXT.test(text)
      : (runs && PROGRAM_TEXT.test(text)) || /\b(sql|cypher|sparql|graphql)\b/i.test(text);
  });
}

/** An argument that chooses what is done, such as `request.method`. */
function chosenEffect(
  tool: Tool,
  fixed: FoundEffect,
): Pick<FoundEffect, "effect" | "sure" | "why"> | undefined {
  for (const argument of tool.arguments) {
    const choices = choicesOf(tool, argument);
    if (choices === undefined) continue;
    const place = argument.steps.join(".");
    if (choices.length === 0) {
      return {
        effect: "execute",
        sure: false,
        why: [`\`${place}\` chooses what is done, and no list says from what: the worst`],
      };
    }
    const cases = Object.fromEntries(choices);
    const effects = new Set(Object.values(cases));
    const least = EFFECTS.find((effect) => effects.has(effect))!;
    if (effects.size === 1) {
      if (typeof fixed.effect === "string" && worse(fixed.effect, least) === fixed.effect) continue;
      return { effect: least, sure: true, why: [`every value of \`${place}\` is ${least}`] };
    }
    return {
      effect: { by: { root: "args", steps: argument.steps }, cases },
      sure: true,
      why: [
        `\`${place}\` decides: ${choices.map(([value, effect]) => `${value} ${effect}`).join(", ")}`,
      ],
    };
  }
  return undefined;
}

/** Value → effect; undefined: this argument chooses nothing; empty: it does, and nobody says what. */
function choicesOf(
  tool: Tool,
  argument: Argument,
): readonly (readonly [string, Effect])[] | undefined {
  const last = argument.words.at(-1) ?? "";
  const { values } = argument;
  const http = values?.filter((value) => Object.hasOwn(HTTP_METHODS, value.toUpperCase())) ?? [];
  if (http.length >= 2 && values !== undefined) {
    return values.map((value) => [value, HTTP_METHODS[value.toUpperCase()] ?? "execute"]);
  }
  if (!CHOOSERS.has(last) || argument.words.length > 3) return undefined;
  if (values !== undefined) return verbChoices(values);
  if (!argument.types.includes("string")) return undefined;
  const text = `${argument.description}\n${tool.description}`;
  const methods = Object.keys(HTTP_METHODS).filter((name) =>
    new RegExp(`\\b${name}\\b`).test(text),
  );
  if (methods.length >= 2) return methods.map((name) => [name, HTTP_METHODS[name]!]);
  const quoted = [...argument.description.matchAll(/["'`]([\w-]{2,40})["'`]/g)].map(([, v]) => v!);
  const listed = /(?:one of|either|:)\s*((?:[\w-]+\s*(?:,|\||\/|\bor\b)\s*)+[\w-]+)/i.exec(
    argument.description,
  );
  const named =
    quoted.length >= 2 ? quoted : (listed?.[1]?.split(/\s*(?:,|\||\/|\bor\b)\s*/) ?? []);
  const choices = verbChoices(named.filter((value) => value !== ""));
  if (choices !== undefined) return choices;
  // `method` may be one of statistics, and `command` is a program already.
  return ["action", "operation", "interaction", "verb"].includes(last) ? [] : undefined;
}

/** Values that are verbs, when at least one says that something is changed. */
function verbChoices(
  values: readonly string[],
): readonly (readonly [string, Effect])[] | undefined {
  const effects = values.map((value) => {
    const verbs = nameVerbs({ nameWords: words(value), sentences: [] });
    return [
      value,
      verbs.length === 0 ? undefined : verbs.map(({ effect }) => effect).reduce(worse),
    ] as const;
  });
  const known = effects.filter(([, effect]) => effect !== undefined);
  if (known.length < 2 || known.length * 2 < values.length) return undefined;
  return effects.map(([value, effect]) => [value, effect ?? "execute"]);
}
