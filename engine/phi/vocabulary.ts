/**
 * What may stand in a recording as it was sent: words that the repository or a standard names. They
 * are in the repository already, and none of them came with a patient. Beside the words, the questions
 * that the policy asks of values, so that a replaced value can be chosen that answers them alike.
 */
import { isByArgument } from "../decide/label.ts";
import { isExact } from "../json/number.ts";
import { isObject, type JsonObject } from "../json/value.ts";
import type { Condition, Path, Policy, Repository, RuleSet, Server } from "../policy/ir.ts";
import { acceptedRegex, compileRegex } from "../regex/regex.ts";
import { ELEMENTS, RESOURCE_TYPES, SEARCH_PARAMETERS } from "./fhir.ts";

export interface Vocabulary {
  /** A value, or a whole part of a structured one. */
  has(word: string): boolean;
  /** The name of a member, a parameter or an argument. */
  hasKey(name: string): boolean;
  /** The same for two texts: no question of the policy or the schema tells them apart. */
  signature(text: string): string;
  /** Pieces of the text that a question names and finds, as [start, end) in UTF-16 units. */
  pieces(text: string): readonly (readonly [number, number])[];
  /** The end of an email address that a question names. */
  hasDomain(domain: string): boolean;
}

export interface VocabularySource {
  readonly repository: Repository;
  /** The server whose pins and labels apply. */
  readonly server: string;
  /** The policies that decide. */
  readonly policies: readonly string[];
}

type Question = (text: string) => boolean;

interface Piece {
  readonly at: "start" | "end" | "anywhere";
  readonly text: string;
}

export function vocabularyOf({ repository, server, policies }: VocabularySource): Vocabulary {
  const words = new Set<string>(["true", "false", "null"]);
  const keys = new Set<string>();
  const questions: Question[] = [];
  const numbers: Question[] = [];
  const named: Piece[] = [];
  for (const policy of Object.values(repository.policies)) {
    for (const condition of conditionsOf(policy)) addLiterals(condition, words);
  }
  for (const grant of Object.values(repository.grants)) {
    for (const value of Object.values(grant.attributes).flat()) words.add(String(value));
  }
  for (const name of policies) {
    const policy = repository.policies[name];
    if (policy === undefined) continue;
    for (const rules of ruleSets(policy)) for (const arg of rules.args ?? []) keys.add(arg);
    for (const condition of conditionsOf(policy)) {
      addSteps(condition.path, keys);
      addQuestion(condition, questions, numbers, named);
    }
  }
  const known = repository.servers[server];
  if (known !== undefined) addServer(known, { words, keys, questions, numbers });
  return {
    has: (word) => words.has(word) || RESOURCE_TYPES.has(word) || isTerminology(word),
    hasKey: (name) => keys.has(name) || isStandardKey(name),
    signature: (text) => signature(text, questions, numbers),
    pieces: (text) => named.flatMap((piece) => found(piece, text)),
    hasDomain: (domain) =>
      domain.length >= 4 && named.some(({ text }) => text.endsWith(domain) || text === domain),
  };
}

function ruleSets({ allTools, tools, methods }: Policy): RuleSet[] {
  return [allTools, ...Object.values(tools), ...Object.values(methods)];
}

function conditionsOf(policy: Policy): Condition[] {
  return ruleSets(policy).flatMap(({ require, denyIf }) =>
    [...require, ...denyIf].flatMap(({ anyOf }) => anyOf.flat()),
  );
}

function addLiterals({ op, operand }: Condition, words: Set<string>): void {
  if (!("literal" in operand)) return;
  if (["eq", "neq", "in", "not_in", "has_element"].includes(op)) {
    for (const literal of [operand.literal].flat()) words.add(String(literal));
  }
}

function addSteps({ root, steps, each }: Path, keys: Set<string>): void {
  if (root !== "args") return;
  for (const step of [...steps, ...(each?.steps ?? [])]) {
    if (typeof step === "string") keys.add(step);
  }
}

function addQuestion(
  { op, operand }: Condition,
  questions: Question[],
  numbers: Question[],
  named: Piece[],
): void {
  if (!("literal" in operand)) return;
  const { literal } = operand;
  if (typeof literal === "number" && /^[lg]te?$/.test(op)) {
    // One question for each condition: both would tell the bound itself from every other number.
    const below = op === "lt" || op === "gte";
    numbers.push(bound(below, literal));
  }
  if (typeof literal !== "string") return;
  if (op === "regex" || op === "matches") {
    const regex = acceptedRegex(literal);
    questions.push(op === "regex" ? regex.search : regex.matches);
    for (const text of literalRuns(literal)) named.push({ at: "anywhere", text });
  } else if (op === "starts_with") {
    questions.push((text) => text.startsWith(literal));
    named.push({ at: "start", text: literal });
  } else if (op === "ends_with") {
    questions.push((text) => text.endsWith(literal));
    named.push({ at: "end", text: literal });
  } else if (op === "contains") {
    questions.push((text) => text.includes(literal));
    named.push({ at: "anywhere", text: literal });
  }
}

/** Words of a pattern that stand for themselves; of two letters there would be too many by chance. */
function literalRuns(pattern: string): string[] {
  const plain = pattern
    .replace(/\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\[A-Za-z]/g, " ")
    .replace(/\[[^\]]*\]|\{[^}]*\}|\(\?[a-zA-Z-]*[:)]|\(\?P?<[^>]*>/g, " ");
  return plain.match(/[A-Za-z]{3,}/g) ?? [];
}

interface Collected {
  readonly words: Set<string>;
  readonly keys: Set<string>;
  readonly questions: Question[];
  readonly numbers: Question[];
}

function addServer({ tools, methods, lock }: Server, into: Collected): void {
  for (const label of [...Object.values(tools), ...Object.values(methods)]) {
    for (const part of [label.effect, label.ephi, label.subject]) {
      if (isByArgument<unknown[] | string | boolean>(part as never)) {
        const { by, cases } = part as { by: Path; cases: object };
        addSteps({ root: by.root, steps: by.steps }, into.keys);
        for (const name of Object.keys(cases)) into.words.add(name);
      } else if (Array.isArray(part)) {
        for (const path of part as readonly Path[]) addSteps(path, into.keys);
      }
    }
  }
  for (const { definition } of Object.values(lock?.tools ?? {})) {
    addSchema(definition.inputSchema, into, 0);
  }
}

const MAX_SCHEMA_DEPTH = 64;
/** Whether the bound asks for numbers below it, or for those above. */
const BOUNDS = {
  minimum: true,
  exclusiveMaximum: true,
  maximum: false,
  exclusiveMinimum: false,
} as const;

function bound(below: boolean, limit: number): Question {
  return below ? (text) => Number(text) < limit : (text) => Number(text) > limit;
}

/** What the schema names: members, values, patterns and bounds. Its own words are `properties`, not data. */
function addSchema(schema: unknown, into: Collected, depth: number): void {
  if (depth > MAX_SCHEMA_DEPTH) return;
  if (Array.isArray(schema)) {
    for (const part of schema) addSchema(part, into, depth + 1);
    return;
  }
  if (!isObject(schema)) return;
  const object = schema as JsonObject;
  const { properties, pattern, multipleOf } = object;
  const literals = [object.const, object.default, object.enum].flat();
  for (const literal of literals) {
    if (typeof literal === "string" || typeof literal === "number") into.words.add(String(literal));
  }
  if (isObject(properties)) for (const name of Object.keys(properties)) into.keys.add(name);
  if (typeof pattern === "string") {
    const compiled = compileRegex(pattern);
    if ("regex" in compiled) into.questions.push(compiled.regex.search);
  }
  for (const [name, below] of Object.entries(BOUNDS)) {
    const limit = object[name];
    if (typeof limit === "number") into.numbers.push(bound(below, limit));
  }
  if (typeof multipleOf === "number" && multipleOf > 0) {
    into.numbers.push((text) => Number(text) % multipleOf === 0);
  }
  for (const part of Object.values(object)) addSchema(part, into, depth + 1);
}

/** In FHIR, what is asked of an id may be asked of a reference to it. */
const REFERENCE = "Patient/";
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

function signature(
  text: string,
  questions: readonly Question[],
  numbers: readonly Question[],
): string {
  const bit = (answer: boolean): string => (answer ? "1" : "0");
  const asked = questions.map((ask) => bit(ask(text)) + bit(ask(REFERENCE + text))).join("");
  if (!NUMBER.test(text)) return asked;
  // A number that does not survive being read is judged otherwise than one that does.
  const exact = bit(isExact(text, Number(text)));
  return `${asked} ${exact}${numbers.map((ask) => bit(ask(text))).join("")}`;
}

function found({ at, text: piece }: Piece, text: string): (readonly [number, number])[] {
  if (piece === "") return [];
  if (at === "start") return text.startsWith(piece) ? [[0, piece.length]] : [];
  if (at === "end") return text.endsWith(piece) ? [[text.length - piece.length, text.length]] : [];
  const places: [number, number][] = [];
  const folded = text.toLowerCase();
  // Where a letter has another length in lower case, places would be wrong.
  if (folded.length !== text.length) return [];
  const wanted = piece.toLowerCase();
  for (let from = folded.indexOf(wanted); from !== -1; from = folded.indexOf(wanted, from + 1)) {
    places.push([from, from + wanted.length]);
  }
  return places;
}

/** Where codes come from: LOINC, SNOMED CT, RxNorm, UCUM, HL7's own. No facility's numbering. */
const TERMINOLOGY =
  /^(https?:\/\/(hl7\.org\/fhir|terminology\.hl7\.org|loinc\.org|snomed\.info\/sct|unitsofmeasure\.org|www\.nlm\.nih\.gov\/research\/umls\/rxnorm|www\.ama-assn\.org\/go\/cpt)(\/[A-Za-z][A-Za-z0-9.-]{0,60}){0,5}|urn:ietf:(bcp:47|rfc:3986))$/;

/** A system has no patients; an address below it that names one, or ends in a number, is no system. */
const NO_SYSTEM = /\/(Patient|Person|RelatedPerson|Group)\/|[0-9]{5}/;

function isTerminology(text: string): boolean {
  return (TERMINOLOGY.test(text) && !NO_SYSTEM.test(text)) || OPERATION.test(text);
}

/** Parts of a path that FHIR gives its meaning: `_history`, `_search`, `$everything`. */
const OPERATION = /^(_history|_search|metadata|\$[a-z][a-z-]{2,30})$/;

/** A FHIR name with its modifiers and chains: `birthdate:missing`, `subject:Patient.name`, `_has:…`. */
function isStandardKey(name: string): boolean {
  return (
    name.length <= 120 &&
    name.split(/[:.]/).every((part) => isFhirName(part) || MODIFIERS.has(part))
  );
}

function isFhirName(part: string): boolean {
  const bare = part.startsWith("_") ? part.slice(1) : part;
  return (
    ELEMENTS.has(part) ||
    ELEMENTS.has(bare) ||
    SEARCH_PARAMETERS.has(part) ||
    RESOURCE_TYPES.has(part) ||
    part === "resourceType"
  );
}

/** FHIR R4 §3.1.1.4.4, and what servers add to `_include`. */
const MODIFIERS: ReadonlySet<string> = new Set([
  "missing",
  "exact",
  "contains",
  "not",
  "text",
  "in",
  "below",
  "above",
  "not-in",
  "identifier",
  "type",
  "iterate",
  "recurse",
]);
