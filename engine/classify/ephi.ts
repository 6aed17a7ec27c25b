/** Whether a tool can read or write a patient's data. */
import type { Argument } from "./arguments.ts";
import { type Context, isPerson, thingOf } from "./context.ts";
import type { FoundEffect } from "./effect.ts";
import { headOf, type Match, matches } from "./evidence.ts";
import type { NamedBy } from "./subject.ts";
import { HANDED_DATA } from "./terms/clinical.ts";
import { COMPUTES } from "./terms/verbs.ts";
import { type Tool, wordsOf } from "./tool.ts";
import { singulars } from "./words.ts";

export interface FoundEphi {
  readonly ephi: boolean | "conditional";
  readonly sure: boolean;
  readonly why: readonly string[];
}

export function ephiOfTool(
  tool: Tool,
  effect: FoundEffect,
  subjects: readonly NamedBy[],
  context: Context,
): FoundEphi {
  const named = subjects.filter(({ how }) => how === "identifies");
  if (named.length > 0) {
    return { ephi: true, sure: true, why: named.map(({ why }) => `${why}: ePHI`) };
  }
  const name = singulars(tool.nameWords);
  const inName = matches(name);
  return (
    anyResource(tool, effect, context) ??
    computation(tool, effect, inName, context) ??
    byName(name, inName, effect, context) ??
    bySiblings(tool, context) ??
    byPerson(tool, context) ??
    byText(tool, effect) ??
    byDefault(context)
  );
}

type Maybe = FoundEphi | undefined;
const found = (ephi: FoundEphi["ephi"], sure: boolean, why: string): FoundEphi => ({
  ephi,
  sure,
  why: [why],
});

/** A tool that reaches whatever its arguments say reaches patients. */
function anyResource(
  tool: Tool,
  { effect, program, verbs }: FoundEffect,
  { health }: Context,
): Maybe {
  if (program !== undefined && health) {
    return found(
      true,
      true,
      `a program in \`${program.steps.join(".")}\` can ask for anything: ePHI`,
    );
  }
  const argument = tool.arguments.find((one) => namesAnyResource(one));
  if (argument === undefined || verbs.every((verb) => COMPUTES.has(verb))) return undefined;
  // `get_search_parameters(resourceType)` asks for a definition.
  const name = singulars(tool.nameWords);
  const about = headOf(name, matches(name))?.kind;
  if (
    effect === "read" &&
    (about === "authority" || about === "reference" || about === "machinery")
  ) {
    return undefined;
  }
  const free = argument.values === undefined || argument.values.some((v) => /patient/i.test(v));
  const place = `\`${argument.steps.join(".")}\``;
  return free && (health || matches(argument.words).length > 0)
    ? found(true, true, `${place} may be any kind of record: ePHI`)
    : undefined;
}

function namesAnyResource({ words, steps, types, description }: Argument): boolean {
  const name = words.join(" ");
  if (/^(?:fhir )?resource (?:type|kind)$|^resourcetype$/.test(name)) return true;
  if (words.includes("fhir") && words.some((w) => ["path", "query", "document"].includes(w))) {
    return true;
  }
  const reaches = ["path", "endpoint", "uri", "url"].includes(name);
  return (
    reaches &&
    steps.length > 1 &&
    types.includes("string") &&
    /\b(fhir|resource|ehr)\b/i.test(description)
  );
}

/** What only computes holds no more than it is given. */
function computation(
  tool: Tool,
  { verbs }: FoundEffect,
  inName: readonly Match[],
  { health }: Context,
): Maybe {
  const handed = tool.arguments.filter((argument) => isHandedData(argument));
  const about = `${tool.nameWords.join(" ")} ${tool.sentences.join(" ")}`;
  const isClinical = inName.some(({ kind }) => kind === "clinical") || mentionsHealth(about);
  const isGiven = handed.some(({ required }) => required);
  const computes = verbs.length > 0 && verbs.every((verb) => COMPUTES.has(verb));
  // `get_latest_value(observations_json)`: all that it can say was handed in.
  const onlyGiven =
    handed.some(({ required, words }) => required && words.includes("json")) &&
    !tool.arguments.some(({ words, required }) => required && words.includes("id"));
  if (!computes && !onlyGiven) return undefined;
  if (isGiven && isClinical) {
    const places = handed.map(({ steps }) => `\`${steps.join(".")}\``).join(", ");
    return found("conditional", true, `works on what ${places} holds, which may be a patient's`);
  }
  if (tool.arguments.some((one) => looksUp(one)) || (!isGiven && handed.length > 0))
    return undefined;
  // A text that is handed in, on a server of health care, may well be a note.
  if (
    isGiven &&
    health &&
    handed.some(({ words }) => words.includes("text") || words.includes("note"))
  ) {
    return found("conditional", false, "works on a text that it is handed");
  }
  const scalars = tool.arguments.every(({ types }) => !types.includes("object"));
  return scalars
    ? found(false, true, "computes from its arguments, and none names a patient")
    : undefined;
}

const mentionsHealth = (text: string): boolean =>
  /\bfhir\b/i.test(text) || matches(wordsOf(text)).some(({ kind }) => kind === "clinical");

/** By an id a computation looks something up after all. */
const looksUp = ({ words }: Argument): boolean =>
  words.some((word) =>
    ["id", "ids", "identifier", "name", "query", "search", "sample"].includes(word),
  );

function isHandedData({ words, types, values }: Argument): boolean {
  if (values !== undefined || words.includes("type") || words.includes("id")) return false;
  if (words.some((word) => ["format", "name", "path", "count", "limit"].includes(word)))
    return false;
  return (
    words.some((word) => HANDED_DATA.has(word)) &&
    (types.length === 0 || types.some((type) => ["string", "object", "array"].includes(type)))
  );
}

function byName(
  name: readonly string[],
  inName: readonly Match[],
  { effect, verbs }: FoundEffect,
  { health, genomic: sequences }: Context,
): Maybe {
  const patient = inName.find(
    ({ kind, phrase }) => kind === "clinical" && /patient|record/.test(phrase),
  );
  if (patient !== undefined)
    return found(true, true, `the name speaks of \`${patient.phrase}\`: ePHI`);
  const by = name.findIndex((word) => word === "by" || word === "for");
  const authority = inName.find(({ kind, end }) => kind === "authority" && (by < 0 || end < by));
  if (authority !== undefined) {
    return found(false, true, `\`${authority.phrase}\` is the same for every patient`);
  }
  const moves =
    verbs.some((verb) => MOVES.has(verb)) ||
    name.some((word) => MOVES.has(word) && name.includes("start"));
  const data = inName.find(({ kind }) => kind === "clinical" || kind === "genomic");
  const head = headOf(name, inName);
  if (moves && effect !== "destructive") {
    const moved =
      data ?? (name.includes("fhir") ? { kind: "clinical", phrase: "fhir" } : undefined);
    if (moved?.kind === "clinical")
      return found(true, true, `moves \`${moved.phrase}\` data: ePHI`);
    if (moved?.kind === "genomic") return genomic(moved.phrase);
    if (effect === "execute" && (health || sequences)) {
      return found("conditional", false, "runs a program over data that may be a patient's");
    }
  }
  switch (head?.kind) {
    case "clinical":
      return found(true, true, `the name speaks of \`${head.phrase}\`: ePHI`);
    case "genomic":
      return genomic(head.phrase);
    case "directory":
      return found(false, true, `\`${head.phrase}\` belongs to the organisation, not to a patient`);
    case "reference":
      return found(false, true, `\`${head.phrase}\` is the same for every patient`);
    case "machinery":
      return found(false, data === undefined, `\`${head.phrase}\` is machinery`);
    default:
      if (data?.kind === "clinical")
        return found(true, true, `the name speaks of \`${data.phrase}\`: ePHI`);
      return data === undefined ? undefined : genomic(data.phrase);
  }
}

const MOVES = new Set(
  "activate export import ingest load restore run start sync transfer".split(" "),
);

const genomic = (phrase: string): FoundEphi =>
  found("conditional", true, `\`${phrase}\`: a patient's where the sample is one's`);

function bySiblings(tool: Tool, { patientThings }: Context): Maybe {
  const thing = thingOf(tool);
  return patientThings.has(thing)
    ? found(true, true, `other tools for \`${thing}\` take a patient: ePHI`)
    : undefined;
}

/** A person of a clinic's server may be a patient. */
function byPerson(tool: Tool, { health, personsArePatients }: Context): Maybe {
  return health && personsArePatients && isPerson(tool.name)
    ? found(true, false, "a person of a server of health care may be a patient: ePHI")
    : undefined;
}

/** Who deletes or runs something is not believed to spare patients because another word stands nearby. */
function byText({ sentences }: Tool, { effect }: FoundEffect): Maybe {
  const harmless = effect !== "destructive" && effect !== "execute";
  for (const sentence of sentences.slice(0, 2)) {
    const list = wordsOf(sentence);
    const all = matches(list);
    const clinical = all.find(({ kind }) => kind === "clinical");
    const other = all.find(({ kind }) => kind !== "clinical");
    if (clinical !== undefined && /patient|record|chart|phi/.test(clinical.phrase)) {
      return found(true, true, `the description speaks of \`${clinical.phrase}\`: ePHI`);
    }
    if (harmless && other !== undefined && (clinical === undefined || other.end < clinical.end)) {
      return other.kind === "genomic"
        ? genomic(other.phrase)
        : found(
            false,
            false,
            `the description speaks of \`${other.phrase}\`, which is no patient's`,
          );
    }
    if (clinical !== undefined) {
      return found(true, false, `the description speaks of \`${clinical.phrase}\`: ePHI`);
    }
  }
  return undefined;
}

function byDefault({ health }: Context): FoundEphi {
  return found(
    true,
    false,
    health
      ? "nothing says what it is about, on a server of health care: ePHI is assumed"
      : "nothing says that it cannot hold patient data: ePHI is assumed",
  );
}
