/** Text to a value with places: YAML 1.2 or, in a `.json` file, JSON. All problems at once. */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  Parser,
  visit,
  type YAMLMap,
} from "yaml";
import type { Finding } from "../finding.ts";
import { isExact } from "../json/number.ts";
import { readJson } from "../json/read.ts";
import { InexactNumber, type Json } from "../json/value.ts";
import { LineMap, type Located } from "../source.ts";
import { MAX_ALIASED_NODES, MAX_NESTING, MAX_NODES } from "./limits.ts";

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
  return file.endsWith(".json") ? parseJson(file, text, limits) : parseYaml(file, text, limits);
}

const INEXACT_MESSAGE = "a number that does not survive being read";
const INEXACT_HELP =
  "a double cannot hold this number; use one of at most 15 digits, or a string in quotes";

function parseJson(file: string, text: string, limits: ParseLimits): Parsed {
  const result = readJson(file, text);
  if (!result.ok) {
    return {
      findings: result.problems.map(({ message, help, line, column }) =>
        problem("invalid-syntax", message, help, { file, line, column }),
      ),
    };
  }
  const { value: root, located } = result;
  const findings: Finding[] = [];
  const pointer: (string | number)[] = [];
  let nodes = 0;
  const walk = (value: unknown): void => {
    nodes++;
    if (value instanceof InexactNumber) {
      findings.push(
        problem("invalid-value", INEXACT_MESSAGE, INEXACT_HELP, located.place(pointer)),
      );
    } else if (typeof value === "object" && value !== null) {
      const keys = !Array.isArray(value);
      for (const [key, member] of Object.entries(value)) {
        pointer.push(keys ? key : Number(key));
        if (keys) nodes++;
        if (keys && key === "__proto__") findings.push(protoKey(located.place(pointer, "key")));
        walk(member);
        pointer.pop();
      }
    }
  };
  walk(root);
  if (nodes > limits.maxNodes) findings.push(tooManyNodes(nodes, limits, located.place([])));
  return findings.length > 0 ? { findings } : { located: located as Located<Json> };
}

/** A name longer than this is not repeated in a message. */
const MAX_QUOTED = 60;

function problem(rule: string, message: string, help: string, place: Finding["place"]): Finding {
  return { rule, severity: "error", message, help, place };
}

/** `__proto__` is no ordinary property in JavaScript: a reader that assigns it changes behaviour. */
function protoKey(place: Finding["place"]): Finding {
  return problem("invalid-value", "`__proto__` cannot be a key", "rename it", place);
}

function tooManyNodes(nodes: number, limits: ParseLimits, place: Finding["place"]): Finding {
  const said = nodes > 1e9 ? "more than 1000000000" : nodes;
  return problem(
    "too-large",
    `the document has ${said} nodes; at most ${limits.maxNodes} are read`,
    "write fewer, or split the file",
    place,
  );
}

function parseYaml(file: string, text: string, limits: ParseLimits): Parsed {
  const lines = new LineMap(text);
  const place = (offset: number): Finding["place"] => ({ file, ...lines.at(offset) });
  const tokens = [...new Lexer().lex(text)];
  const excess = excessOf(tokens, limits);
  if (excess !== undefined) {
    const { message, help, offset } = excess;
    return { findings: [problem("too-large", message, help, place(offset))] };
  }
  // Two at the most: a megabyte of `---` would make as many documents.
  const [first, second] = new Composer({
    version: "1.2",
    schema: "core",
    // Else a tag such as !!set or !!omap makes a value that is no JSON, and looks empty.
    resolveKnownTags: false,
    strict: true,
    // Looked at below: the composer compares every key of a mapping with every other.
    uniqueKeys: false,
    stringKeys: true,
    merge: false,
    prettyErrors: false,
    logLevel: "silent",
  }).compose(parseTokens(tokens), true, text.length);
  const document = first!;
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
  if (second !== undefined) {
    findings.push(
      problem(
        "invalid-syntax",
        "more than one document in the file",
        "keep one document a file",
        place(second.range[0]),
      ),
    );
  }
  const targets = new Map<unknown, Node>();
  if (findings.length === 0) findings.push(...checkDocument(document, place, limits, targets));
  if (findings.length > 0) return { findings };
  const value = document.toJS({ maxAliasCount: -1 }) as Json;
  return {
    located: { file, value, place: placesOf(document, targets, place) },
  };
}

/** What `Parser.parse` does, of a text that is lexed already. */
function* parseTokens(tokens: readonly string[]): Generator<CST.Token, void> {
  const parser = new Parser();
  for (const token of tokens) yield* parser.next(token);
  yield* parser.end();
}

/**
 * Where a text is more than the composer may be given, found from its tokens alone. Composing calls
 * itself once a level, so a file of `[[[[…` would exhaust the stack; and a megabyte of stray brackets
 * would make a million errors.
 */
function excessOf(
  lexed: readonly string[],
  limits: ParseLimits,
): { message: string; help: string; offset: number } | undefined {
  // No document of `maxNodes` nodes has more: a node is at most an indicator, an anchor, a tag, the
  // lexer's mark of a scalar and the scalar itself, or two brackets.
  const maxTokens = 6 * limits.maxNodes;
  let tokens = 0;
  let offset = 0;
  let lineStart = 0;
  let flow = 0;
  /** The open block collections, by the column at which they stand. */
  let open: { column: number; kind: "sequence" | "mapping" }[] = [];
  const enter = (column: number, kind: "sequence" | "mapping"): void => {
    // A sequence may stand at the column of the key that holds it, so it ends at the next key there.
    while (
      open.length > 0 &&
      (open.at(-1)!.column > column ||
        (open.at(-1)!.column === column && kind === "mapping" && open.at(-1)!.kind !== kind))
    )
      open.pop();
    const top = open.at(-1);
    if (top?.column !== column || top.kind !== kind) open.push({ column, kind });
  };
  /** The column of the first token after the last indicator: where a key begins, if it is one. */
  let nodeColumn: number | undefined;
  let scalar = false;
  for (const token of lexed) {
    // The lexer's own marks stand for no text: a document's start, a scalar, an early end.
    if (token === "\u0002" || token === "\u0018" || token === "\u001f") {
      scalar = token === "\u001f";
      continue;
    }
    const column = offset - lineStart;
    const first = token[0];
    if (scalar || !(" \t\r\n#".includes(first!) || token === "\uFEFF")) {
      tokens++;
      if (scalar) nodeColumn ??= column;
      else if (first === "[" || first === "{") {
        nodeColumn ??= column;
        flow++;
      } else if (first === "]" || first === "}") flow = Math.max(0, flow - 1);
      else if (token === "---" || token === "...") open = [];
      else if (flow === 0 && (token === "-" || token === "?")) {
        enter(column, token === "-" ? "sequence" : "mapping");
        nodeColumn = undefined;
      } else if (flow === 0 && token === ":") {
        enter(nodeColumn ?? column, "mapping");
        nodeColumn = undefined;
      } else nodeColumn ??= column;
    }
    scalar = false;
    if (flow + open.length > MAX_NESTING) {
      const message = `nested deeper than ${MAX_NESTING} levels`;
      return { message, help: "flatten the document", offset };
    }
    if (tokens > maxTokens) {
      const message = `the document has more than ${maxTokens} words and signs`;
      return { message, help: "write fewer, or split the file", offset };
    }
    const newline = token.lastIndexOf("\n");
    if (newline !== -1) {
      lineStart = offset + newline + 1;
      if (flow === 0) nodeColumn = undefined;
    }
    offset += token.length;
  }
  return undefined;
}

/** What a document must not have, although it is well-formed YAML. */
function checkDocument(
  document: Document.Parsed,
  place: (offset: number) => Finding["place"],
  limits: ParseLimits,
  /** Filled with what every alias stands for. */
  targets: Map<unknown, Node>,
): Finding[] {
  const findings: Finding[] = [];
  const at = (node: unknown): Finding["place"] =>
    place((node as Node | undefined)?.range?.[0] ?? 0);
  const add = (rule: string, message: string, help: string, node: unknown): void => {
    findings.push(problem(rule, message, help, at(node)));
  };
  const { contents } = document;
  if (
    contents === null ||
    (isScalar(contents) && contents.value === null && contents.source === "")
  ) {
    add("invalid-syntax", "the file is empty", "write the document, or remove the file", contents);
  }
  const { yaml } = document.directives;
  if (yaml.version !== "1.2") {
    // Under YAML 1.1 `no` is false and `0o7` a text: two readers would see two policies.
    findings.push(
      problem(
        "invalid-syntax",
        `the file says that it is YAML ${yaml.version}`,
        "remove the directive; files are YAML 1.2",
        place(0),
      ),
    );
  }
  const anchors = new Map<string, Node>();
  visit(document, {
    Scalar(key, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (key === "key" && node.value === "__proto__") findings.push(protoKey(at(node)));
      if (typeof node.value === "number" && !exactScalar(node.source ?? "", node.value)) {
        add("invalid-value", INEXACT_MESSAGE, INEXACT_HELP, node);
      }
      // As in JSON: an escape such as \uD800 is no character, and readers replace it differently.
      if (typeof node.value === "string" && !node.value.isWellFormed()) {
        add("invalid-syntax", "half of a surrogate pair", "write the whole character", node);
      }
    },
    Collection(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node as Node);
      if (!isMap(node)) return;
      const seen = new Set<unknown>();
      for (const { key } of node.items) {
        const name = isScalar(key) ? key.value : key;
        if (seen.has(name)) {
          add("invalid-syntax", yamlMessage("DUPLICATE_KEY", ""), yamlHelp("DUPLICATE_KEY"), key);
        }
        seen.add(name);
      }
    },
    Alias(_, node, path) {
      const target = anchors.get(node.source);
      if (target === undefined) {
        const message = "an alias without an anchor before it";
        add("invalid-syntax", message, yamlHelp("BAD_ALIAS"), node);
      } else if (path.includes(target)) {
        const name = node.source.length > MAX_QUOTED ? "" : ` \`${node.source}\``;
        add("invalid-syntax", `the anchor${name} contains itself`, "write the value out", node);
      } else targets.set(node, target);
    },
  });
  if (findings.length > 0) return findings;
  const { nodes, levels } = measure(contents, targets);
  // "Billion laughs": a few lines of aliases that expand beyond any memory.
  const written = targets.size === 0 ? nodes : measure(contents, new Map()).nodes;
  if (nodes - written > MAX_ALIASED_NODES) {
    const said = nodes > 1e9 ? "more than 1000000000" : nodes - written;
    const message = `aliases expand the document by ${said} nodes; at most ${MAX_ALIASED_NODES} are read`;
    add("too-large", message, "write the values out", contents);
  } else if (nodes > limits.maxNodes) findings.push(tooManyNodes(nodes, limits, at(contents)));
  else if (levels > MAX_NESTING) {
    const message = `nested deeper than ${MAX_NESTING} levels once its aliases are expanded`;
    add("too-large", message, "flatten the document", contents);
  }
  return findings;
}

interface Size {
  readonly nodes: number;
  readonly levels: number;
}

/** How large a value is once its aliases are expanded, each anchored part measured once. */
function measure(root: unknown, targets: ReadonlyMap<unknown, Node>): Size {
  const known = new Map<unknown, Size>();
  const sizeOf = (node: unknown): Size => {
    if (isAlias(node))
      return targets.has(node) ? sizeOf(targets.get(node)) : { nodes: 1, levels: 0 };
    if (!isCollection(node)) return { nodes: 1, levels: 0 };
    let size = known.get(node);
    if (size === undefined) {
      let nodes = 1;
      let levels = 0;
      for (const item of node.items) {
        for (const part of isPair(item) ? [item.key, item.value] : [item]) {
          const inner = sizeOf(part);
          nodes += inner.nodes;
          levels = Math.max(levels, inner.levels);
        }
      }
      size = { nodes, levels: levels + 1 };
      known.set(node, size);
    }
    return size;
  };
  return sizeOf(root);
}

/** YAML's hexadecimal and octal integers are judged by their own text. */
function exactScalar(source: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (/^0[xo]/.test(source)) return BigInt(source) === BigInt(value);
  return isExact(source, value);
}

/** Where things stand in a document. Looked up per finding, of which a file may have thousands. */
function placesOf(
  document: Document.Parsed,
  targets: ReadonlyMap<unknown, Node>,
  place: (offset: number) => Finding["place"],
): Located<Json>["place"] {
  const members = new Map<unknown, Map<string, Pair>>();
  const memberOf = (map: YAMLMap, step: string): Pair | undefined => {
    let pairs = members.get(map);
    if (pairs === undefined) {
      pairs = new Map(
        map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : "", pair]),
      );
      members.set(map, pairs);
    }
    return pairs.get(step);
  };
  return (pointer, part = "value") => {
    let node: unknown = document.contents;
    let offset = document.contents?.range?.[0] ?? 0;
    for (const [index, step] of pointer.entries()) {
      if (isAlias(node)) node = targets.get(node);
      const last = index === pointer.length - 1;
      if (isMap(node)) {
        const pair = memberOf(node, String(step));
        if (pair === undefined) break;
        const key = pair.key as Node;
        node = pair.value;
        const value = (node as Node | null)?.range?.[0];
        offset = last && part === "key" ? key.range![0] : (value ?? key.range![0]);
      } else if (isSeq(node)) {
        const item = node.items[Number(step)] as Node | undefined;
        if (item === undefined) break;
        node = item;
        offset = item.range?.[0] ?? offset;
      } else break;
    }
    return place(offset);
  };
}

/** Sentences for the syntax errors that people meet; a value of the file is never repeated. */
function yamlMessage(code: string, original: string): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return "a key stands twice in one mapping";
    case "TAG_RESOLVE_FAILED":
    case "BAD_COLLECTION_TYPE":
      return "a tag that the format does not know";
    case "NON_STRING_KEY":
      return "a key that is not text";
    case "TAB_AS_INDENT":
      return "a tab as indentation";
    case "BAD_DQ_ESCAPE":
      return "an unknown escape in double quotes";
    case "BAD_DIRECTIVE":
      return "a directive that cannot be used";
    case "RESOURCE_EXHAUSTION":
      return "nested too deeply";
  }
  if (original.startsWith("Missing closing")) return "a text in quotes is not closed";
  // What follows a colon after a word is text of the file.
  const said = original.replace(/(?<=[a-z]):\s.*$/s, "");
  return /^[ -~]{0,119}[^ .]$/.test(said)
    ? said[0]!.toLowerCase() + said.slice(1)
    : "not well-formed YAML";
}

function yamlHelp(code: string): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return "keep one of the two";
    case "TAG_RESOLVE_FAILED":
    case "BAD_COLLECTION_TYPE":
      return "remove the tag";
    case "NON_STRING_KEY":
      return "write the key in quotes";
    case "BAD_ALIAS":
      return "write the value out";
    case "TAB_AS_INDENT":
      return "indent with spaces";
    case "BAD_DIRECTIVE":
      return "remove the directive";
    case "KEY_OVER_1024_CHARS":
      return "shorten the key";
    case "RESOURCE_EXHAUSTION":
      return "flatten the document";
    case "BAD_DQ_ESCAPE":
      return "in double quotes a backslash is written twice; a regex reads better in single quotes";
    default:
      return "check quotes, brackets, colons and indentation here";
  }
}
