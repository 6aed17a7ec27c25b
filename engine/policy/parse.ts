/** Text to a value with places: YAML 1.2 or, in a `.json` file, JSON. All problems at once. */
import {
  Composer,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  visit,
} from "yaml";
import type { Finding } from "../finding.ts";
import { isExact } from "../json/number.ts";
import { readJson } from "../json/read.ts";
import { InexactNumber, type Json } from "../json/value.ts";
import type { Located, Pointer } from "../source.ts";
import { MAX_NESTING, MAX_NODES, MAX_PROBLEMS } from "./limits.ts";

export type Parsed =
  | { readonly located: Located<Json> }
  | { readonly findings: readonly Finding[] };

export interface ParseLimits {
  readonly maxNodes: number;
}

export function parse(
  file: string,
  text: string,
  limits: ParseLimits = { maxNodes: MAX_NODES },
): Parsed {
  return file.endsWith(".json") ? parseJson(file, text) : parseYaml(file, text, limits);
}

const INEXACT_HELP =
  "a double cannot hold this number; use one of at most 15 digits, or a string in quotes";

function parseJson(file: string, text: string): Parsed {
  const result = readJson(file, text);
  if (!result.ok) {
    return {
      findings: result.problems.slice(0, MAX_PROBLEMS).map(({ message, help, line, column }) => ({
        rule: "invalid-syntax",
        severity: "error" as const,
        message,
        help,
        place: { file, line, column },
      })),
    };
  }
  const findings: Finding[] = [];
  const walk = (value: unknown, pointer: (string | number)[]): void => {
    if (value instanceof InexactNumber) {
      findings.push(
        problem(
          "invalid-value",
          "a number that does not survive being read",
          INEXACT_HELP,
          result.located.place(pointer),
        ),
      );
    } else if (Array.isArray(value)) {
      value.forEach((element, index) => {
        walk(element, [...pointer, index]);
      });
    } else if (typeof value === "object" && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        if (key === "__proto__")
          findings.push(protoKey(result.located.place([...pointer, key], "key")));
        walk(member, [...pointer, key]);
      }
    }
  };
  walk(result.value, []);
  return findings.length > 0 ? { findings } : { located: result.located as Located<Json> };
}

function problem(rule: string, message: string, help: string, place: Finding["place"]): Finding {
  return { rule, severity: "error", message, help, place };
}

/** `__proto__` is no ordinary property in JavaScript: a reader that assigns it changes behaviour. */
function protoKey(place: Finding["place"]): Finding {
  return problem("invalid-value", "`__proto__` cannot be a key", "rename it", place);
}

function parseYaml(file: string, text: string, limits: ParseLimits): Parsed {
  const lines = new LineCounter();
  const place = (offset: number): Finding["place"] => {
    const { line, col } = lines.linePos(offset);
    // The counter knows no line before the first token; an offset there is the very start.
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const deep = nestingOffset(text);
  if (deep !== undefined) {
    lines.addNewLine(0);
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1))
      lines.addNewLine(at + 1);
    return {
      findings: [
        problem(
          "too-large",
          `nested deeper than ${MAX_NESTING} levels`,
          "flatten the document",
          place(deep),
        ),
      ],
    };
  }
  const documents = [
    ...new Composer({
      version: "1.2",
      schema: "core",
      strict: true,
      uniqueKeys: true,
      stringKeys: true,
      merge: false,
      prettyErrors: false,
      logLevel: "silent",
    }).compose(new Parser(lines.addNewLine).parse(text), true, text.length),
  ];
  const document = documents[0];
  if (document === undefined) {
    return {
      findings: [
        problem("invalid-syntax", "the file is empty", "write the document, or remove the file", {
          file,
          line: 1,
          column: 1,
        }),
      ],
    };
  }
  const findings: Finding[] = [];
  for (const error of [...document.errors, ...document.warnings]) {
    findings.push(
      problem(
        "invalid-syntax",
        yamlMessage(error.code, error.message),
        yamlHelp(error.code),
        place(error.pos[0]),
      ),
    );
  }
  if (documents.length > 1) {
    const second = documents[1]!;
    findings.push(
      problem(
        "invalid-syntax",
        "more than one document in the file",
        "keep one document a file",
        place(second.range[0]),
      ),
    );
  }
  if (findings.length === 0) findings.push(...checkNodes(document, place, limits));
  if (findings.length > 0) return { findings: findings.slice(0, MAX_PROBLEMS) };
  const value = document.toJS({ maxAliasCount: -1 }) as Json;
  return {
    located: { file, value, place: (pointer, part) => place(offsetOf(document, pointer, part)) },
  };
}

/**
 * The offset at which a document nests too deeply, found from its tokens alone: composing calls
 * itself once a level, and a file of `[[[[…` would otherwise exhaust the stack.
 */
function nestingOffset(text: string): number | undefined {
  let offset = 0;
  let flow = 0;
  let indicators = 0;
  let indents: number[] = [];
  let lineStart = true;
  for (const token of new Lexer().lex(text)) {
    // The lexer's own marks: a byte order mark, a document start, flow scalars and stream errors.
    const first = token[0];
    if (token === "\u0002" || token === "\u0018" || token === "\u001f" || token === "\uFEFF") {
      if (token === "\uFEFF") offset += 1;
      continue;
    }
    if (first === "[" || first === "{") flow++;
    else if (first === "]" || first === "}") flow--;
    else if (token === "\n" || token === "\r\n") {
      indicators = 0;
      lineStart = true;
      offset += token.length;
      continue;
    } else if (flow === 0 && (token === "-" || token === "?" || token === ":")) indicators++;
    if (lineStart && flow === 0) {
      const indent = /^ +$/.test(token) ? token.length : 0;
      indents = indents.filter((known) => known < indent);
      if (indent > 0) indents.push(indent);
      lineStart = false;
    }
    if (flow > MAX_NESTING || indicators > MAX_NESTING || flow + indents.length > MAX_NESTING) {
      return offset;
    }
    offset += token.length;
  }
  return undefined;
}

/** What the node tree must not have, although it is well-formed YAML. */
function checkNodes(
  document: Document.Parsed,
  place: (offset: number) => Finding["place"],
  limits: ParseLimits,
): Finding[] {
  const findings: Finding[] = [];
  const at = (node: unknown): Finding["place"] =>
    place((node as Node | undefined)?.range?.[0] ?? 0);
  visit(document, {
    Scalar(key, node) {
      if (key === "key" && node.value === "__proto__") findings.push(protoKey(at(node)));
      if (typeof node.value === "number" && !exactScalar(node.source ?? "", node.value)) {
        findings.push(
          problem(
            "invalid-value",
            "a number that does not survive being read",
            INEXACT_HELP,
            at(node),
          ),
        );
      }
    },
    Alias(_, node) {
      const target = node.resolve(document);
      if (target !== undefined && isCollection(target) && contains(target, node)) {
        findings.push(
          problem(
            "invalid-syntax",
            `the anchor \`${node.source}\` contains itself`,
            "write the value out",
            at(node),
          ),
        );
      }
    },
  });
  if (findings.length === 0) {
    const sizes = new Map<Node, number>();
    const count = (node: unknown): number => {
      if (node === null || node === undefined) return 1;
      if (isAlias(node)) return count(node.resolve(document));
      if (isPair(node)) return count(node.key) + count(node.value);
      if (!isCollection(node)) return 1;
      const known = sizes.get(node);
      if (known !== undefined) return known;
      const size = node.items.reduce<number>((sum, item) => sum + count(item), 1);
      sizes.set(node, size);
      return size;
    };
    const nodes = count(document.contents);
    if (nodes > limits.maxNodes) {
      // "Billion laughs": a few lines of aliases that expand beyond any memory.
      findings.push(
        problem(
          "too-large",
          `the document has ${nodes > 1e9 ? "more than 1000000000" : nodes} nodes once its aliases are expanded; at most ${limits.maxNodes} are read`,
          "write fewer, or split the file",
          at(document.contents),
        ),
      );
    }
  }
  return findings;
}

function contains(node: unknown, wanted: unknown): boolean {
  if (node === wanted) return true;
  if (isPair(node)) return contains(node.key, wanted) || contains(node.value, wanted);
  return isCollection(node) && node.items.some((item) => contains(item, wanted));
}

/** YAML's hexadecimal and octal integers are judged by their own text. */
function exactScalar(source: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (/^0[xo]/.test(source)) return BigInt(source) === BigInt(value);
  return isExact(source, value);
}

function offsetOf(
  document: Document.Parsed,
  pointer: Pointer,
  part: "key" | "value" = "value",
): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const [index, step] of pointer.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const last = index === pointer.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === step);
      if (pair === undefined) return offset;
      const key = pair.key as Node;
      node = pair.value;
      const value = (node as Node | null)?.range?.[0];
      offset = last && part === "key" ? key.range![0] : (value ?? key.range![0]);
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined;
      if (item === undefined) return offset;
      node = item;
      offset = item.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}

/** Sentences for the syntax errors that people meet; a value of the file is never repeated. */
function yamlMessage(code: string, original: string): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return "a key stands twice in one mapping";
    case "TAG_RESOLVE_FAILED":
      return "a tag that the format does not know";
    case "NON_STRING_KEY":
      return "a key that is not text";
    case "BAD_ALIAS":
      return "an alias without an anchor before it";
    case "TAB_AS_INDENT":
      return "a tab as indentation";
    case "MISSING_CHAR":
    case "UNEXPECTED_TOKEN":
    case "BLOCK_AS_IMPLICIT_KEY":
    case "BAD_INDENT":
    case "BAD_SCALAR_START":
    case "BAD_DQ_ESCAPE":
    case "MULTILINE_IMPLICIT_KEY":
    case "KEY_OVER_1024_CHARS":
    case "IMPOSSIBLE":
      return original.split(/[:\n]/)[0]!.toLowerCase();
    default:
      return `not well-formed YAML (${code})`;
  }
}

function yamlHelp(code: string): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return "keep one of the two";
    case "TAG_RESOLVE_FAILED":
      return "remove the tag";
    case "NON_STRING_KEY":
      return "write the key in quotes";
    case "BAD_ALIAS":
      return "write the value out";
    case "TAB_AS_INDENT":
      return "indent with spaces";
    case "BAD_DQ_ESCAPE":
      return "in double quotes a backslash is written twice; a regex reads better in single quotes";
    default:
      return "check quotes, brackets, colons and indentation here";
  }
}
