/**
 * Does a file have the form that its schema asks for? ajv decides; this file turns its answers into
 * findings at the exact key, in the words of the format.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { Finding } from "../finding.ts";
import { canonical, type Json } from "../json/value.ts";
import type { Located, Pointer } from "../source.ts";
import { didYouMean } from "../suggest.ts";
import { readSchema } from "./read.ts";
import type {
  ApprovalsFile,
  BundleFile,
  CallDocument,
  CarryFile,
  EngineFile,
  EnvelopeFile,
  FixtureLine,
  GrantFile,
  HaltFile,
  HeartbeatFile,
  LockFile,
  PolicyFile,
  ProjectFile,
  ProvenanceFile,
  ReleaseStatement,
  RootFile,
  ServerFile,
  StateFile,
  TestFile,
  TrustFile,
} from "./types.ts";

export interface Formats {
  readonly policy: PolicyFile;
  readonly grant: GrantFile;
  readonly server: ServerFile;
  readonly lock: LockFile;
  readonly project: ProjectFile;
  readonly tests: TestFile;
  readonly call: CallDocument;
  readonly fixture: FixtureLine;
  readonly engine: EngineFile;
  readonly bundle: BundleFile;
  readonly envelope: EnvelopeFile;
  readonly root: RootFile;
  readonly trust: TrustFile;
  readonly release: ReleaseStatement;
  readonly heartbeat: HeartbeatFile;
  readonly halt: HaltFile;
  readonly state: StateFile;
  readonly provenance: ProvenanceFile;
  readonly carry: CarryFile;
  readonly approvals: ApprovalsFile;
}
export type Format = keyof Formats;

/** Formats whose texts may be patient data: a finding never repeats a word of them. */
const PRIVATE: ReadonlySet<Format> = new Set(["call", "fixture"]);

/** A word longer than this is not repeated in a message. */
const MAX_QUOTED = 60;

const validators = new Map<Format, ValidateFunction>();

function validator(format: Format): ValidateFunction {
  const known = validators.get(format);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({
    // A test checks our schemas against the meta-schema; compiling that one takes longer than ours.
    meta: false,
    validateSchema: false,
    code: { optimize: false },
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: true,
    verbose: true,
    ownProperties: true,
  });
  // ajv compares every element with every other, which takes minutes on a long list.
  ajv.removeKeyword("uniqueItems");
  ajv.addKeyword({
    keyword: "uniqueItems",
    type: "array",
    schemaType: "boolean",
    errors: true,
    validate: allDiffer,
  });
  // `says` is the sentence for a person when a rule of several alternatives fails; `tsType` is for
  // the generator of types.
  ajv.addKeyword("says");
  ajv.addKeyword("tsType");
  const compiled = ajv.compile(readSchema(format) as object);
  validators.set(format, compiled);
  return compiled;
}

/** `uniqueItems: true`, with the index of the first element that was there before. */
function allDiffer(wanted: boolean, array: readonly Json[]): boolean {
  const seen = new Map<string, number>();
  for (const [j, element] of wanted ? array.entries() : []) {
    const text = canonical(element);
    const i = seen.get(text);
    if (i !== undefined) {
      allDiffer.errors = [{ keyword: "uniqueItems", params: { i, j } }];
      return false;
    }
    seen.set(text, j);
  }
  return true;
}
allDiffer.errors = [] as Partial<ErrorObject>[];

/** The findings of a file's form; with none, the value has the format's type. */
export function validate<F extends Format>(
  format: F,
  located: Located<unknown>,
):
  | { readonly ok: true; readonly located: Located<Formats[F]> }
  | { readonly ok: false; readonly findings: readonly Finding[] } {
  const check = validator(format);
  if (check(located.value)) return { ok: true, located: located as Located<Formats[F]> };
  const findings = new Map<string, Finding>();
  for (const error of check.errors ?? []) {
    const finding = toFinding(error, located, !PRIVATE.has(format));
    if (finding === undefined) continue;
    const { line, column } = finding.place;
    findings.set(`${line}:${column}:${finding.message}`, finding);
  }
  if (findings.size === 0) {
    // A file must never be refused without a word: it would be missing, and nobody would know.
    const place = located.place([]);
    const message = "the document is not of the right form";
    const help = "compare it with the schema of its format";
    findings.set("", { rule: "invalid-shape", severity: "error", message, help, place });
  }
  return { ok: false, findings: [...findings.values()] };
}

function toFinding(
  error: ErrorObject,
  located: Located<unknown>,
  quote: boolean,
): Finding | undefined {
  // The branches of a choice fail for reasons that say little; the choice's own sentence says it.
  // A property may be called `not` as well.
  const keywords = error.schemaPath.replaceAll(/\/properties\/[^/]+/g, "");
  if (/\/(oneOf|anyOf|not)\//.test(keywords) || error.keyword === "if") return undefined;
  const pointer = fromJsonPointer(error.instancePath, located.value);
  const parent = error.parentSchema as { says?: string; properties?: object } | undefined;
  const finding = (message: string, help: string, at = located.place(pointer)): Finding => ({
    rule: "invalid-shape",
    severity: "error",
    message,
    help,
    place: at,
  });
  const what = subject(pointer);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(params.additionalProperty);
      const at = located.place([...pointer, key], "key");
      const named = quote && key.length <= MAX_QUOTED ? ` \`${key}\`` : "";
      return finding(
        `unknown key${named}${pointer.length > 0 ? ` in ${what}` : ""}`,
        didYouMean(quote ? key : "", Object.keys(parent?.properties ?? {})),
        at,
      );
    }
    case "required":
      return finding(
        `\`${params.missingProperty}\` is missing${pointer.length > 0 ? ` in ${what}` : ""}`,
        `add \`${params.missingProperty}:\``,
        pointer.length > 0 ? located.place(pointer, "key") : located.place(pointer),
      );
    case "type": {
      const types = [params.type].flat().join(" or ");
      return finding(
        `${what} must be ${article(types)}, not ${article(typeName(error.data))}`,
        `write ${article(types)}`,
      );
    }
    case "const":
      if (parent?.says !== undefined) break;
      return finding(
        `${what} must be ${JSON.stringify(params.allowedValue)}`,
        `write ${JSON.stringify(params.allowedValue)}${typeof error.data === "number" ? ", in quotes" : ""}`,
      );
    case "enum": {
      const allowed = (params.allowedValues as unknown[]).map(String);
      const word =
        typeof error.data === "string" && quote && error.data.length <= MAX_QUOTED
          ? error.data
          : undefined;
      return finding(
        word === undefined
          ? `${what} has a value that it cannot have`
          : `${what} cannot be \`${word}\``,
        word === undefined
          ? `one of ${allowed.map((a) => `\`${a}\``).join(", ")}`
          : didYouMean(word, allowed),
      );
    }
    case "propertyNames":
      return undefined;
    case "uniqueItems":
      return finding(
        `${what} lists something twice`,
        "keep one of the two",
        located.place([...pointer, Math.max(Number(params.i), Number(params.j))]),
      );
  }
  const says = parent?.says;
  if (error.propertyName !== undefined) {
    const name = error.propertyName;
    const what = quote && name !== "" && name.length <= MAX_QUOTED ? `\`${name}\`` : "a name";
    const { problem, help } = boundProblem(error.keyword, params.limit) ?? {
      problem: "cannot be a name here",
      help: says ?? "choose another name",
    };
    return finding(`${what} ${problem}`, help, located.place([...pointer, name], "key"));
  }
  if (says !== undefined) return finding(`${what} is not of the right form`, says);
  const bound = boundProblem(error.keyword, params.limit);
  if (bound !== undefined) return finding(`${what} ${bound.problem}`, bound.help);
  return finding(`${what} is not of the right form`, "compare it with the schema of its format");
}

/** What is wrong with a value that is too short, long, small or large, and what to do. */
function boundProblem(
  keyword: string,
  limit: unknown,
): { problem: string; help: string } | undefined {
  switch (keyword) {
    case "minLength":
      return { problem: "is empty", help: "write a text" };
    case "minItems":
    case "minProperties":
      return limit === 1
        ? { problem: "is empty", help: "write at least one, or leave the key out" }
        : { problem: `has fewer than ${limit}`, help: `write at least ${limit}` };
    case "maxLength":
      return { problem: `is longer than ${limit} characters`, help: "shorten it" };
    case "maxItems":
    case "maxProperties":
      return { problem: `has more than ${limit}`, help: `write at most ${limit}` };
    case "minimum":
      return { problem: `is less than ${limit}`, help: `write a number from ${limit} on` };
    case "maximum":
      return { problem: `is more than ${limit}`, help: `write a number up to ${limit}` };
    default:
      return undefined;
  }
}

/** A name for the thing at a pointer: its key, or its position in the list that its key holds. */
function subject(pointer: Pointer): string {
  const last = pointer.at(-1);
  if (last === undefined) return "the document";
  if (typeof last === "string") return `\`${last.slice(0, MAX_QUOTED)}\``;
  const list = pointer.findLast((step) => typeof step === "string");
  return list === undefined ? `item ${last}` : `item ${last} of \`${list}\``;
}

function fromJsonPointer(text: string, root: unknown): Pointer {
  const pointer: (string | number)[] = [];
  let value = root;
  for (const raw of text.split("/").slice(1)) {
    const step = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    pointer.push(Array.isArray(value) ? Number(step) : step);
    value = (value as Record<string, Json> | undefined)?.[step];
  }
  return pointer;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  return typeof value === "object" ? "mapping" : typeof value;
}

function article(types: string): string {
  if (types === "null") return "null";
  const words = types.replaceAll("array", "list").replaceAll("object", "mapping");
  return /^[aeiou]/.test(words) ? `an ${words}` : `a ${words}`;
}
