/**
 * Files that are broken or made to break: what each is, and all that is said about it.
 *
 * A finding is written as `file:line:column rule piece of the message`. The list of a row is whole:
 * a finding that it does not name is a failure too.
 */
import type { Tree } from "../../engine/host/tree.ts";
import { memoryTree } from "../support/tree.ts";

export interface Hostile {
  readonly name: string;
  /** Made when the test runs: some are a megabyte. */
  readonly tree: () => Tree;
  readonly findings: readonly string[];
}

type Files = Record<string, string | Uint8Array>;

const rows: Hostile[] = [];
const add = (name: string, files: () => Files, ...findings: string[]): void => {
  rows.push({ name, tree: () => memoryTree(files()), findings });
};

/** A policy whose third line is the first of `text`. */
const policy = (name: string, text: string, ...findings: string[]): void =>
  add(name, () => ({ "policies/p.yaml": `${HEAD}${text}` }), ...findings);
const json = (name: string, text: string, ...findings: string[]): void =>
  add(name, () => ({ "policies/p.json": text }), ...findings);
/** A condition on line 3, from column 30. */
const condition = (name: string, text: string, ...findings: string[]): void =>
  policy(name, `tools: { a: { require: [ { ${text} } ] } }\n`, ...findings);
const file = (name: string, path: string, text: string | Uint8Array, ...findings: string[]): void =>
  add(name, () => ({ [path]: text }), ...findings);

const HEAD = 'version: "1"\ndefault: deny\n';
const MEBIBYTE = 1024 * 1024;
const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

const GRANT = `version: "1"
principal: { kind: agent, id: "agent:bot" }
purpose: treatment
access: [{ server: ehr, policy: p }]
issued: 2026-01-01
expires: 2026-06-01
`;
const grant = (name: string, change: [string, string], ...findings: string[]): void => {
  if (!GRANT.includes(change[0])) throw new Error(`no such text in the grant: ${change[0]}`);
  file(name, "grants/g.yaml", GRANT.replace(...change), ...findings);
};
const server = (name: string, text: string, ...findings: string[]): void =>
  file(name, "servers/s.yaml", `version: "1"\nid: s\n${text}`, ...findings);
const suite = (name: string, text: string, ...findings: string[]): void =>
  file(name, "tests/t.test.yaml", `version: "1"\nsuite: s\n${text}`, ...findings);
const project = (name: string, text: string, ...findings: string[]): void =>
  file(name, "phiward.yaml", `version: "1"\n${text}`, ...findings);
const ZERO = `sha256:${"0".repeat(64)}`;
const lock = (name: string, tools: object[], ...findings: string[]): void =>
  file(
    name,
    "servers/s.lock.json",
    JSON.stringify({ version: "1", server: "s", tools }),
    ...findings,
  );

// ------------------------------------------------------------------ keys

policy("a key twice in a block mapping", "default: allow\n");
policy("a key twice, in quotes the second time", 'tools:\n  a: {}\n  "a": {}\n');
policy("a key twice, escaped the second time", 'tools:\n  a: {}\n  "\\x61": {}\n');
policy("a key twice in a flow mapping", "tools: { a: {}, a: {} }\n");
policy("a key twice, deep in a test's arguments", "");
json("a key twice in JSON", '{"version":"1","default":"deny","default":"allow"}');
json("a key twice in JSON, escaped", '{"version":"1","default":"deny","def\\u0061ult":"allow"}');
json(
  "two keys three times",
  '{"version":"1","default":"deny","tools":{"a":{},"b":{},"a":{},"b":{},"a":{}}}',
);
policy("an unknown key with a near miss", "tool: {}\n");
policy("an unknown key with no near miss", "zzzzzzzz: 1\n");
policy("an unknown key deep inside", "tools:\n  a:\n    requires: []\n");
policy(
  "an unknown key in a condition",
  "tools:\n  a:\n    require:\n      - { path: args.a, op: eq, value: 1, values: 2 }\n",
);
policy("a key of another case", "Tools: {}\n");
policy("a number as a key", "tools: { 1: {} }\n");
policy("null as a key", "tools: { ~: {} }\n");
policy("true as a key", "tools: { true: {} }\n");
policy("a list as a key", "tools: { [a]: {} }\n");
policy("a mapping as a key", "tools:\n  ? { a: b }\n  : {}\n");
policy("an empty key", "tools: { '': {} }\n");
policy("a key of 257 characters", `tools: { ${"k".repeat(257)}: {} }\n`);
policy("a key of 2000 characters", `tools:\n  ${"k".repeat(2000)}: {}\n`);
policy("a key of 2000 characters in quotes", `tools:\n  "${"k".repeat(2000)}": {}\n`);
policy("an explicit key of 2000 characters", `tools:\n  ? ${"k".repeat(2000)}\n  : {}\n`);
json(
  "a key of a hundred thousand characters",
  `{"version":"1","default":"deny","${"k".repeat(100_000)}":1}`,
);
policy("a merge key", "tools:\n  a: &a { args: [x] }\n  b:\n    <<: *a\n");
policy("a merge key as a tool", "tools: { <<: { a: {} } }\n");

// ------------------------------------------------------------------ prototypes

policy("__proto__ as a tool", "tools: { __proto__: {} }\n");
policy("__proto__ as a tool, in quotes and escaped", 'tools: { "\\x5f_proto__": {} }\n');
policy("__proto__ as a tool, through an alias", "description: &k __proto__\ntools:\n  *k : {}\n");
policy("__proto__ at the top", "__proto__: { default: allow }\n");
policy("__proto__ as a method", "methods: { __proto__: {} }\n");
json("__proto__ as a tool in JSON", '{"version":"1","default":"deny","tools":{"__proto__":{}}}');
json(
  "__proto__ as a tool in JSON, escaped",
  '{"version":"1","default":"deny","tools":{"__prot\\u006f__":{}}}',
);
json("__proto__ at the top in JSON", '{"__proto__":{"version":"1","default":"deny"}}');
condition("__proto__ in a path", "path: args.__proto__.x, op: eq, value: 1");
condition("__proto__ in a path, in quotes", "path: 'args[\"__proto__\"]', op: eq, value: 1");
condition("__proto__ in a path, escaped", "path: 'args.a[\"\\u005f_proto__\"]', op: eq, value: 1");
condition("__proto__ as a grant's attribute", "path: args.a, op: eq, value_from: grant.__proto__");
suite(
  "__proto__ in the arguments of a test",
  "cases:\n  - name: n\n    call: { policy: p, tool: t, args: { a: { __proto__: 1 } } }\n    expect: deny\n",
);
file(
  "__proto__ in the arguments of a test in JSON",
  "tests/t.test.json",
  '{"version":"1","suite":"s","cases":[{"name":"n","call":{"policy":"p","tool":"t","args":{"__proto__":1}},"expect":"deny"}]}',
);
file("__proto__ as an attribute", "grants/g.yaml", `${GRANT}attributes: { __proto__: x }\n`);
server("__proto__ as a labelled tool", "tools: { __proto__: { effect: read } }\n");
lock("__proto__ as a pinned tool", [{ name: "__proto__", inputSchema: {}, digest: ZERO }]);
file(
  "__proto__ in a pinned schema",
  "servers/s.lock.json",
  `{"version":"1","server":"s","tools":[{"name":"t","inputSchema":{"properties":{"__proto__":{}}},"digest":"${ZERO}"}]}`,
);

// ------------------------------------------------------------------ types

file("a list as the document", "policies/p.yaml", "- version: 1\n");
file("a text as the document", "policies/p.yaml", "version\n");
file("a number as the document", "policies/p.json", "1");
file("null as the document", "policies/p.json", "null");
file("an empty mapping", "policies/p.yaml", "{}\n");
file("a version that is a number", "policies/p.yaml", "version: 1\ndefault: deny\n");
file("a version of the future", "policies/p.yaml", 'version: "2"\ndefault: deny\n');
file("a default that is a slip", "policies/p.yaml", 'version: "1"\ndefault: denny\n');
file("a default that is a boolean", "policies/p.yaml", 'version: "1"\ndefault: true\n');
file(
  "a default of 500 characters",
  "policies/p.yaml",
  `version: "1"\ndefault: ${"x".repeat(500)}\n`,
);
policy("tools as a list", "tools: [a, b]\n");
policy("a tool without a mapping", "tools:\n  a:\n  b: {}\n");
policy("hide with a number", "hide: [a, 1]\n");
policy("hide with a name twice", "hide: [a, b, a]\n");
policy("hide as a text", "hide: a\n");
policy("args with a name twice", "tools: { a: { args: [x, y, x] } }\n");
policy("args as a mapping", "tools: { a: { args: { x: true } } }\n");
policy("args under all_tools", "all_tools: { args: [x] }\n");
policy("require as a mapping", "tools: { a: { require: { path: args.a, op: eq, value: 1 } } }\n");
policy("an entry that is a text", "tools: { a: { require: [args.a] } }\n");
policy("an entry of nothing", "tools: { a: { require: [{}] } }\n");
policy("an entry with a name only", "tools: { a: { require: [{ name: n }] } }\n");
policy("an empty any_of", "tools: { a: { require: [{ any_of: [] }] } }\n");
policy("an empty group in any_of", "tools: { a: { require: [{ any_of: [[]] }] } }\n");
policy("an empty list of conditions", "tools: { a: { deny_if: [{ conditions: [] }] } }\n");
policy(
  "conditions without the inner list",
  "tools: { a: { require: [{ any_of: [{ path: args.a, op: exists, value: true }] }] } }\n",
);
const CONDITION = "{ path: args.a, op: exists, value: true }";
policy(
  "conditions and any_of together",
  `tools: { a: { require: [{ conditions: [${CONDITION}], any_of: [[${CONDITION}]] }] } }\n`,
);
policy(
  "conditions and a path together",
  `tools: { a: { require: [{ conditions: [${CONDITION}], path: args.b, op: eq, value: 1 }] } }\n`,
);
// `not` beside `conditions` reads as if it negated them all.
policy(
  "not beside conditions",
  `tools: { a: { require: [{ conditions: [${CONDITION}], not: true }] } }\n`,
);
policy(
  "not beside any_of",
  `tools: { a: { deny_if: [{ any_of: [[${CONDITION}]], not: true }] } }\n`,
);
policy(
  "a value beside conditions",
  `tools: { a: { require: [{ conditions: [${CONDITION}], value: 1 }] } }\n`,
);
policy(
  "a quantifier beside any_of",
  `tools: { a: { require: [{ any_of: [[${CONDITION}]], quantifier: all }] } }\n`,
);
policy(
  "a value_from beside conditions",
  `tools: { a: { require: [{ conditions: [${CONDITION}], value_from: grant.x }] } }\n`,
);

// ------------------------------------------------------------------ conditions

condition("an operator with a slip", "path: args.a, op: equals, value: 1");
condition("an operator of another case", "path: args.a, op: EQ, value: 1");
condition("no operator", "path: args.a, value: 1");
condition("no path", "op: eq, value: 1");
condition("neither value nor value_from", "path: args.a, op: eq");
condition("value and value_from", "path: args.a, op: eq, value: 1, value_from: grant.x");
condition("null as a value", "path: args.a, op: eq, value: null");
condition("an object as a value", "path: args.a, op: eq, value: { a: 1 }");
condition("a list for eq", "path: args.a, op: eq, value: [1]");
condition("a scalar for in", "path: args.a, op: in, value: 1");
condition("an empty list for in", "path: args.a, op: in, value: []");
condition("a list in a list", "path: args.a, op: in, value: [[1]]");
condition("null in a list", "path: args.a, op: in, value: [a, null]");
condition("a text for lt", "path: args.a, op: lt, value: '5'");
condition("a number for starts_with", "path: args.a, op: starts_with, value: 5");
condition("a fraction for length_lt", "path: args.a, op: length_lt, value: 1.5");
condition("a negative count", "path: args.a, op: count_gt, value: -1");
condition("a text for exists", "path: args.a, op: exists, value: 'true'");
condition("an unknown type", "path: args.a, op: type, value: text");
condition("not as a text", "path: args.a, op: eq, value: 1, not: 'yes'");
condition(
  "a quantifier of the wrong name",
  "path: 'args.a[*]', quantifier: some, op: eq, value: 1",
);
condition("[*] without a quantifier", "path: 'args.a[*]', op: eq, value: 1");
condition("a quantifier without [*]", "path: args.a, quantifier: all, op: eq, value: 1");
condition(
  "a quantifier without [*] on a long path",
  `path: args.${"x".repeat(500)}, quantifier: all, op: eq, value: 1`,
);
condition("two [*]", "path: 'args.a[*].b[*]', quantifier: any, op: eq, value: 1");
condition("[*] on the arguments themselves", "path: 'args[*]', quantifier: any, op: eq, value: 1");
condition("the arguments themselves", "path: args, op: exists, value: true");
condition("an index on the arguments", "path: 'args[0]', op: eq, value: 1");
condition("an unknown root", "path: arguments.a, op: eq, value: 1");
condition("no root", "path: patient_id, op: eq, value: 1");
condition("an empty path", "path: '', op: eq, value: 1");
condition("a root and a dot", "path: args., op: eq, value: 1");
condition("two dots", "path: args..a, op: eq, value: 1");
condition("a negative index", "path: 'args.a[-1]', op: eq, value: 1");
condition("an index with a leading zero", "path: 'args.a[01]', op: eq, value: 1");
condition("an index of twenty digits", "path: 'args.a[12345678901234567890]', op: eq, value: 1");
condition("an open bracket", "path: 'args.a[', op: eq, value: 1");
condition("an empty bracket", "path: 'args.a[]', op: eq, value: 1");
condition("a name in single quotes", "path: \"args['a']\", op: eq, value: 1");
condition("an empty name in quotes", "path: 'args[\"\"]', op: eq, value: 1");
condition("an unknown escape in quotes", "path: 'args[\"\\q\"]', op: eq, value: 1");
condition("white space in a path", "path: 'args. a', op: eq, value: 1");
condition("white space after a path", "path: 'args.a ', op: eq, value: 1");
condition("a wildcard in a path", "path: 'args.a.*.b[*]', op: eq, value: 1");
condition("a slice in a path", "path: 'args.a[0:1]', op: eq, value: 1");
condition("a path of 1001 characters", `path: args.${"x".repeat(996)}, op: eq, value: 1`);
condition("a step below a grant's attribute", "path: grant.a.b, op: eq, value: 1");
condition(
  "a step below a long grant's attribute",
  `path: grant.${"x".repeat(500)}.b, op: eq, value: 1`,
);
condition("an unknown part of the principal", "path: grant.principal.name, op: eq, value: a");
condition("the whole principal", "path: grant.principal, op: exists, value: true");
condition("a step below the purpose", "path: grant.purpose.a, op: eq, value: a");
condition("value_from an argument", "path: args.a, op: eq, value_from: args.b");
condition("value_from an element", "path: args.a, op: eq, value_from: 'grant.clinics[0]'");
condition("value_from every element", "path: args.a, op: eq, value_from: 'grant.clinics[*]'");
condition(
  "value_from an element of a long attribute",
  `path: args.a, op: eq, value_from: 'grant.${"x".repeat(500)}[0]'`,
);
condition("value_from that is a number", "path: args.a, op: eq, value_from: 5");
condition("an expression from the grant", "path: args.a, op: regex, value_from: grant.x");
condition("exists from the grant", "path: args.a, op: exists, value_from: grant.x");
condition("a type from the grant", "path: args.a, op: type, value_from: grant.x");
policy(
  "several problems at once",
  "tools:\n  a:\n    require:\n      - { path: x.a, op: regex, value: '(' }\n      - { path: args.a, op: in, value: [] }\n    deny_if:\n      - any_of: [[{ path: 'args.a[*]', op: eq, value: 1 }]]\n",
);

// ------------------------------------------------------------------ expressions

const regex = (name: string, pattern: string, ...findings: string[]): void =>
  condition(name, `path: args.a, op: regex, value: '${pattern}'`, ...findings);
regex("a look-ahead", "(?=a)");
regex("a look-behind", "(?<!a)b");
regex("a back-reference", "(a)\\1");
regex("a named back-reference", "(?P<n>a)\\k<n>");
regex("an atomic group", "(?>a+)");
regex("a possessive quantifier", "a++");
regex("a repetition of 1001", "a{1001}");
regex("nested repetitions", "((a{100}){100}){100}");
regex("repetitions beside each other", "a{900}".repeat(6));
regex("an expression of 4097 characters", "a".repeat(4097));
regex("two thousand groups in each other", `${"(".repeat(2000)}a${")".repeat(2000)}`);
regex("repetitions of repetitions", "(?:(?:a{0,30}){0,30}b){1,5}".repeat(6));
condition("a number as an expression", "path: args.a, op: matches, value: 5");

// ------------------------------------------------------------------ limits

const LIMIT = "counter: c, window: hour, max: 5";
const limit = (name: string, text: string, ...findings: string[]): void =>
  policy(name, `tools: { a: { limits: [ { ${text} } ] } }\n`, ...findings);
limit("a limit without a window", "counter: c, max: 5");
limit("a window of a week", "counter: c, window: week, max: 5");
limit("a max of a fraction", "counter: c, window: hour, max: 1.5");
limit("a negative max", "counter: c, window: hour, max: -1");
limit("a max beyond what is safe", "counter: c, window: hour, max: 9007199254740992");
limit("an unknown scope", `${LIMIT}, scope: tenant`);
limit("increment_from and distinct", `${LIMIT}, increment_from: args.n, distinct: subject`);
limit("increment_from every element", `${LIMIT}, increment_from: 'args.n[*]'`);
limit("increment_from the grant", `${LIMIT}, increment_from: grant.n`);
limit("distinct of something else", `${LIMIT}, distinct: patient`);
policy(
  "a limit twice",
  `tools:\n  a:\n    limits:\n      - { ${LIMIT} }\n      - { ${LIMIT.replace("5", "9")} }\n`,
);
policy(
  "a limit twice, once with the scope that is meant anyway",
  `all_tools:\n  limits:\n    - { ${LIMIT}, scope: grant }\n    - { ${LIMIT} }\n`,
);

// ------------------------------------------------------------------ methods

policy("tools/call as a method", "methods: { tools/call: {} }\n");
policy("tools/list as a method", "methods: { tools/list: {} }\n");
policy("initialize as a method", "methods: { initialize: {} }\n");
policy("ping as a method", "methods: { ping: {} }\n");

// ------------------------------------------------------------------ numbers

const number = (name: string, text: string, ...findings: string[]): void =>
  condition(name, `path: args.a, op: eq, value: ${text}`, ...findings);
number("a number beyond 2^53", "9007199254740993");
number("a number beyond every double", "1e999");
number("a number below every double", "1e-999");
number("infinity", ".inf");
number("minus infinity", "-.INF");
number("not a number", ".nan");
number("a decimal of twenty digits", "0.10000000000000000001");
number("a hexadecimal number beyond 2^53", "0x20000000000001");
number("an octal number beyond 2^53", "0o400000000000000001");
json("a number beyond 2^53 in JSON", '{"version":"1","default":"deny","x":9007199254740993}');
json("a number beyond every double in JSON", '{"version":"1","default":"deny","x":1e999}');
add("a decimal with a megabyte of zeros", () => ({
  "policies/p.yaml": `version: 0.1${"0".repeat(MEBIBYTE - 100)}1\n`,
}));
add("a decimal with a megabyte of zeros in JSON", () => ({
  "policies/p.json": `{"version":0.1${"0".repeat(MEBIBYTE - 100)}1}`,
}));
add("an exponent of a hundred thousand digits", () => ({
  "policies/p.json": `{"version":1e-${"9".repeat(100_000)}}`,
}));

// ------------------------------------------------------------------ JSON

json("a comment in JSON", '{\n  // why\n  "version": "1"\n}');
json("a trailing comma in JSON", '{"version": "1", "default": "deny",}');
json("a trailing comma in a list", '{"hide": ["a",]}');
json("a missing comma", '{"version": "1" "default": "deny"}');
json("a missing colon", '{"version" "1"}');
json("single quotes in JSON", "{'version': '1'}");
json("a key without quotes", '{version: "1"}');
json("NaN in JSON", '{"version": NaN}');
json("Infinity in JSON", '{"version": -Infinity}');
json("a leading zero", '{"version": 01}');
json("a leading plus", '{"version": +1}');
json("a number without a fraction", '{"version": 1.}');
json("a number without an integer", '{"version": .5}');
json("a hexadecimal number in JSON", '{"version": 0x1}');
json("a word in JSON", '{"version": True}');
json("a line break in a string", '{"version": "1\n"}');
json("a tab in a string", '{"version": "\t"}');
json("an unknown escape", '{"version": "\\x31"}');
json("a broken unicode escape", '{"version": "\\u12G4"}');
json("half of a surrogate pair", '{"description": "\\uD800"}');
json("the halves of a surrogate pair in the wrong order", '{"description": "\\uDE00\\uD83D"}');
json("half of a surrogate pair in a key", '{"\\uDC00": 1}');
json("an unclosed string", '{"version": "1');
json("an unclosed object", '{"version": "1"');
json("two documents in JSON", '{"version":"1","default":"deny"}{}');
json("an empty JSON file", "");
json("JSON in square nesting", `{"a":${"[".repeat(100)}${"]".repeat(100)}}`);
file("YAML in a JSON file", "policies/p.json", HEAD);

// ------------------------------------------------------------------ YAML

policy("a tab as indentation", "tools:\n\ta: {}\n");
policy("a tab after the spaces", "tools:\n  a:\n  \targs: []\n");
policy("an unclosed double quote", 'description: "abc\n');
policy("an unclosed single quote", "description: 'abc\n");
policy("an unclosed list", "hide: [a, b\n");
policy("an unclosed mapping", "tools: { a: {}\n");
policy("a bracket too many", "hide: [a]]\n");
policy("a wrong bracket", "hide: [a}\n");
policy("wrong indentation", "tools:\n    a: {}\n  b: {}\n");
policy("two colons in a line", "description: a: b\n");
policy("a text after a value", 'description: "a" b\n');
policy("a reserved sign", "description: @a\n");
policy("a backtick", "description: `a`\n");
policy("an unknown escape in double quotes", 'description: "\\d"\n');
policy("an escape beyond Unicode", 'description: "\\U00110000"\n');
policy("half of a surrogate pair in YAML", 'description: "\\uD800"\n');
policy("half of a surrogate pair in a YAML key", 'tools: { "\\uDC00": {} }\n');
policy("a custom tag", "description: !secret x\n");
policy("a custom tag on a mapping", "tools: !include { a: {} }\n");
policy("a tag for a JavaScript function", "description: !!js/function 'function () {}'\n");
policy("a tag for bytes", "description: !!binary aGk=\n");
policy("a tag for a set", "tools: !!set { a }\n");
policy("a tag that does not fit", "tools: !!str { a: {} }\n");
policy("a tag with a prefix of its own", "description: !e!x y\n");
file(
  "a tag directive",
  "policies/p.yaml",
  `%TAG ! tag:example.org,2026:\n---\n${HEAD}description: !x y\n`,
);
file("a directive for YAML 1.1", "policies/p.yaml", `%YAML 1.1\n---\n${HEAD}`);
file("a directive for YAML 2.0", "policies/p.yaml", `%YAML 2.0\n---\n${HEAD}`);
file("an unknown directive", "policies/p.yaml", `%FOO bar\n---\n${HEAD}`);
file("two documents", "policies/p.yaml", `${HEAD}---\n${HEAD}`);
file("two documents, the second empty", "policies/p.yaml", `${HEAD}---\n`);
file("a text after the end of the document", "policies/p.yaml", `${HEAD}...\ndefault: allow\n`);
file("an empty file", "policies/p.yaml", "");
file("white space only", "policies/p.yaml", "  \n\n");
file("comments only", "policies/p.yaml", "# a policy\n# with nothing in it\n");
file("a document's start only", "policies/p.yaml", "---\n");

// ------------------------------------------------------------------ aliases

policy("an alias without an anchor", "hide: [*nope]\n");
policy("an alias before its anchor", "hide: [*a]\ntools: { t: { args: &a [x] } }\n");
policy("an anchor that contains itself", "hide: &a [*a]\n");
policy("an anchor that contains itself from further down", "tools: &a { t: { args: [*a] } }\n");
policy(
  "an anchor of a long name that contains itself",
  `hide: &${"a".repeat(100)} [*${"a".repeat(100)}]\n`,
);
policy("two anchors on one value", "hide: &a &b [x]\n");
policy("an anchor on an alias", "hide: &a [x]\ntools: { t: { args: &b *a } }\n");
const laughs = (): string => {
  const names = [..."abcdefghij"];
  const lines = names.map(
    (name, i) =>
      `${name}: &${name} [${Array(9)
        .fill(i === 0 ? "lol" : `*${names[i - 1]}`)
        .join(", ")}]\n`,
  );
  return lines.join("");
};
add("a billion laughs", () => ({ "policies/p.yaml": laughs() }));
add("a quadratic blow-up", () => ({
  "policies/p.yaml": `${HEAD}a: &a [${"x, ".repeat(200)}x]\nb: [${"*a, ".repeat(99)}*a]\n`,
}));
add("aliases that nest what they name", () => ({
  "policies/p.yaml": `a0: &a0 [x]\n${Array.from({ length: 100 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]\n`).join("")}`,
}));
add("thirty thousand aliases", () => ({
  "policies/p.yaml": `${HEAD}description: &a x\nhide:\n${"- *a\n".repeat(200_000)}`,
}));
add("four thousand anchors", () => ({
  "policies/p.yaml": `${HEAD}hide:\n${Array.from({ length: 4000 }, (_, i) => `- &a${i} x${i}\n- *a${i}\n`).join("")}`,
}));

// ------------------------------------------------------------------ depth and size

policy("sixty-five lists in each other", `hide: ${"[".repeat(65)}${"]".repeat(65)}\n`);
policy(
  "sixty-five mappings in each other",
  Array.from({ length: 65 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
);
policy("sixty-five lists in each other in one line", `hide:\n  ${"- ".repeat(65)}a\n`);
policy(
  "lists and mappings in each other over many lines",
  Array.from({ length: 40 }, (_, i) => `${" ".repeat(i * 4)}a:\n${" ".repeat(i * 4 + 2)}-\n`).join(
    "",
  ),
);
add("a megabyte of opening brackets", () => ({ "policies/p.yaml": "[".repeat(MEBIBYTE) }));
add("a megabyte of opening brackets in JSON", () => ({ "policies/p.json": "[".repeat(MEBIBYTE) }));
add("a megabyte of opening braces", () => ({ "policies/p.yaml": "{a: ".repeat(MEBIBYTE / 4) }));
add("a megabyte of objects in JSON", () => ({ "policies/p.json": '{"a":'.repeat(200_000) }));
add("a megabyte of dashes", () => ({ "policies/p.yaml": "- ".repeat(MEBIBYTE / 2) }));
add("dashes over many lines", () => ({
  "policies/p.yaml": Array.from(
    { length: 63 },
    (_, i) => `${" ".repeat(i * 126)}${"- ".repeat(62)}a:\n`,
  ).join(""),
}));
add("a megabyte of question marks", () => ({ "policies/p.yaml": "? ".repeat(MEBIBYTE / 2) }));
add("a megabyte of closing brackets", () => ({ "policies/p.yaml": "]".repeat(MEBIBYTE) }));
add("closing brackets before opening ones", () => ({
  "policies/p.yaml": `${"]".repeat(100)}${"[".repeat(100)}`,
}));
add("a megabyte of commas", () => ({ "policies/p.yaml": `[${",".repeat(MEBIBYTE - 10)}]` }));
add("a megabyte of tags", () => ({ "policies/p.yaml": "!a ".repeat(MEBIBYTE / 3) }));
add("a megabyte of documents", () => ({ "policies/p.yaml": "---\n".repeat(MEBIBYTE / 4) }));
add("a megabyte of directives", () => ({ "policies/p.yaml": "%A\n".repeat(MEBIBYTE / 3) }));
add("a megabyte of empty lines", () => ({ "policies/p.yaml": "\n".repeat(MEBIBYTE / 2) }));
add("ninety thousand keys", () => ({
  "policies/p.yaml": `${HEAD}tools:\n${Array.from({ length: 80_000 }, (_, i) => `  t${i}: {}\n`).join("")}`,
}));
add("a hundred thousand names to hide in JSON", () => ({
  "policies/p.json": `{"version":"1","default":"deny","hide":[${Array.from({ length: 100_000 }, (_, i) => `"t${i}"`).join()}]}`,
}));
add("a long key over many values in JSON", () => ({
  "policies/p.json": `{"${"k".repeat(400_000)}":[${"1,".repeat(250_000)}1]}`,
}));
add("more problems than anyone reads", () => ({
  "policies/p.json": `{"version":"1","default":"deny","tools":{${Array.from({ length: 150 }, (_, i) => `"t${i}":1`).join()}}}`,
}));
add("more nodes than a policy may have", () => ({
  "policies/p.yaml": `${HEAD}hide:\n${Array.from({ length: 10_000 }, (_, i) => `- t${i}\n`).join("")}`,
}));
add("a file of one byte too many", () => ({
  "policies/p.yaml": `${HEAD}${"#".repeat(MEBIBYTE + 1 - HEAD.length)}`,
}));
rows.push({
  name: "a file of 50 MB, which is not even read",
  tree: () => ({
    label: "a fake tree",
    list: async () => [{ path: "policies/p.yaml", bytes: 50_000_000, link: false }],
    read: () => Promise.reject(new Error("it was read")),
  }),
  findings: [],
});
rows.push({
  name: "a file that is larger than its tree says",
  tree: () => ({
    label: "a lying tree",
    list: async () => [{ path: "policies/p.yaml", bytes: 10, link: false }],
    read: async () => Buffer.alloc(MEBIBYTE + 1, "#"),
  }),
  findings: [],
});

// ------------------------------------------------------------------ bytes

file("a byte that is no UTF-8 at the start", "policies/p.yaml", bytes([0xff], HEAD));
file("a byte that is no UTF-8 in the middle", "policies/p.yaml", bytes(HEAD, "# é", [0xe9], "\n"));
file("a byte that is no UTF-8 at the end", "policies/p.yaml", bytes(HEAD, [0x80]));
file("a sequence that is cut off at the end", "policies/p.yaml", bytes(HEAD, "# a", [0xe2, 0x82]));
file(
  "a sequence that is cut off in the middle",
  "policies/p.yaml",
  bytes(HEAD, "# a", [0xe2, 0x82], "b\n"),
);
file("an overlong slash", "policies/p.yaml", bytes(HEAD, "# ", [0xc0, 0xaf], "\n"));
file("a surrogate in UTF-8", "policies/p.yaml", bytes(HEAD, "# ", [0xed, 0xa0, 0x80], "\n"));
file(
  "a code point beyond Unicode",
  "policies/p.yaml",
  bytes(HEAD, "# ", [0xf4, 0x90, 0x80, 0x80], "\n"),
);
file("invalid UTF-8 in JSON", "policies/p.json", bytes('{"version": "', [0xff], '"}'));
file("UTF-16 with its mark", "policies/p.yaml", Buffer.from(`\uFEFF${HEAD}`, "utf16le"));
file("UTF-16 without a mark", "policies/p.yaml", Buffer.from("a: 1", "utf16le"));
file("a byte order mark in the middle", "policies/p.yaml", `${HEAD}# \uFEFF\n`);
file("two byte order marks at the start", "policies/p.yaml", `\uFEFF\uFEFF${HEAD}`);
file("an unknown key behind a byte order mark", "policies/p.yaml", `\uFEFFx: 1\n${HEAD}`);
file(
  "an unknown key behind a byte order mark in JSON",
  "policies/p.json",
  '\uFEFF{"x":1,"version":"1","default":"deny"}',
);
policy("a right-to-left override", "description: a\u202Eb\n");
policy("an isolate that hides a comment", "hide: [a] # \u2066 allowed\n");
policy("an Arabic letter mark", "description: a\u061Cb\n");
policy("a zero-width space in a tool's name", "tools: { get\u200B_patient: {} }\n");
policy("a zero-width joiner", "description: a\u200Db\n");
policy("a word joiner", "description: a\u2060b\n");
policy("a soft hyphen in a tool's name", "tools: { get\u00AD_patient: {} }\n");
policy("a Hangul filler, which looks like a space", "description: a\u3164b\n");
policy("text in tag characters", "description: a\u{E0041}\u{E0042}\n");
policy("a supplementary variation selector", "description: a\u{E0101}\n");
policy("a line separator", "description: a # \u2028default: allow\n");
policy("a next line", "description: a # \u0085default: allow\n");
policy("a carriage return alone, which some take for a line break", "# a\rdefault: allow\n");
policy("a null byte", "description: a\0b\n");
policy("a backspace", "description: allow\b\b\b\b\bdeny\n");
policy("an escape sequence of a terminal", "description: \u001B[2Ka\n");
policy("a delete character", "description: a\u007Fb\n");
json("a right-to-left override in JSON", '{"version":"1","default":"deny","description":"\u202E"}');
add("a megabyte of null bytes", () => ({ "policies/p.yaml": new Uint8Array(MEBIBYTE) }));
file(
  "a broken file with CRLF",
  "policies/p.yaml",
  `${HEAD}tools:\r\n  a:\r\n    args: x\r\n`.replace(/(?<!\r)\n/g, "\r\n"),
);
file(
  "broken JSON with CRLF",
  "policies/p.json",
  '{\r\n  "version": "1",\r\n  "default": no\r\n}\r\n',
);
policy(
  "an unknown key after characters outside the basic plane",
  "description: 😀\nhide: [😀, 😀]\n",
);

// ------------------------------------------------------------------ where files stand

file("a policy with the ending .yml", "policies/p.yml", HEAD);
file("a policy with the ending .YAML", "policies/p.YAML", HEAD);
file("a policy with no ending", "policies/p", HEAD);
file("a policy in a nested folder", "policies/a/p.yaml", HEAD);
file("a policy with a space in its name", "policies/a p.yaml", HEAD);
file("a policy with a name in Cyrillic", "policies/\u0440.yaml", HEAD);
file("a policy called __proto__", "policies/__proto__.yaml", HEAD);
file("a policy with a name of 129 characters", `policies/${"p".repeat(129)}.yaml`, HEAD);
file("a policy with nothing before its ending", "policies/.yaml", HEAD);
file("a lock in YAML", "servers/s.lock.yaml", HEAD);
file("a test that is not run", "tests/t.yaml", HEAD);
file("a test with the ending .yml", "tests/a/t.test.yml", HEAD);
add("two policies of one name", () => ({
  "policies/p.json": '{"version":"1","default":"deny"}',
  "policies/p.yaml": HEAD,
}));
add("two settings files", () => ({
  "phiward.json": '{"version":"1"}',
  "phiward.yaml": 'version: "1"\n',
}));
add("two grants of one name", () => ({
  "grants/g.json": JSON.stringify(
    JSON.parse(
      '{"version":"1","principal":{"kind":"agent","id":"x"},"purpose":"treatment","access":[{"server":"ehr","policy":"p"}],"issued":"2026-01-01","expires":"2026-02-01"}',
    ),
  ),
  "grants/g.yaml": GRANT,
}));
const link = (name: string, path: string, ...findings: string[]): void => {
  rows.push({
    name,
    tree: () => ({
      label: "a tree with a link",
      list: async () => [{ path, bytes: 10, link: true }],
      read: () => Promise.reject(new Error("it was followed")),
    }),
    findings,
  });
};
link("a link to a policy", "policies/p.yaml");
link("a link to the settings", "phiward.yaml");
link("a link to fixtures", "fixtures/f.jsonl");
link("a folder that is a link", "policies");
file("a file where a folder should be", "grants", "x");

// ------------------------------------------------------------------ grants

grant("a day that does not exist", ["2026-01-01", "2026-02-29"]);
grant("a month that does not exist", ["2026-06-01", "2026-13-01"]);
grant("a day of another form", ["2026-01-01", "1.1.2026"]);
grant("a time where a day should be", ["2026-01-01", "2026-01-01T00:00:00Z"]);
grant("a grant of 367 days", ["2026-06-01", "2027-01-03"]);
grant("a grant that expires before it is issued", ["2026-06-01", "2025-06-01"]);
grant("a grant that expires on the day it is issued", ["2026-06-01", "2026-01-01"]);
grant("a grant without an end", ["expires: 2026-06-01\n", ""]);
grant("a grant of another id", ['version: "1"', 'version: "1"\nid: h']);
grant("a grant with no access", ["[{ server: ehr, policy: p }]", "[]"]);
grant("an access without a policy", [", policy: p", ""]);
grant("an access that is an audit too", ["policy: p", "policy: p, audit: read"]);
grant("one server twice", ["policy: p }", "policy: p }, { server: ehr, policy: q }"]);
grant("a server's id in capitals", ["server: ehr", "server: EHR"]);
grant("a purpose that is none", ["treatment", "curiosity"]);
grant("a principal without an id", [', id: "agent:bot"', ""]);
grant("an attribute called purpose", ["issued", "attributes: { purpose: x }\nissued"]);
grant("an attribute that is a mapping", ["issued", "attributes: { a: { b: 1 } }\nissued"]);
grant("an attribute with a list in a list", ["issued", "attributes: { a: [[b]] }\nissued"]);
grant("an attribute that is null", ["issued", "attributes: { a: null }\nissued"]);
grant("an attribute with an empty name", ["issued", "attributes: { '': x }\nissued"]);
grant("a break-glass grant without an opener", [
  "issued",
  "breakGlass: { openers: [], max: 4h }\nissued",
]);
grant("a break-glass grant whose opener is an agent", [
  "issued",
  "breakGlass: { openers: ['agent:x'], max: 4h }\nissued",
]);
grant("a break-glass grant for days", [
  "issued",
  "breakGlass: { openers: ['person:x'], max: 4d }\nissued",
]);
grant("a token in a grant", ["issued", "token: secret\nissued"]);
add("one principal under two grants", () => ({ "grants/g.yaml": GRANT, "grants/h.yaml": GRANT }));
add("one subject under two grants", () => {
  const oidc = "authentication: { oidc: { issuer: 'https://idp.example.org', subject: s } }\n";
  return {
    "grants/g.yaml": GRANT + oidc,
    "grants/h.yaml": GRANT.replace("agent:bot", "agent:b") + oidc,
  };
});

// ------------------------------------------------------------------ servers and locks

file("a server of another id", "servers/s.yaml", 'version: "1"\nid: t\n');
file("a server's id with an underscore", "servers/s.yaml", 'version: "1"\nid: a_b\n');
server("an effect that is none", "tools: { a: { effect: delete } }\n");
server("ephi as a text", "tools: { a: { ephi: 'no' } }\n");
server("an effect by nothing", "tools: { a: { effect: { cases: { GET: read } } } }\n");
server("an effect with no case", "tools: { a: { effect: { by: args.m, cases: {} } } }\n");
server(
  "an effect by a path of the grant",
  "tools: { a: { effect: { by: grant.m, cases: { GET: read } } } }\n",
);
server(
  "an effect with a case that is none",
  "tools: { a: { effect: { by: args.m, cases: { GET: reads } } } }\n",
);
server("a subject that is no path", "tools: { a: { subject: patient_id } }\n");
server("no subject", "tools: { a: { subject: [] } }\n");
server("one subject of two that is no path", "tools: { a: { subject: [args.a, b] } }\n");
server(
  "a transport of both kinds",
  "transport: { type: http, url: 'https://ehr.example.org', command: [x] }\n",
);
server("a transport with no command", "transport: { type: stdio }\n");
server(
  "a vendor without an agreement's status",
  "vendor: { name: n, baa: { signed: 2026-01-01 } }\n",
);
server(
  "an agreement signed on a day that does not exist",
  "vendor: { name: n, baa: { status: signed, signed: 2026-02-30 } }\n",
);
lock("a digest that is not the tool's", [{ name: "t", inputSchema: {}, digest: ZERO }]);
lock("a digest of another form", [{ name: "t", inputSchema: {}, digest: "md5:0" }]);
lock("a tool without a schema", [{ name: "t", digest: ZERO }]);
lock("a tool with a name of 200 characters and a wrong digest", [
  { name: "t".repeat(200), inputSchema: {}, digest: ZERO },
]);
file("a lock of another server", "servers/s.lock.json", '{"version":"1","server":"t","tools":[]}');
add("a tool that is pinned twice", () => {
  const tool = '{"name":"t","inputSchema":{},"digest":"DIGEST"}';
  return { "servers/s.lock.json": `{"version":"1","server":"s","tools":[\n${tool},\n${tool}]}` };
});

// ------------------------------------------------------------------ tests and settings

suite("a suite with neither cases nor a matrix", "");
suite("a case without an expectation", "cases: [{ name: n, call: { tool: t } }]\n");
suite(
  "a case that is a call and a sequence",
  "cases: [{ name: n, call: { tool: t }, sequence: { call: { tool: t } }, expect: deny }]\n",
);
suite("an expectation that is none", "cases: [{ name: n, call: { tool: t }, expect: denied }]\n");
suite("an empty expectation", "cases: [{ name: n, call: { tool: t }, expect: {} }]\n");
suite(
  "arguments that are a list",
  "cases: [{ name: n, call: { tool: t, args: [] }, expect: deny }]\n",
);
suite("a time without a zone", "now: 2026-10-01T12:00:00\ncases: []\n");
suite(
  "a call repeated a million times",
  "cases: [{ name: n, sequence: { repeat: 1000000, call: { tool: t } }, expect: deny }]\n",
);
suite(
  "a skip without an end",
  "cases: [{ name: n, call: { tool: t }, expect: deny, skip: { reason: r } }]\n",
);
project("a bundle's name in capitals", "bundle: { name: Bundle }\n");
project(
  "an approver that is a team and a person",
  "gate: { approvers: [{ team: a, login: b }] }\n",
);
project("a coverage beyond the whole", "gate: { coverage: { rules: 101 } }\n");
project("a suppression without an end", "suppress: [{ rule: r, reason: why }]\n");
project("no approver in no time", "gate: { approvers: [{ team: a, count: 0 }] }\n");

export const HOSTILE: readonly Hostile[] = rows;
