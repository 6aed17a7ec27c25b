/**
 * Files that are broken or made to break: what each is, and all that is said about it.
 *
 * A finding is written as `file:line:column rule piece of the message`. The list of a row is whole:
 * a finding that it does not name is a failure too.
 */

import type { Tree } from "../../engine/host/tree.ts";
import { digestOf } from "../../engine/json/value.ts";
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

policy(
  "a key twice in a block mapping",
  "default: allow\n",
  "policies/p.yaml:3:1 invalid-syntax a key stands twice in one mapping",
);
policy(
  "a key twice, in quotes the second time",
  'tools:\n  a: {}\n  "a": {}\n',
  "policies/p.yaml:5:3 invalid-syntax a key stands twice in one mapping",
);
policy(
  "a key twice, escaped the second time",
  'tools:\n  a: {}\n  "\\x61": {}\n',
  "policies/p.yaml:5:3 invalid-syntax a key stands twice in one mapping",
);
policy(
  "a key twice in a flow mapping",
  "tools: { a: {}, a: {} }\n",
  "policies/p.yaml:3:17 invalid-syntax a key stands twice in one mapping",
);
json(
  "a key twice in JSON",
  '{"version":"1","default":"deny","default":"allow"}',
  "policies/p.json:1:33 invalid-syntax a key stands twice in one object",
);
json(
  "a key twice in JSON, escaped",
  '{"version":"1","default":"deny","def\\u0061ult":"allow"}',
  "policies/p.json:1:33 invalid-syntax a key stands twice in one object",
);
json(
  "two keys three times",
  '{"version":"1","default":"deny","tools":{"a":{},"b":{},"a":{},"b":{},"a":{}}}',
  "policies/p.json:1:56 invalid-syntax a key stands twice in one object",
  "policies/p.json:1:63 invalid-syntax a key stands twice in one object",
  "policies/p.json:1:70 invalid-syntax a key stands twice in one object",
);
policy(
  "an unknown key with a near miss",
  "tool: {}\n",
  "policies/p.yaml:3:1 invalid-shape unknown key `tool`",
);
policy(
  "an unknown key with no near miss",
  "zzzzzzzz: 1\n",
  "policies/p.yaml:3:1 invalid-shape unknown key `zzzzzzzz`",
);
policy(
  "an unknown key deep inside",
  "tools:\n  a:\n    requires: []\n",
  "policies/p.yaml:5:5 invalid-shape unknown key `requires` in `a`",
);
policy(
  "an unknown key in a condition",
  "tools:\n  a:\n    require:\n      - { path: args.a, op: eq, value: 1, values: 2 }\n",
  "policies/p.yaml:6:43 invalid-shape unknown key `values` in item 0 of `require`",
);
policy(
  "a key of another case",
  "Tools: {}\n",
  "policies/p.yaml:3:1 invalid-shape unknown key `Tools`",
);
policy(
  "a list as a key",
  "tools: { [a]: {} }\n",
  "policies/p.yaml:3:10 invalid-syntax a key that is not text",
);
policy(
  "a mapping as a key",
  "tools:\n  ? { a: b }\n  : {}\n",
  "policies/p.yaml:4:5 invalid-syntax a key that is not text",
);
policy("an empty key", "tools: { '': {} }\n", "policies/p.yaml:3:10 invalid-shape a name is empty");
policy(
  "a key of 257 characters",
  `tools: { ${"k".repeat(257)}: {} }\n`,
  "policies/p.yaml:3:10 invalid-shape a name is longer than 256 characters",
);
policy(
  "a key of 2000 characters",
  `tools:\n  ${"k".repeat(2000)}: {}\n`,
  "policies/p.yaml:4:3 invalid-syntax the : indicator must be at most 1024 chars after",
);
policy(
  "a key of 2000 characters in quotes",
  `tools:\n  "${"k".repeat(2000)}": {}\n`,
  "policies/p.yaml:4:3 invalid-syntax the : indicator must be at most 1024 chars after",
);
policy(
  "an explicit key of 2000 characters",
  `tools:\n  ? ${"k".repeat(2000)}\n  : {}\n`,
  "policies/p.yaml:4:5 invalid-shape a name is longer than 256 characters",
);
json(
  "a key of a hundred thousand characters",
  `{"version":"1","default":"deny","${"k".repeat(100_000)}":1}`,
  "policies/p.json:1:33 invalid-shape unknown key",
);
policy(
  "a merge key",
  "tools:\n  a: &a { args: [x] }\n  b:\n    <<: *a\n",
  "policies/p.yaml:6:5 invalid-shape unknown key `<<` in `b`",
);
policy(
  "a merge key as a tool",
  "tools: { <<: { a: {} } }\n",
  "policies/p.yaml:3:16 invalid-shape unknown key `a` in `<<`",
);

// ------------------------------------------------------------------ prototypes

policy(
  "__proto__ as a tool",
  "tools: { __proto__: {} }\n",
  "policies/p.yaml:3:10 invalid-value `__proto__` cannot be a key",
);
policy(
  "__proto__ as a tool, in quotes and escaped",
  'tools: { "\\x5f_proto__": {} }\n',
  "policies/p.yaml:3:10 invalid-value `__proto__` cannot be a key",
);
policy(
  "__proto__ as a tool, through an alias",
  "description: &k __proto__\ntools:\n  *k : {}\n",
  "policies/p.yaml:5:3 invalid-syntax a key that is not text",
);
policy(
  "__proto__ at the top",
  "__proto__: { default: allow }\n",
  "policies/p.yaml:3:1 invalid-value `__proto__` cannot be a key",
);
policy(
  "__proto__ as a method",
  "methods: { __proto__: {} }\n",
  "policies/p.yaml:3:12 invalid-value `__proto__` cannot be a key",
);
json(
  "__proto__ as a tool in JSON",
  '{"version":"1","default":"deny","tools":{"__proto__":{}}}',
  "policies/p.json:1:42 invalid-value `__proto__` cannot be a key",
);
json(
  "__proto__ as a tool in JSON, escaped",
  '{"version":"1","default":"deny","tools":{"__prot\\u006f__":{}}}',
  "policies/p.json:1:42 invalid-value `__proto__` cannot be a key",
);
json(
  "__proto__ at the top in JSON",
  '{"__proto__":{"version":"1","default":"deny"}}',
  "policies/p.json:1:2 invalid-value `__proto__` cannot be a key",
);
condition(
  "__proto__ in a path",
  "path: args.__proto__.x, op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path `__proto__` cannot be a step",
);
condition(
  "__proto__ in a path, in quotes",
  "path: 'args[\"__proto__\"]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path `__proto__` cannot be a step",
);
condition(
  "__proto__ in a path, escaped",
  "path: 'args.a[\"\\u005f_proto__\"]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path `__proto__` cannot be a step",
);
condition(
  "__proto__ as a grant's attribute",
  "path: args.a, op: eq, value_from: grant.__proto__",
  "policies/p.yaml:3:62 invalid-path `__proto__` cannot be a step",
);
suite(
  "a key twice in the arguments of a test",
  "cases:\n  - name: n\n    call: { policy: p, tool: t, args: { a: { b: 1, b: 2 } } }\n    expect: deny\n",
  "tests/t.test.yaml:5:52 invalid-syntax a key stands twice in one mapping",
);
suite(
  "__proto__ in the arguments of a test",
  "cases:\n  - name: n\n    call: { policy: p, tool: t, args: { a: { __proto__: 1 } } }\n    expect: deny\n",
  "tests/t.test.yaml:5:46 invalid-value `__proto__` cannot be a key",
);
file(
  "__proto__ in the arguments of a test in JSON",
  "tests/t.test.json",
  '{"version":"1","suite":"s","cases":[{"name":"n","call":{"policy":"p","tool":"t","args":{"__proto__":1}},"expect":"deny"}]}',
  "tests/t.test.json:1:89 invalid-value `__proto__` cannot be a key",
);
file(
  "__proto__ as an attribute",
  "grants/g.yaml",
  `${GRANT}attributes: { __proto__: x }\n`,
  "grants/g.yaml:7:15 invalid-value `__proto__` cannot be a key",
);
server(
  "__proto__ as a labelled tool",
  "tools: { __proto__: { effect: read } }\n",
  "servers/s.yaml:3:10 invalid-value `__proto__` cannot be a key",
);
lock(
  "__proto__ as a pinned tool",
  [{ name: "__proto__", inputSchema: {}, digest: ZERO }],
  "servers/s.lock.json:1:46 invalid-value `__proto__` cannot be the name of a tool",
  "servers/s.lock.json:1:84 invalid-value the digest of `__proto__` does not belong to its",
);
file(
  "__proto__ in a pinned schema",
  "servers/s.lock.json",
  `{"version":"1","server":"s","tools":[{"name":"t","inputSchema":{"properties":{"__proto__":{}}},"digest":"${ZERO}"}]}`,
  "servers/s.lock.json:1:79 invalid-value `__proto__` cannot be a key",
);

// ------------------------------------------------------------------ types

file(
  "a list as the document",
  "policies/p.yaml",
  "- version: 1\n",
  "policies/p.yaml:1:1 invalid-shape the document must be a mapping, not a list",
);
file(
  "a text as the document",
  "policies/p.yaml",
  "version\n",
  "policies/p.yaml:1:1 invalid-shape the document must be a mapping, not a string",
);
file(
  "a number as the document",
  "policies/p.json",
  "1",
  "policies/p.json:1:1 invalid-shape the document must be a mapping, not a number",
);
file(
  "null as the document",
  "policies/p.json",
  "null",
  "policies/p.json:1:1 invalid-shape the document must be a mapping, not null",
);
file(
  "an empty mapping",
  "policies/p.yaml",
  "{}\n",
  "policies/p.yaml:1:1 invalid-shape `default` is missing",
  "policies/p.yaml:1:1 invalid-shape `version` is missing",
);
file(
  "a version that is a number",
  "policies/p.yaml",
  "version: 1\ndefault: deny\n",
  'policies/p.yaml:1:10 invalid-shape `version` must be "1"',
);
file(
  "a version of the future",
  "policies/p.yaml",
  'version: "2"\ndefault: deny\n',
  'policies/p.yaml:1:10 invalid-shape `version` must be "1"',
);
file(
  "a default that is a slip",
  "policies/p.yaml",
  'version: "1"\ndefault: denny\n',
  "policies/p.yaml:2:10 invalid-shape `default` cannot be `denny`",
);
file(
  "a default that is a boolean",
  "policies/p.yaml",
  'version: "1"\ndefault: true\n',
  "policies/p.yaml:2:10 invalid-shape `default` has a value that it cannot have",
);
file(
  "a default of 500 characters",
  "policies/p.yaml",
  `version: "1"\ndefault: ${"x".repeat(500)}\n`,
  "policies/p.yaml:2:10 invalid-shape `default` has a value that it cannot have",
);
policy(
  "tools as a list",
  "tools: [a, b]\n",
  "policies/p.yaml:3:8 invalid-shape `tools` must be a mapping, not a list",
);
policy(
  "a tool without a mapping",
  "tools:\n  a:\n  b: {}\n",
  "policies/p.yaml:4:5 invalid-shape `a` must be a mapping, not null",
);
policy(
  "hide with a number",
  "hide: [a, 1]\n",
  "policies/p.yaml:3:11 invalid-shape item 1 of `hide` must be a string, not a number",
);
policy(
  "hide with a name twice",
  "hide: [a, b, a]\n",
  "policies/p.yaml:3:14 invalid-shape `hide` lists something twice",
);
policy(
  "hide as a text",
  "hide: a\n",
  "policies/p.yaml:3:7 invalid-shape `hide` is not of the right form",
);
policy(
  "args with a name twice",
  "tools: { a: { args: [x, y, x] } }\n",
  "policies/p.yaml:3:28 invalid-shape `args` lists something twice",
);
policy(
  "args as a mapping",
  "tools: { a: { args: { x: true } } }\n",
  "policies/p.yaml:3:21 invalid-shape `args` must be a list, not a mapping",
);
policy(
  "args under all_tools",
  "all_tools: { args: [x] }\n",
  "policies/p.yaml:3:14 invalid-shape unknown key `args` in `all_tools`",
);
policy(
  "require as a mapping",
  "tools: { a: { require: { path: args.a, op: eq, value: 1 } } }\n",
  "policies/p.yaml:3:24 invalid-shape `require` must be a list, not a mapping",
);
policy(
  "an entry that is a text",
  "tools: { a: { require: [args.a] } }\n",
  "policies/p.yaml:3:25 invalid-shape item 0 of `require` is not of the right form",
  "policies/p.yaml:3:25 invalid-shape item 0 of `require` must be a mapping, not a",
);
policy(
  "an entry of nothing",
  "tools: { a: { require: [{}] } }\n",
  "policies/p.yaml:3:25 invalid-shape item 0 of `require` is not of the right form",
);
policy(
  "an entry with a name only",
  "tools: { a: { require: [{ name: n }] } }\n",
  "policies/p.yaml:3:25 invalid-shape item 0 of `require` is not of the right form",
);
policy(
  "an empty any_of",
  "tools: { a: { require: [{ any_of: [] }] } }\n",
  "policies/p.yaml:3:35 invalid-shape `any_of` is empty",
);
policy(
  "an empty group in any_of",
  "tools: { a: { require: [{ any_of: [[]] }] } }\n",
  "policies/p.yaml:3:36 invalid-shape item 0 of `any_of` is empty",
);
policy(
  "an empty list of conditions",
  "tools: { a: { deny_if: [{ conditions: [] }] } }\n",
  "policies/p.yaml:3:39 invalid-shape `conditions` is empty",
);
policy(
  "conditions without the inner list",
  "tools: { a: { require: [{ any_of: [{ path: args.a, op: exists, value: true }] }] } }\n",
  "policies/p.yaml:3:36 invalid-shape item 0 of `any_of` must be a list, not a mapping",
);
const CONDITION = "{ path: args.a, op: exists, value: true }";
policy(
  "conditions and any_of together",
  `tools: { a: { require: [{ conditions: [${CONDITION}], any_of: [[${CONDITION}]] }] } }\n`,
  "policies/p.yaml:3:25 invalid-shape item 0 of `require` is not of the right form",
);
policy(
  "conditions and a path together",
  `tools: { a: { require: [{ conditions: [${CONDITION}], path: args.b, op: eq, value: 1 }] } }\n`,
  "policies/p.yaml:3:25 invalid-shape item 0 of `require` is not of the right form",
);
// `not` beside `conditions` reads as if it negated them all.
policy(
  "not beside conditions",
  `tools: { a: { require: [{ conditions: [${CONDITION}], not: true }] } }\n`,
  "policies/p.yaml:3:25 invalid-shape item 0 of `require` is not of the right form",
);
policy(
  "not beside any_of",
  `tools: { a: { deny_if: [{ any_of: [[${CONDITION}]], not: true }] } }\n`,
  "policies/p.yaml:3:25 invalid-shape item 0 of `deny_if` is not of the right form",
);
policy(
  "a value beside conditions",
  `tools: { a: { require: [{ conditions: [${CONDITION}], value: 1 }] } }\n`,
  "policies/p.yaml:3:25 invalid-shape item 0 of `require` is not of the right form",
);
policy(
  "a quantifier beside any_of",
  `tools: { a: { require: [{ any_of: [[${CONDITION}]], quantifier: all }] } }\n`,
  "policies/p.yaml:3:25 invalid-shape item 0 of `require` is not of the right form",
);
policy(
  "a value_from beside conditions",
  `tools: { a: { require: [{ conditions: [${CONDITION}], value_from: grant.x }] } }\n`,
  "policies/p.yaml:3:25 invalid-shape item 0 of `require` is not of the right form",
);

// ------------------------------------------------------------------ conditions

condition(
  "an operator with a slip",
  "path: args.a, op: equals, value: 1",
  "policies/p.yaml:3:46 invalid-shape `op` cannot be `equals`",
);
condition(
  "an operator of another case",
  "path: args.a, op: EQ, value: 1",
  "policies/p.yaml:3:46 invalid-shape `op` cannot be `EQ`",
);
condition(
  "no operator",
  "path: args.a, value: 1",
  "policies/p.yaml:3:26 invalid-shape item 0 of `require` is not of the right form",
);
condition(
  "no path",
  "op: eq, value: 1",
  "policies/p.yaml:3:26 invalid-shape item 0 of `require` is not of the right form",
);
condition(
  "neither value nor value_from",
  "path: args.a, op: eq",
  "policies/p.yaml:3:26 invalid-value `eq` needs a `value`",
);
condition(
  "value and value_from",
  "path: args.a, op: eq, value: 1, value_from: grant.x",
  "policies/p.yaml:3:26 invalid-value `value` and `value_from` exclude each other",
);
condition(
  "null as a value",
  "path: args.a, op: eq, value: null",
  "policies/p.yaml:3:57 invalid-shape `value` must be a string or number or boolean or",
);
condition(
  "an object as a value",
  "path: args.a, op: eq, value: { a: 1 }",
  "policies/p.yaml:3:57 invalid-shape `value` must be a string or number or boolean or",
);
condition(
  "a list for eq",
  "path: args.a, op: eq, value: [1]",
  "policies/p.yaml:3:57 invalid-value `eq` takes a text, a number, true or false",
);
condition(
  "a scalar for in",
  "path: args.a, op: in, value: 1",
  "policies/p.yaml:3:57 invalid-value `in` takes a list of texts, numbers, true or",
);
condition(
  "an empty list for in",
  "path: args.a, op: in, value: []",
  "policies/p.yaml:3:57 invalid-value `in` takes a list of texts, numbers, true or",
);
condition(
  "a list in a list",
  "path: args.a, op: in, value: [[1]]",
  "policies/p.yaml:3:58 invalid-shape item 0 of `value` must be a string or number or",
);
condition(
  "null in a list",
  "path: args.a, op: in, value: [a, null]",
  "policies/p.yaml:3:61 invalid-shape item 1 of `value` must be a string or number or",
);
condition(
  "a text for lt",
  "path: args.a, op: lt, value: '5'",
  "policies/p.yaml:3:57 invalid-value `lt` takes a number",
);
condition(
  "a number for starts_with",
  "path: args.a, op: starts_with, value: 5",
  "policies/p.yaml:3:66 invalid-value `starts_with` takes a text",
);
condition(
  "a fraction for length_lt",
  "path: args.a, op: length_lt, value: 1.5",
  "policies/p.yaml:3:64 invalid-value `length_lt` takes a whole number of 0 or more",
);
condition(
  "a negative count",
  "path: args.a, op: count_gt, value: -1",
  "policies/p.yaml:3:63 invalid-value `count_gt` takes a whole number of 0 or more",
);
condition(
  "a text for exists",
  "path: args.a, op: exists, value: 'true'",
  "policies/p.yaml:3:61 invalid-value `exists` takes true or false",
);
condition(
  "an unknown type",
  "path: args.a, op: type, value: text",
  "policies/p.yaml:3:59 invalid-value `type` takes one of string, number, integer,",
);
// A schema's `not` says little when it fails, and a property may be called so too.
condition(
  "not as a text",
  "path: args.a, op: eq, value: 1, not: 'yes'",
  "policies/p.yaml:3:65 invalid-shape `not` must be a boolean, not a string",
);
policy(
  "not as a number, in conditions",
  "tools: { a: { require: [ { conditions: [ { path: args.a, op: eq, value: 1, not: 1 } ] } ] } }\n",
  "policies/p.yaml:3:81 invalid-shape `not` must be a boolean, not a number",
);
condition(
  "a quantifier of the wrong name",
  "path: 'args.a[*]', quantifier: some, op: eq, value: 1",
  "policies/p.yaml:3:59 invalid-shape `quantifier` cannot be `some`",
);
condition(
  "[*] without a quantifier",
  "path: 'args.a[*]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a path with `[*]` needs a quantifier",
);
condition(
  "a quantifier without [*]",
  "path: args.a, quantifier: all, op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a quantifier needs `[*]` in the path",
);
condition(
  "a quantifier without [*] on a long path",
  `path: args.${"x".repeat(500)}, quantifier: all, op: eq, value: 1`,
  "policies/p.yaml:3:34 invalid-path a quantifier needs `[*]` in the path",
);
condition(
  "two [*]",
  "path: 'args.a[*].b[*]', quantifier: any, op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path `[*]` stands twice in one path",
);
condition(
  "[*] on the arguments themselves",
  "path: 'args[*]', quantifier: any, op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path `args` is an object, not a list",
);
condition(
  "the arguments themselves",
  "path: args, op: exists, value: true",
  "policies/p.yaml:3:34 invalid-path a name is expected after `args`",
);
condition(
  "an index on the arguments",
  "path: 'args[0]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path `args` is an object, not a list",
);
condition(
  "an unknown root",
  "path: arguments.a, op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a path starts with `args` or `grant`",
);
condition(
  "no root",
  "path: patient_id, op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a path starts with `args` or `grant`",
);
condition(
  "an empty path",
  "path: '', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-shape `path` is empty",
);
condition(
  "a root and a dot",
  "path: args., op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a name is expected after the dot (character 6 of",
);
condition(
  "two dots",
  "path: args..a, op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a name is expected after the dot (character 6 of",
);
condition(
  "a negative index",
  "path: 'args.a[-1]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path an index cannot be negative (character 7 of the",
);
condition(
  "an index with a leading zero",
  "path: 'args.a[01]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a step is expected here (character 7 of the path)",
);
condition(
  "an index of twenty digits",
  "path: 'args.a[12345678901234567890]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a step is expected here (character 7 of the path)",
);
condition(
  "an open bracket",
  "path: 'args.a[', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a step is expected here (character 7 of the path)",
);
condition(
  "an empty bracket",
  "path: 'args.a[]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a step is expected here (character 7 of the path)",
);
condition(
  "a name in single quotes",
  "path: \"args['a']\", op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a step is expected here (character 5 of the path)",
);
condition(
  "an empty name in quotes",
  "path: 'args[\"\"]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path the name in quotes is not a JSON string",
);
condition(
  "an unknown escape in quotes",
  "path: 'args[\"\\q\"]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path the name in quotes is not a JSON string",
);
condition(
  "white space in a path",
  "path: 'args. a', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a name is expected after the dot (character 6 of",
);
condition(
  "white space after a path",
  "path: 'args.a ', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a step is expected here (character 7 of the path)",
);
condition(
  "a wildcard in a path",
  "path: 'args.a.*.b[*]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a path with `[*]` needs a quantifier",
);
condition(
  "a slice in a path",
  "path: 'args.a[0:1]', op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a step is expected here (character 7 of the path)",
);
condition(
  "a path of 1001 characters",
  `path: args.${"x".repeat(996)}, op: eq, value: 1`,
  "policies/p.yaml:3:34 invalid-shape `path` is longer than 1000 characters",
);
condition(
  "a step below a grant's attribute",
  "path: grant.a.b, op: eq, value: 1",
  "policies/p.yaml:3:34 invalid-path a grant's attribute is a scalar or a list of",
);
condition(
  "a step below a long grant's attribute",
  `path: grant.${"x".repeat(500)}.b, op: eq, value: 1`,
  "policies/p.yaml:3:34 invalid-path a grant's attribute is a scalar or a list of",
);
condition(
  "an unknown part of the principal",
  "path: grant.principal.name, op: eq, value: a",
  "policies/p.yaml:3:34 invalid-path a principal has `kind`, `id` and `responsible`",
);
condition(
  "the whole principal",
  "path: grant.principal, op: exists, value: true",
  "policies/p.yaml:3:34 invalid-path a principal has `kind`, `id` and `responsible`",
);
condition(
  "a step below the purpose",
  "path: grant.purpose.a, op: eq, value: a",
  "policies/p.yaml:3:34 invalid-path a grant's attribute is a scalar or a list of",
);
condition(
  "value_from an argument",
  "path: args.a, op: eq, value_from: args.b",
  "policies/p.yaml:3:62 invalid-path the path starts with `grant` here",
);
condition(
  "value_from an element",
  "path: args.a, op: eq, value_from: 'grant.clinics[0]'",
  "policies/p.yaml:3:62 invalid-path `value_from` names a whole attribute",
);
condition(
  "value_from every element",
  "path: args.a, op: eq, value_from: 'grant.clinics[*]'",
  "policies/p.yaml:3:62 invalid-path `value_from` names a whole attribute",
);
condition(
  "value_from an element of a long attribute",
  `path: args.a, op: eq, value_from: 'grant.${"x".repeat(500)}[0]'`,
  "policies/p.yaml:3:62 invalid-path `value_from` names a whole attribute",
);
condition(
  "value_from that is a number",
  "path: args.a, op: eq, value_from: 5",
  "policies/p.yaml:3:62 invalid-shape `value_from` must be a string, not a number",
);
condition(
  "an expression from the grant",
  "path: args.a, op: regex, value_from: grant.x",
  "policies/p.yaml:3:65 invalid-value `regex` cannot take its value from the grant",
);
condition(
  "exists from the grant",
  "path: args.a, op: exists, value_from: grant.x",
  "policies/p.yaml:3:66 invalid-value `exists` cannot take its value from the grant",
);
condition(
  "a type from the grant",
  "path: args.a, op: type, value_from: grant.x",
  "policies/p.yaml:3:64 invalid-value `type` cannot take its value from the grant",
);
policy(
  "several problems at once",
  "tools:\n  a:\n    require:\n      - { path: x.a, op: regex, value: '(' }\n      - { path: args.a, op: in, value: [] }\n    deny_if:\n      - any_of: [[{ path: 'args.a[*]', op: eq, value: 1 }]]\n",
  "policies/p.yaml:6:17 invalid-path a path starts with `args` or `grant`",
  "policies/p.yaml:6:40 invalid-regex not an RE2 expression: missing closing )",
  "policies/p.yaml:7:40 invalid-value `in` takes a list of texts, numbers, true or",
  "policies/p.yaml:9:27 invalid-path a path with `[*]` needs a quantifier",
);

// ------------------------------------------------------------------ expressions

const regex = (name: string, pattern: string, ...findings: string[]): void =>
  condition(name, `path: args.a, op: regex, value: '${pattern}'`, ...findings);
regex(
  "a look-ahead",
  "(?=a)",
  "policies/p.yaml:3:60 invalid-regex not an RE2 expression: invalid or unsupported",
);
regex(
  "a look-behind",
  "(?<!a)b",
  "policies/p.yaml:3:60 invalid-regex not an RE2 expression: invalid named capture",
);
regex(
  "a back-reference",
  "(a)\\1",
  "policies/p.yaml:3:60 invalid-regex not an RE2 expression: invalid escape sequence",
);
regex(
  "a named back-reference",
  "(?P<n>a)\\k<n>",
  "policies/p.yaml:3:60 invalid-regex not an RE2 expression: invalid escape sequence",
);
regex(
  "an atomic group",
  "(?>a+)",
  "policies/p.yaml:3:60 invalid-regex not an RE2 expression: invalid or unsupported",
);
regex(
  "a possessive quantifier",
  "a++",
  "policies/p.yaml:3:60 invalid-regex not an RE2 expression: invalid nested repetition",
);
regex(
  "a repetition of 1001",
  "a{1001}",
  "policies/p.yaml:3:60 invalid-regex not an RE2 expression: invalid repeat count",
);
regex(
  "nested repetitions",
  "((a{100}){100}){100}",
  "policies/p.yaml:3:60 invalid-regex not an RE2 expression: invalid repeat count",
);
regex(
  "repetitions beside each other",
  "a{900}".repeat(6),
  "policies/p.yaml:3:60 invalid-regex the expression needs more than 5000 states",
);
regex(
  "an expression of 4097 characters",
  "a".repeat(4097),
  "policies/p.yaml:3:60 invalid-regex the expression is longer than 4096 characters",
);
regex(
  "two thousand groups in each other",
  `${"(".repeat(2000)}a${")".repeat(2000)}`,
  "policies/p.yaml:3:60 invalid-regex not an RE2 expression: expression nests too deeply",
);
regex(
  "repetitions of repetitions",
  "(?:(?:a{0,30}){0,30}b){1,5}".repeat(6),
  "policies/p.yaml:3:60 invalid-regex not an RE2 expression: invalid repeat count",
);
condition(
  "a number as an expression",
  "path: args.a, op: matches, value: 5",
  "policies/p.yaml:3:62 invalid-value `matches` takes an RE2 expression as text",
);

// ------------------------------------------------------------------ limits

const LIMIT = "counter: c, window: hour, max: 5";
const limit = (name: string, text: string, ...findings: string[]): void =>
  policy(name, `tools: { a: { limits: [ { ${text} } ] } }\n`, ...findings);
limit(
  "a limit without a window",
  "counter: c, max: 5",
  "policies/p.yaml:3:25 invalid-shape `window` is missing in item 0 of `limits`",
);
limit(
  "a window of a week",
  "counter: c, window: week, max: 5",
  "policies/p.yaml:3:47 invalid-shape `window` cannot be `week`",
);
limit(
  "a max of a fraction",
  "counter: c, window: hour, max: 1.5",
  "policies/p.yaml:3:58 invalid-shape `max` must be an integer, not a number",
);
limit(
  "a negative max",
  "counter: c, window: hour, max: -1",
  "policies/p.yaml:3:58 invalid-shape `max` is less than 0",
);
limit(
  "a max beyond what is safe",
  "counter: c, window: hour, max: 9007199254740992",
  "policies/p.yaml:3:58 invalid-shape `max` is more than 9007199254740991",
);
limit(
  "an unknown scope",
  `${LIMIT}, scope: tenant`,
  "policies/p.yaml:3:68 invalid-shape `scope` cannot be `tenant`",
);
limit(
  "increment_from and distinct",
  `${LIMIT}, increment_from: args.n, distinct: subject`,
  "policies/p.yaml:3:25 invalid-value `increment_from` and `distinct` exclude each other",
);
limit(
  "increment_from every element",
  `${LIMIT}, increment_from: 'args.n[*]'`,
  "policies/p.yaml:3:77 invalid-path `increment_from` names one number",
);
limit(
  "increment_from the grant",
  `${LIMIT}, increment_from: grant.n`,
  "policies/p.yaml:3:77 invalid-path the path starts with `args` here",
);
limit(
  "distinct of something else",
  `${LIMIT}, distinct: patient`,
  'policies/p.yaml:3:71 invalid-shape `distinct` must be "subject"',
);
policy(
  "a limit twice",
  `tools:\n  a:\n    limits:\n      - { ${LIMIT} }\n      - { ${LIMIT.replace("5", "9")} }\n`,
  "policies/p.yaml:7:9 duplicate two limits have the same counter, window and scope",
);
policy(
  "a limit twice, once with the scope that is meant anyway",
  `all_tools:\n  limits:\n    - { ${LIMIT}, scope: grant }\n    - { ${LIMIT} }\n`,
  "policies/p.yaml:6:7 duplicate two limits have the same counter, window and scope",
);

// ------------------------------------------------------------------ methods

policy(
  "tools/call as a method",
  "methods: { tools/call: {} }\n",
  "policies/p.yaml:3:12 invalid-value `tools/call` cannot be a method entry",
);
policy(
  "tools/list as a method",
  "methods: { tools/list: {} }\n",
  "policies/p.yaml:3:12 invalid-value `tools/list` cannot be a method entry",
);
policy(
  "initialize as a method",
  "methods: { initialize: {} }\n",
  "policies/p.yaml:3:12 invalid-value `initialize` cannot be a method entry",
);
policy(
  "ping as a method",
  "methods: { ping: {} }\n",
  "policies/p.yaml:3:12 invalid-value `ping` cannot be a method entry",
);

// ------------------------------------------------------------------ numbers

const number = (name: string, text: string, ...findings: string[]): void =>
  condition(name, `path: args.a, op: eq, value: ${text}`, ...findings);
number(
  "a number beyond 2^53",
  "9007199254740993",
  "policies/p.yaml:3:57 invalid-value a number that does not survive being read",
);
number(
  "a number beyond every double",
  "1e999",
  "policies/p.yaml:3:57 invalid-value a number that does not survive being read",
);
number(
  "a number below every double",
  "1e-999",
  "policies/p.yaml:3:57 invalid-value a number that does not survive being read",
);
number(
  "infinity",
  ".inf",
  "policies/p.yaml:3:57 invalid-value a number that does not survive being read",
);
number(
  "minus infinity",
  "-.INF",
  "policies/p.yaml:3:57 invalid-value a number that does not survive being read",
);
number(
  "not a number",
  ".nan",
  "policies/p.yaml:3:57 invalid-value a number that does not survive being read",
);
number(
  "a decimal of twenty digits",
  "0.10000000000000000001",
  "policies/p.yaml:3:57 invalid-value a number that does not survive being read",
);
number(
  "a hexadecimal number beyond 2^53",
  "0x20000000000001",
  "policies/p.yaml:3:57 invalid-value a number that does not survive being read",
);
number(
  "an octal number beyond 2^53",
  "0o400000000000000001",
  "policies/p.yaml:3:57 invalid-value a number that does not survive being read",
);
json(
  "a number beyond 2^53 in JSON",
  '{"version":"1","default":"deny","x":9007199254740993}',
  "policies/p.json:1:37 invalid-value a number that does not survive being read",
);
json(
  "a number beyond every double in JSON",
  '{"version":"1","default":"deny","x":1e999}',
  "policies/p.json:1:37 invalid-value a number that does not survive being read",
);
add(
  "a decimal with a megabyte of zeros",
  () => ({
    "policies/p.yaml": `version: 0.1${"0".repeat(MEBIBYTE - 100)}1\n`,
  }),
  "policies/p.yaml:1:10 invalid-value a number that does not survive being read",
);
add(
  "a decimal with a megabyte of zeros in JSON",
  () => ({
    "policies/p.json": `{"version":0.1${"0".repeat(MEBIBYTE - 100)}1}`,
  }),
  "policies/p.json:1:12 invalid-value a number that does not survive being read",
);
add(
  "an exponent of a hundred thousand digits",
  () => ({
    "policies/p.json": `{"version":1e-${"9".repeat(100_000)}}`,
  }),
  "policies/p.json:1:12 invalid-value a number that does not survive being read",
);

// ------------------------------------------------------------------ JSON

json(
  "a comment in JSON",
  '{\n  // why\n  "version": "1"\n}',
  "policies/p.json:2:3 invalid-syntax a key in double quotes is expected here",
);
json(
  "a trailing comma in JSON",
  '{"version": "1", "default": "deny",}',
  "policies/p.json:1:36 invalid-syntax a key in double quotes is expected here",
);
json(
  "a trailing comma in a list",
  '{"hide": ["a",]}',
  "policies/p.json:1:15 invalid-syntax a JSON value is expected here",
);
json(
  "a missing comma",
  '{"version": "1" "default": "deny"}',
  "policies/p.json:1:17 invalid-syntax `,` or `}` is expected here",
);
json(
  "a missing colon",
  '{"version" "1"}',
  "policies/p.json:1:12 invalid-syntax `:` is expected here",
);
json(
  "single quotes in JSON",
  "{'version': '1'}",
  "policies/p.json:1:2 invalid-syntax a key in double quotes is expected here",
);
json(
  "a key without quotes",
  '{version: "1"}',
  "policies/p.json:1:2 invalid-syntax a key in double quotes is expected here",
);
json(
  "NaN in JSON",
  '{"version": NaN}',
  "policies/p.json:1:13 invalid-syntax a JSON value is expected here",
);
json(
  "Infinity in JSON",
  '{"version": -Infinity}',
  "policies/p.json:1:13 invalid-syntax a broken number",
);
json("a leading zero", '{"version": 01}', "policies/p.json:1:13 invalid-syntax a broken number");
json(
  "a leading plus",
  '{"version": +1}',
  "policies/p.json:1:13 invalid-syntax a JSON value is expected here",
);
json(
  "a number without a fraction",
  '{"version": 1.}',
  "policies/p.json:1:13 invalid-syntax a broken number",
);
json(
  "a number without an integer",
  '{"version": .5}',
  "policies/p.json:1:13 invalid-syntax a JSON value is expected here",
);
json(
  "a hexadecimal number in JSON",
  '{"version": 0x1}',
  "policies/p.json:1:14 invalid-syntax `,` or `}` is expected here",
);
json(
  "a word in JSON",
  '{"version": True}',
  "policies/p.json:1:13 invalid-syntax a JSON value is expected here",
);
json(
  "a line break in a string",
  '{"version": "1\n"}',
  "policies/p.json:1:15 invalid-syntax a control character inside a string",
);
json(
  "a tab in a string",
  '{"version": "\t"}',
  "policies/p.json:1:14 invalid-syntax a control character inside a string",
);
json(
  "an unknown escape",
  '{"version": "\\x31"}',
  "policies/p.json:1:14 invalid-syntax an unknown escape",
);
json(
  "a broken unicode escape",
  '{"version": "\\u12G4"}',
  "policies/p.json:1:14 invalid-syntax a broken \\u escape",
);
json(
  "half of a surrogate pair",
  '{"description": "\\uD800"}',
  "policies/p.json:1:17 invalid-syntax half of a surrogate pair",
);
json(
  "the halves of a surrogate pair in the wrong order",
  '{"description": "\\uDE00\\uD83D"}',
  "policies/p.json:1:17 invalid-syntax half of a surrogate pair",
);
json(
  "half of a surrogate pair in a key",
  '{"\\uDC00": 1}',
  "policies/p.json:1:2 invalid-syntax half of a surrogate pair",
);
json(
  "an unclosed string",
  '{"version": "1',
  "policies/p.json:1:13 invalid-syntax a string is not closed",
);
json(
  "an unclosed object",
  '{"version": "1"',
  "policies/p.json:1:16 invalid-syntax `,` or `}` is expected here",
);
json(
  "two documents in JSON",
  '{"version":"1","default":"deny"}{}',
  "policies/p.json:1:33 invalid-syntax text after the end of the JSON document",
);
json(
  "an empty JSON file",
  "",
  "policies/p.json:1:1 invalid-syntax the JSON document ends too early",
);
json(
  "JSON in square nesting",
  `{"a":${"[".repeat(100)}${"]".repeat(100)}}`,
  "policies/p.json:1:69 invalid-syntax nested deeper than 64 levels",
);
file(
  "YAML in a JSON file",
  "policies/p.json",
  HEAD,
  "policies/p.json:1:1 invalid-syntax a JSON value is expected here",
);

// ------------------------------------------------------------------ YAML

policy(
  "a tab as indentation",
  "tools:\n\ta: {}\n",
  "policies/p.yaml:4:1 invalid-syntax a tab as indentation",
);
policy(
  "a tab after the spaces",
  "tools:\n  a:\n  \targs: []\n",
  "policies/p.yaml:5:3 invalid-syntax a tab as indentation",
);
policy(
  "an unclosed double quote",
  'description: "abc\n',
  "policies/p.yaml:4:1 invalid-syntax a text in quotes is not closed",
);
policy(
  "an unclosed single quote",
  "description: 'abc\n",
  "policies/p.yaml:4:1 invalid-syntax a text in quotes is not closed",
);
policy(
  "an unclosed list",
  "hide: [a, b\n",
  "policies/p.yaml:4:1 invalid-syntax flow sequence in block collection must be",
);
policy(
  "an unclosed mapping",
  "tools: { a: {}\n",
  "policies/p.yaml:4:1 invalid-syntax flow map in block collection must be sufficiently",
);
policy(
  "a bracket too many",
  "hide: [a]]\n",
  "policies/p.yaml:3:10 invalid-syntax unexpected flow-seq-end token in YAML stream",
);
policy(
  "a wrong bracket",
  "hide: [a}\n",
  "policies/p.yaml:3:9 invalid-syntax flow sequence in block collection must be",
);
policy(
  "wrong indentation",
  "tools:\n    a: {}\n  b: {}\n",
  "policies/p.yaml:5:1 invalid-syntax all mapping items must start at the same column",
);
policy(
  "two colons in a line",
  "description: a: b\n",
  "policies/p.yaml:3:14 invalid-syntax nested mappings are not allowed in compact",
);
policy(
  "a text after a value",
  'description: "a" b\n',
  "policies/p.yaml:3:18 invalid-syntax unexpected scalar at node end",
);
policy(
  "a reserved sign",
  "description: @a\n",
  "policies/p.yaml:3:14 invalid-syntax plain value cannot start with reserved character @",
);
policy(
  "a backtick",
  "description: `a`\n",
  "policies/p.yaml:3:14 invalid-syntax plain value cannot start with reserved character `",
);
policy(
  "an unknown escape in double quotes",
  'description: "\\d"\n',
  "policies/p.yaml:3:15 invalid-syntax an unknown escape in double quotes",
);
policy(
  "an escape beyond Unicode",
  'description: "\\U00110000"\n',
  "policies/p.yaml:3:15 invalid-syntax an unknown escape in double quotes",
);
policy(
  "half of a surrogate pair in YAML",
  'description: "\\uD800"\n',
  "policies/p.yaml:3:14 invalid-syntax half of a surrogate pair",
);
policy(
  "half of a surrogate pair in a YAML key",
  'tools: { "\\uDC00": {} }\n',
  "policies/p.yaml:3:10 invalid-syntax half of a surrogate pair",
);
policy(
  "a custom tag",
  "description: !secret x\n",
  "policies/p.yaml:3:14 invalid-syntax a tag that the format does not know",
);
policy(
  "a custom tag on a mapping",
  "tools: !include { a: {} }\n",
  "policies/p.yaml:3:8 invalid-syntax a tag that the format does not know",
);
policy(
  "a tag for a JavaScript function",
  "description: !!js/function 'function () {}'\n",
  "policies/p.yaml:3:14 invalid-syntax a tag that the format does not know",
);
policy(
  "a tag for bytes",
  "description: !!binary aGk=\n",
  "policies/p.yaml:3:14 invalid-syntax a tag that the format does not know",
);
policy(
  "a tag for a time",
  "description: !!timestamp 2026-01-01\n",
  "policies/p.yaml:3:14 invalid-syntax a tag that the format does not know",
);
// These two would make a Set and a Map, which look like mappings without a key: no rule would be seen.
policy(
  "a tag for a set",
  "tools: !!set { a }\n",
  "policies/p.yaml:3:8 invalid-syntax a tag that the format does not know",
);
policy(
  "a tag for an ordered mapping",
  "all_tools: !!omap [deny_if: []]\n",
  "policies/p.yaml:3:12 invalid-syntax a tag that the format does not know",
);
policy(
  "a tag that does not fit",
  "tools: !!str { a: {} }\n",
  "policies/p.yaml:3:8 invalid-syntax a tag that the format does not know",
);
policy(
  "a tag with a prefix of its own",
  "description: !e!x y\n",
  "policies/p.yaml:3:14 invalid-syntax a tag that the format does not know",
);
file(
  "a tag directive",
  "policies/p.yaml",
  `%TAG ! tag:example.org,2026:\n---\n${HEAD}description: !x y\n`,
  "policies/p.yaml:5:14 invalid-syntax a tag that the format does not know",
);
file(
  "a directive for YAML 1.1",
  "policies/p.yaml",
  `%YAML 1.1\n---\n${HEAD}`,
  "policies/p.yaml:1:1 invalid-syntax the file says that it is YAML 1.1",
);
file(
  "a directive for YAML 2.0",
  "policies/p.yaml",
  `%YAML 2.0\n---\n${HEAD}`,
  "policies/p.yaml:1:7 invalid-syntax a directive that cannot be used",
);
file(
  "an unknown directive",
  "policies/p.yaml",
  `%FOO bar\n---\n${HEAD}`,
  "policies/p.yaml:1:1 invalid-syntax a directive that cannot be used",
);
file(
  "two documents",
  "policies/p.yaml",
  `${HEAD}---\n${HEAD}`,
  "policies/p.yaml:3:1 invalid-syntax more than one document in the file",
);
file(
  "two documents, the second empty",
  "policies/p.yaml",
  `${HEAD}---\n`,
  "policies/p.yaml:3:1 invalid-syntax more than one document in the file",
);
file(
  "a text after the end of the document",
  "policies/p.yaml",
  `${HEAD}...\ndefault: allow\n`,
  "policies/p.yaml:4:1 invalid-syntax more than one document in the file",
);
file(
  "an empty file",
  "policies/p.yaml",
  "",
  "policies/p.yaml:1:1 invalid-syntax the file is empty",
);
file(
  "white space only",
  "policies/p.yaml",
  "  \n\n",
  "policies/p.yaml:1:1 invalid-syntax the file is empty",
);
file(
  "comments only",
  "policies/p.yaml",
  "# a policy\n# with nothing in it\n",
  "policies/p.yaml:1:1 invalid-syntax the file is empty",
);
file(
  "a document's start only",
  "policies/p.yaml",
  "---\n",
  "policies/p.yaml:1:4 invalid-syntax the file is empty",
);

// ------------------------------------------------------------------ aliases

policy(
  "an alias without an anchor",
  "hide: [*nope]\n",
  "policies/p.yaml:3:8 invalid-syntax an alias without an anchor before it",
);
policy(
  "an alias before its anchor",
  "hide: [*a]\ntools: { t: { args: &a [x] } }\n",
  "policies/p.yaml:3:8 invalid-syntax an alias without an anchor before it",
);
policy(
  "an anchor that contains itself",
  "hide: &a [*a]\n",
  "policies/p.yaml:3:11 invalid-syntax the anchor `a` contains itself",
);
policy(
  "an anchor that contains itself from further down",
  "tools: &a { t: { args: [*a] } }\n",
  "policies/p.yaml:3:25 invalid-syntax the anchor `a` contains itself",
);
policy(
  "an anchor of a long name that contains itself",
  `hide: &${"a".repeat(100)} [*${"a".repeat(100)}]\n`,
  "policies/p.yaml:3:110 invalid-syntax the anchor contains itself",
);
policy(
  "two anchors on one value",
  "hide: &a &b [x]\n",
  "policies/p.yaml:3:10 invalid-syntax a node can have at most one anchor",
);
policy(
  "an anchor on an alias",
  "hide: &a [x]\ntools: { t: { args: &b *a } }\n",
  "policies/p.yaml:4:24 invalid-syntax an alias node must not specify any properties",
);
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
add(
  "a billion laughs",
  () => ({ "policies/p.yaml": laughs() }),
  "policies/p.yaml:1:1 too-large aliases expand the document by more than 1000000000 nodes",
);
add(
  "a quadratic blow-up",
  () => ({
    "policies/p.yaml": `${HEAD}a: &a [${"x, ".repeat(200)}x]\nb: [${"*a, ".repeat(99)}*a]\n`,
  }),
  "policies/p.yaml:1:1 too-large aliases expand the document by 20100 nodes; at most",
);
add(
  "aliases that nest what they name",
  () => ({
    "policies/p.yaml": `a0: &a0 [x]\n${Array.from({ length: 100 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]\n`).join("")}`,
  }),
  "policies/p.yaml:1:1 too-large nested deeper than 64 levels once its aliases are",
);
add(
  "two hundred thousand aliases",
  () => ({
    "policies/p.yaml": `${HEAD}description: &a x\nhide:\n${"- *a\n".repeat(200_000)}`,
  }),
  "policies/p.yaml:149999:1 too-large the document has more than 300000 words and signs",
);
add(
  "twelve hundred anchors",
  () => ({
    "policies/p.yaml": `${HEAD}hide:\n${Array.from({ length: 1200 }, (_, i) => `- &a${i} x${i}\n- *a${i}\n`).join("")}`,
  }),
  "policies/p.yaml:5:3 invalid-shape `hide` lists something twice",
);

// ------------------------------------------------------------------ depth and size

policy(
  "sixty-five lists in each other",
  `hide: ${"[".repeat(65)}${"]".repeat(65)}\n`,
  "policies/p.yaml:3:70 too-large nested deeper than 64 levels",
);
policy(
  "sixty-five mappings in each other",
  Array.from({ length: 65 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
  "policies/p.yaml:67:66 too-large nested deeper than 64 levels",
);
policy(
  "sixty-five lists in each other in one line",
  `hide:\n  ${"- ".repeat(65)}a\n`,
  "policies/p.yaml:4:129 too-large nested deeper than 64 levels",
);
policy(
  "lists and mappings in each other over many lines",
  Array.from({ length: 40 }, (_, i) => `${" ".repeat(i * 4)}a:\n${" ".repeat(i * 4 + 2)}-\n`).join(
    "",
  ),
  "policies/p.yaml:67:130 too-large nested deeper than 64 levels",
);
add(
  "a megabyte of opening brackets",
  () => ({ "policies/p.yaml": "[".repeat(MEBIBYTE) }),
  "policies/p.yaml:1:65 too-large nested deeper than 64 levels",
);
add(
  "a megabyte of opening brackets in JSON",
  () => ({ "policies/p.json": "[".repeat(MEBIBYTE) }),
  "policies/p.json:1:65 invalid-syntax nested deeper than 64 levels",
);
add(
  "a megabyte of opening braces",
  () => ({ "policies/p.yaml": "{a: ".repeat(MEBIBYTE / 4) }),
  "policies/p.yaml:1:257 too-large nested deeper than 64 levels",
);
add(
  "a megabyte of objects in JSON",
  () => ({ "policies/p.json": '{"a":'.repeat(200_000) }),
  "policies/p.json:1:321 invalid-syntax nested deeper than 64 levels",
);
add(
  "a megabyte of dashes",
  () => ({ "policies/p.yaml": "- ".repeat(MEBIBYTE / 2) }),
  "policies/p.yaml:1:129 too-large nested deeper than 64 levels",
);
add(
  "dashes over many lines",
  () => ({
    "policies/p.yaml": Array.from(
      { length: 63 },
      (_, i) => `${" ".repeat(i * 126)}${"- ".repeat(62)}a:\n`,
    ).join(""),
  }),
  "policies/p.yaml:2:129 too-large nested deeper than 64 levels",
);
add(
  "a megabyte of question marks",
  () => ({ "policies/p.yaml": "? ".repeat(MEBIBYTE / 2) }),
  "policies/p.yaml:1:129 too-large nested deeper than 64 levels",
);
add(
  "a megabyte of closing brackets",
  () => ({ "policies/p.yaml": "]".repeat(MEBIBYTE) }),
  "policies/p.yaml:1:300001 too-large the document has more than 300000 words and signs",
);
add(
  "closing brackets before opening ones",
  () => ({
    "policies/p.yaml": `${"]".repeat(100)}${"[".repeat(100)}`,
  }),
  "policies/p.yaml:1:165 too-large nested deeper than 64 levels",
);
add(
  "a megabyte of commas",
  () => ({ "policies/p.yaml": `[${",".repeat(MEBIBYTE - 10)}]` }),
  "policies/p.yaml:1:300001 too-large the document has more than 300000 words and signs",
);
add(
  "a megabyte of tags",
  () => ({ "policies/p.yaml": "!a ".repeat(MEBIBYTE / 3) }),
  "policies/p.yaml:1:900001 too-large the document has more than 300000 words and signs",
);
add(
  "a megabyte of documents",
  () => ({ "policies/p.yaml": "---\n".repeat(MEBIBYTE / 4) }),
  "policies/p.yaml:2:1 invalid-syntax more than one document in the file",
);
add(
  "a megabyte of directives",
  () => ({ "policies/p.yaml": "%A\n".repeat(MEBIBYTE / 3) }),
  "policies/p.yaml:300001:1 too-large the document has more than 300000 words and signs",
);
add(
  "sixty thousand empty lines",
  () => ({ "policies/p.yaml": "\n".repeat(60_000) }),
  "policies/p.yaml:1:1 invalid-syntax the file is empty",
);
add(
  "eighty thousand keys",
  () => ({
    "policies/p.yaml": `${HEAD}tools:\n${Array.from({ length: 80_000 }, (_, i) => `  t${i}: {}\n`).join("")}`,
  }),
  "policies/p.yaml:75002:3 too-large the document has more than 300000 words and signs",
);
add(
  "a hundred thousand names to hide in JSON",
  () => ({
    "policies/p.json": `{"version":"1","default":"deny","hide":[${Array.from({ length: 100_000 }, (_, i) => `"t${i}"`).join()}]}`,
  }),
  "policies/p.json:1:1 too-large the document has 100007 nodes; at most 50000",
);
add(
  "a long key over many values in JSON",
  () => ({
    "policies/p.json": `{"${"k".repeat(400_000)}":[${"1,".repeat(50_000)}1]}`,
  }),
  "policies/p.json:1:1 too-large the document has 50004 nodes; at most 50000",
);
add(
  "more nodes than a policy may have",
  () => ({
    "policies/p.yaml": `${HEAD}hide:\n${Array.from({ length: 50_000 }, (_, i) => `- t${i}\n`).join("")}`,
  }),
  "policies/p.yaml:1:1 too-large the document has 50007 nodes; at most 50000 are",
);
add(
  "a file of one byte too many",
  () => ({
    "policies/p.yaml": `${HEAD}${"#".repeat(MEBIBYTE + 1 - HEAD.length)}`,
  }),
  "policies/p.yaml:1:1 too-large the file has 1048577 bytes; at most 1048576 are",
);
rows.push({
  name: "a file of 50 MB, which is not even read",
  tree: () => ({
    label: "a fake tree",
    list: async () => [{ path: "policies/p.yaml", bytes: 50_000_000, link: false }],
    read: () => Promise.reject(new Error("it was read")),
  }),
  findings: ["policies/p.yaml:1:1 too-large the file has 50000000 bytes; at most 1048576 are"],
});
rows.push({
  name: "a file that is larger than its tree says",
  tree: () => ({
    label: "a lying tree",
    list: async () => [{ path: "policies/p.yaml", bytes: 10, link: false }],
    read: async () => Buffer.alloc(MEBIBYTE + 1, "#"),
  }),
  findings: ["policies/p.yaml:1:1 too-large the file has 1048577 bytes; at most 1048576 are"],
});

// ------------------------------------------------------------------ bytes

file(
  "a byte that is no UTF-8 at the start",
  "policies/p.yaml",
  bytes([0xff], HEAD),
  "policies/p.yaml:1:1 invalid-encoding not valid UTF-8",
);
file(
  "a byte that is no UTF-8 in the middle",
  "policies/p.yaml",
  bytes(HEAD, "# é", [0xe9], "\n"),
  "policies/p.yaml:3:4 invalid-encoding not valid UTF-8",
);
file(
  "a byte that is no UTF-8 at the end",
  "policies/p.yaml",
  bytes(HEAD, [0x80]),
  "policies/p.yaml:3:1 invalid-encoding not valid UTF-8",
);
file(
  "a sequence that is cut off at the end",
  "policies/p.yaml",
  bytes(HEAD, "# a", [0xe2, 0x82]),
  "policies/p.yaml:3:4 invalid-encoding not valid UTF-8",
);
file(
  "a sequence that is cut off in the middle",
  "policies/p.yaml",
  bytes(HEAD, "# a", [0xe2, 0x82], "b\n"),
  "policies/p.yaml:3:4 invalid-encoding not valid UTF-8",
);
file(
  "an overlong slash",
  "policies/p.yaml",
  bytes(HEAD, "# ", [0xc0, 0xaf], "\n"),
  "policies/p.yaml:3:3 invalid-encoding not valid UTF-8",
);
file(
  "a surrogate in UTF-8",
  "policies/p.yaml",
  bytes(HEAD, "# ", [0xed, 0xa0, 0x80], "\n"),
  "policies/p.yaml:3:3 invalid-encoding not valid UTF-8",
);
file(
  "a code point beyond Unicode",
  "policies/p.yaml",
  bytes(HEAD, "# ", [0xf4, 0x90, 0x80, 0x80], "\n"),
  "policies/p.yaml:3:3 invalid-encoding not valid UTF-8",
);
file(
  "invalid UTF-8 in JSON",
  "policies/p.json",
  bytes('{"version": "', [0xff], '"}'),
  "policies/p.json:1:14 invalid-encoding not valid UTF-8",
);
file(
  "UTF-16 with its mark",
  "policies/p.yaml",
  Buffer.from(`\uFEFF${HEAD}`, "utf16le"),
  "policies/p.yaml:1:1 invalid-encoding not valid UTF-8",
);
file(
  "UTF-16 without a mark",
  "policies/p.yaml",
  Buffer.from("a: 1", "utf16le"),
  "policies/p.yaml:1:2 invisible-character invisible character U+0000, which can make the",
  "policies/p.yaml:1:4 invisible-character invisible character U+0000, which can make the",
  "policies/p.yaml:1:6 invisible-character invisible character U+0000, which can make the",
  "policies/p.yaml:1:8 invisible-character invisible character U+0000, which can make the",
);
file(
  "a byte order mark in the middle",
  "policies/p.yaml",
  `${HEAD}# \uFEFF\n`,
  "policies/p.yaml:3:3 invisible-character invisible character U+FEFF, which can make the",
);
file(
  "two byte order marks at the start",
  "policies/p.yaml",
  `\uFEFF\uFEFF${HEAD}`,
  "policies/p.yaml:1:1 invisible-character invisible character U+FEFF, which can make the",
);
file(
  "an unknown key behind a byte order mark",
  "policies/p.yaml",
  `\uFEFFx: 1\n${HEAD}`,
  "policies/p.yaml:1:1 invalid-shape unknown key `x`",
);
file(
  "an unknown key behind a byte order mark in JSON",
  "policies/p.json",
  '\uFEFF{"x":1,"version":"1","default":"deny"}',
  "policies/p.json:1:2 invalid-shape unknown key `x`",
);
policy(
  "a right-to-left override",
  "description: a\u202Eb\n",
  "policies/p.yaml:3:15 invisible-character invisible character U+202E, which can make the",
);
policy(
  "an isolate that hides a comment",
  "hide: [a] # \u2066 allowed\n",
  "policies/p.yaml:3:13 invisible-character invisible character U+2066, which can make the",
);
policy(
  "an Arabic letter mark",
  "description: a\u061Cb\n",
  "policies/p.yaml:3:15 invisible-character invisible character U+061C, which can make the",
);
policy(
  "a zero-width space in a tool's name",
  "tools: { get\u200B_patient: {} }\n",
  "policies/p.yaml:3:13 invisible-character invisible character U+200B, which can make the",
);
policy(
  "a zero-width joiner",
  "description: a\u200Db\n",
  "policies/p.yaml:3:15 invisible-character invisible character U+200D, which can make the",
);
policy(
  "a word joiner",
  "description: a\u2060b\n",
  "policies/p.yaml:3:15 invisible-character invisible character U+2060, which can make the",
);
policy(
  "a soft hyphen in a tool's name",
  "tools: { get\u00AD_patient: {} }\n",
  "policies/p.yaml:3:13 invisible-character invisible character U+00AD, which can make the",
);
policy(
  "a Hangul filler, which looks like a space",
  "description: a\u3164b\n",
  "policies/p.yaml:3:15 invisible-character invisible character U+3164, which can make the",
);
policy(
  "text in tag characters",
  "description: a\u{E0041}\u{E0042}\n",
  "policies/p.yaml:3:15 invisible-character invisible character U+E0041, which can make the",
  "policies/p.yaml:3:17 invisible-character invisible character U+E0042, which can make the",
);
policy(
  "a supplementary variation selector",
  "description: a\u{E0101}\n",
  "policies/p.yaml:3:15 invisible-character invisible character U+E0101, which can make the",
);
policy(
  "a line separator",
  "description: a # \u2028default: allow\n",
  "policies/p.yaml:3:18 invisible-character invisible character U+2028, which can make the",
);
policy(
  "a next line",
  "description: a # \u0085default: allow\n",
  "policies/p.yaml:3:18 invisible-character invisible character U+0085, which can make the",
);
policy(
  "a carriage return alone, which some take for a line break",
  "# a\rdefault: allow\n",
  "policies/p.yaml:3:4 invisible-character invisible character U+000D, which can make the",
);
policy(
  "a null byte",
  "description: a\0b\n",
  "policies/p.yaml:3:15 invisible-character invisible character U+0000, which can make the",
);
policy(
  "a backspace",
  "description: allow\bdeny\n",
  "policies/p.yaml:3:19 invisible-character invisible character U+0008, which can make the",
);
policy(
  "an escape sequence of a terminal",
  "description: \u001B[2Ka\n",
  "policies/p.yaml:3:14 invisible-character invisible character U+001B, which can make the",
);
policy(
  "a delete character",
  "description: a\u007Fb\n",
  "policies/p.yaml:3:15 invisible-character invisible character U+007F, which can make the",
);
json(
  "a right-to-left override in JSON",
  '{"version":"1","default":"deny","description":"\u202E"}',
  "policies/p.json:1:48 invisible-character invisible character U+202E, which can make the",
);
file(
  "a broken file with CRLF",
  "policies/p.yaml",
  `${HEAD}tools:\r\n  a:\r\n    args: x\r\n`.replace(/(?<!\r)\n/g, "\r\n"),
  "policies/p.yaml:5:11 invalid-shape `args` must be a list, not a string",
);
file(
  "broken JSON with CRLF",
  "policies/p.json",
  '{\r\n  "version": "1",\r\n  "default": no\r\n}\r\n',
  "policies/p.json:3:14 invalid-syntax a JSON value is expected here",
);
policy(
  "a name twice after characters outside the basic plane",
  "description: 😀\nhide: [😀, 😀]\n",
  "policies/p.yaml:4:12 invalid-shape `hide` lists something twice",
);

// ------------------------------------------------------------------ where files stand

file(
  "a policy with the ending .yml",
  "policies/p.yml",
  HEAD,
  "policies/p.yml:1:1 misplaced-file this file is not read",
);
file(
  "a policy with the ending .YAML",
  "policies/p.YAML",
  HEAD,
  "policies/p.YAML:1:1 misplaced-file this file is not read",
);
file(
  "a policy with no ending",
  "policies/p",
  HEAD,
  "policies/p:1:1 misplaced-file this file is not read",
);
file(
  "a policy in a nested folder",
  "policies/a/p.yaml",
  HEAD,
  "policies/a/p.yaml:1:1 misplaced-file only files directly in policies/ are read",
);
file(
  "a policy with a space in its name",
  "policies/a p.yaml",
  HEAD,
  "policies/a p.yaml:1:1 misplaced-file the file's name cannot be a name in the repository",
);
file(
  "a policy with a name in Cyrillic",
  "policies/\u0440.yaml",
  HEAD,
  "policies/\u0440.yaml:1:1 misplaced-file the file's name cannot be a name in the repository",
);
file(
  "a policy called __proto__",
  "policies/__proto__.yaml",
  HEAD,
  "policies/__proto__.yaml:1:1 misplaced-file the file's name cannot be a name in the repository",
);
file(
  "a policy with a name of 129 characters",
  `policies/${"p".repeat(129)}.yaml`,
  HEAD,
  "policies/ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp.yaml:1:1 misplaced-file the file's name cannot be a name in the repository",
);
file(
  "a lock in YAML",
  "servers/s.lock.yaml",
  HEAD,
  "servers/s.lock.yaml:1:1 invalid-shape `id` is missing",
  "servers/s.lock.yaml:2:1 invalid-shape unknown key `default`",
);
file(
  "a test that is not run",
  "tests/t.yaml",
  HEAD,
  "tests/t.yaml:1:1 misplaced-file this file is not run",
);
file(
  "a test with the ending .yml",
  "tests/a/t.test.yml",
  HEAD,
  "tests/a/t.test.yml:1:1 misplaced-file this file is not run",
);
add(
  "two policies of one name",
  () => ({
    "policies/p.json": '{"version":"1","default":"deny"}',
    "policies/p.yaml": HEAD,
  }),
  "policies/p.yaml:1:1 duplicate `p` stands in two files",
);
add(
  "two settings files",
  () => ({
    "phiward.json": '{"version":"1"}',
    "phiward.yaml": 'version: "1"\n',
  }),
  "phiward.yaml:1:1 duplicate the project has two settings files",
);
add(
  "two grants of one name",
  () => ({
    "grants/g.json": JSON.stringify(
      JSON.parse(
        '{"version":"1","principal":{"kind":"agent","id":"x"},"purpose":"treatment","access":[{"server":"ehr","policy":"p"}],"issued":"2026-01-01","expires":"2026-02-01"}',
      ),
    ),
    "grants/g.yaml": GRANT,
  }),
  "grants/g.yaml:1:1 duplicate `g` stands in two files",
);
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
link(
  "a link to a policy",
  "policies/p.yaml",
  "policies/p.yaml:1:1 misplaced-file a link is not followed",
);
link(
  "a link to the settings",
  "phiward.yaml",
  "phiward.yaml:1:1 misplaced-file a link is not followed",
);
link(
  "a link to fixtures",
  "fixtures/f.jsonl",
  "fixtures/f.jsonl:1:1 misplaced-file a link is not followed",
);
link(
  "a folder that is a link",
  "policies",
  "policies:1:1 misplaced-file `policies` is not a folder",
);
file(
  "a file where a folder should be",
  "grants",
  "x",
  "grants:1:1 misplaced-file `grants` is not a folder",
);

// ------------------------------------------------------------------ grants

grant(
  "a day that does not exist",
  ["2026-01-01", "2026-02-29"],
  "grants/g.yaml:5:9 invalid-value this day does not exist",
);
grant(
  "a month that does not exist",
  ["2026-06-01", "2026-13-01"],
  "grants/g.yaml:6:10 invalid-value this day does not exist",
);
grant(
  "a day of another form",
  ["2026-01-01", "1.1.2026"],
  "grants/g.yaml:5:9 invalid-shape `issued` is not of the right form",
);
grant(
  "a time where a day should be",
  ["2026-01-01", "2026-01-01T00:00:00Z"],
  "grants/g.yaml:5:9 invalid-shape `issued` is not of the right form",
);
grant(
  "a grant of 367 days",
  ["2026-06-01", "2027-01-03"],
  "grants/g.yaml:6:10 invalid-value the grant lasts more than 366 days",
);
grant(
  "a grant that expires before it is issued",
  ["2026-06-01", "2025-06-01"],
  "grants/g.yaml:6:10 invalid-value the grant expires before it is issued",
);
grant(
  "a grant that expires on the day it is issued",
  ["2026-06-01", "2026-01-01"],
  "grants/g.yaml:6:10 invalid-value the grant expires before it is issued",
);
grant(
  "a grant without an end",
  ["expires: 2026-06-01\n", ""],
  "grants/g.yaml:1:1 invalid-shape `expires` is missing",
);
grant(
  "a grant of another id",
  ['version: "1"', 'version: "1"\nid: h'],
  "grants/g.yaml:2:5 invalid-value the id differs from the file's name",
);
grant(
  "a grant with no access",
  ["[{ server: ehr, policy: p }]", "[]"],
  "grants/g.yaml:4:9 invalid-shape `access` is empty",
);
grant(
  "an access without a policy",
  [", policy: p", ""],
  "grants/g.yaml:4:10 invalid-shape item 0 of `access` is not of the right form",
);
grant(
  "an access that is an audit too",
  ["policy: p", "policy: p, audit: read"],
  "grants/g.yaml:4:10 invalid-shape item 0 of `access` is not of the right form",
);
grant(
  "one server twice",
  ["policy: p }", "policy: p }, { server: ehr, policy: q }"],
  "grants/g.yaml:4:48 duplicate the server `ehr` stands twice in `access`",
);
grant(
  "a server's id in capitals",
  ["server: ehr", "server: EHR"],
  "grants/g.yaml:4:20 invalid-shape `server` is not of the right form",
);
grant(
  "a purpose that is none",
  ["treatment", "curiosity"],
  "grants/g.yaml:3:10 invalid-shape `purpose` cannot be `curiosity`",
);
grant(
  "a principal without an id",
  [', id: "agent:bot"', ""],
  "grants/g.yaml:2:1 invalid-shape `id` is missing in `principal`",
);
grant(
  "an attribute with a reserved name",
  ["issued", "attributes: { purpose: x }\nissued"],
  "grants/g.yaml:5:15 invalid-shape `purpose` cannot be a name here",
);
grant(
  "an attribute that is a mapping",
  ["issued", "attributes: { a: { b: 1 } }\nissued"],
  "grants/g.yaml:5:18 invalid-shape `a` must be a string or number or boolean or",
);
grant(
  "an attribute with a list in a list",
  ["issued", "attributes: { a: [[b]] }\nissued"],
  "grants/g.yaml:5:19 invalid-shape item 0 of `a` must be a string or number or",
);
grant(
  "an attribute that is null",
  ["issued", "attributes: { a: null }\nissued"],
  "grants/g.yaml:5:18 invalid-shape `a` must be a string or number or boolean or",
);
grant(
  "an attribute with an empty name",
  ["issued", "attributes: { '': x }\nissued"],
  "grants/g.yaml:5:15 invalid-shape a name is empty",
);
grant(
  "a break-glass grant without an opener",
  ["issued", "breakGlass: { openers: [], max: 4h }\nissued"],
  "grants/g.yaml:5:24 invalid-shape `openers` is empty",
);
grant(
  "a break-glass grant whose opener is an agent",
  ["issued", "breakGlass: { openers: ['agent:x'], max: 4h }\nissued"],
  "grants/g.yaml:5:25 invalid-shape item 0 of `openers` is not of the right form",
);
grant(
  "a break-glass grant for days",
  ["issued", "breakGlass: { openers: ['person:x'], max: 4d }\nissued"],
  "grants/g.yaml:5:43 invalid-shape `max` is not of the right form",
);
grant(
  "a token in a grant",
  ["issued", "token: secret\nissued"],
  "grants/g.yaml:5:1 invalid-shape unknown key `token`",
);
add(
  "one principal under two grants",
  () => ({ "grants/g.yaml": GRANT, "grants/h.yaml": GRANT }),
  "grants/h.yaml:2:31 duplicate the principal already has the grant `g`",
);
add(
  "one subject under two grants",
  () => {
    const oidc = "authentication: { oidc: { issuer: 'https://idp.example.org', subject: s } }\n";
    return {
      "grants/g.yaml": GRANT + oidc,
      "grants/h.yaml": GRANT.replace("agent:bot", "agent:b") + oidc,
    };
  },
  "grants/h.yaml:7:71 duplicate the issuer and subject already has the grant `g`",
);

// ------------------------------------------------------------------ servers and locks

file(
  "a server of another id",
  "servers/s.yaml",
  'version: "1"\nid: t\n',
  "servers/s.yaml:2:5 invalid-value the id differs from the file's name",
);
file(
  "a server's id with an underscore",
  "servers/s.yaml",
  'version: "1"\nid: a_b\n',
  "servers/s.yaml:2:5 invalid-shape `id` is not of the right form",
);
server(
  "an effect that is none",
  "tools: { a: { effect: delete } }\n",
  "servers/s.yaml:3:23 invalid-shape `effect` cannot be `delete`",
);
server(
  "ephi as a text",
  "tools: { a: { ephi: 'no' } }\n",
  "servers/s.yaml:3:21 invalid-shape `ephi` must be a boolean, not a string",
);
server(
  "an effect by nothing",
  "tools: { a: { effect: { cases: { GET: read } } } }\n",
  "servers/s.yaml:3:15 invalid-shape `by` is missing in `effect`",
);
server(
  "an effect with no case",
  "tools: { a: { effect: { by: args.m, cases: {} } } }\n",
  "servers/s.yaml:3:44 invalid-shape `cases` is empty",
);
server(
  "an effect by a path of the grant",
  "tools: { a: { effect: { by: grant.m, cases: { GET: read } } } }\n",
  "servers/s.yaml:3:29 invalid-path the path starts with `args` here",
);
server(
  "an effect with a case that is none",
  "tools: { a: { effect: { by: args.m, cases: { GET: reads } } } }\n",
  "servers/s.yaml:3:51 invalid-shape `GET` cannot be `reads`",
);
server(
  "a subject that is no path",
  "tools: { a: { subject: patient_id } }\n",
  "servers/s.yaml:3:24 invalid-path a path starts with `args` or `grant`",
);
server(
  "a subject by nothing",
  "tools: { a: { subject: { cases: { Patient: args.id } } } }\n",
  "servers/s.yaml:3:15 invalid-shape `by` is missing in `subject`",
);
server(
  "a subject with no case",
  "tools: { a: { subject: { by: args.m, cases: {} } } }\n",
  "servers/s.yaml:3:45 invalid-shape `cases` is empty",
);
server(
  "a subject with a case in a case",
  "tools: { a: { subject: { by: args.m, cases: { a: { by: args.n, cases: { b: none } } } } } }\n",
  "servers/s.yaml:3:50 invalid-shape `a` must be a string or list, not a mapping",
);
server(
  "a subject by a path of the grant",
  "tools: { a: { subject: { by: grant.m, cases: { a: none } } } }\n",
  "servers/s.yaml:3:30 invalid-path the path starts with `args` here",
);
server(
  "a subject with a case that is no path",
  "tools: { a: { subject: { by: args.m, cases: { a: [args.id, patient] } } } }\n",
  "servers/s.yaml:3:60 invalid-path a path starts with `args` or `grant`",
);
server(
  "a subject with a case that is an empty list",
  "tools: { a: { subject: { by: args.m, cases: { a: [] } } } }\n",
  "servers/s.yaml:3:50 invalid-shape `a` is empty",
);
server(
  "no subject",
  "tools: { a: { subject: [] } }\n",
  "servers/s.yaml:3:24 invalid-shape `subject` is empty",
);
server(
  "one subject of two that is no path",
  "tools: { a: { subject: [args.a, b] } }\n",
  "servers/s.yaml:3:33 invalid-path a path starts with `args` or `grant`",
);
server(
  "a transport of both kinds",
  "transport: { type: http, url: 'https://ehr.example.org', command: [x] }\n",
  "servers/s.yaml:3:12 invalid-shape `transport` is not of the right form",
);
server(
  "a transport with no command",
  "transport: { type: stdio }\n",
  "servers/s.yaml:3:12 invalid-shape `transport` is not of the right form",
);
server(
  "a vendor without an agreement's status",
  "vendor: { name: n, baa: { signed: 2026-01-01 } }\n",
  "servers/s.yaml:3:20 invalid-shape `status` is missing in `baa`",
);
server(
  "an agreement signed on a day that does not exist",
  "vendor: { name: n, baa: { status: signed, signed: 2026-02-30 } }\n",
  "servers/s.yaml:3:51 invalid-value this day does not exist",
);
file(
  "a lock with an unknown key",
  "servers/s.lock.json",
  '{"version":"1","server":"s","tools":[],"tool":[]}',
  "servers/s.lock.json:1:40 invalid-shape unknown key `tool`",
);
file(
  "a key twice in a lock",
  "servers/s.lock.json",
  '{"version":"1","server":"s","tools":[],"tools":[]}',
  "servers/s.lock.json:1:40 invalid-syntax a key stands twice in one object",
);
lock(
  "a digest that is not the tool's",
  [{ name: "t", inputSchema: {}, digest: ZERO }],
  "servers/s.lock.json:1:76 invalid-value the digest of `t` does not belong to its",
);
lock(
  "a digest of another form",
  [{ name: "t", inputSchema: {}, digest: "md5:0" }],
  "servers/s.lock.json:1:76 invalid-shape `digest` is not of the right form",
);
lock(
  "a tool without a schema",
  [{ name: "t", digest: ZERO }],
  "servers/s.lock.json:1:38 invalid-shape `inputSchema` is missing in item 0 of `tools`",
);
lock(
  "a tool with a name of 200 characters and a wrong digest",
  [{ name: "t".repeat(200), inputSchema: {}, digest: ZERO }],
  "servers/s.lock.json:1:275 invalid-value the digest of",
);
file(
  "a lock of another server",
  "servers/s.lock.json",
  '{"version":"1","server":"t","tools":[]}',
  "servers/s.lock.json:1:25 invalid-value the server differs from the file's name",
);
add(
  "a tool that is pinned twice",
  () => {
    const tool = { name: "t", inputSchema: {} };
    const pinned = { ...tool, digest: digestOf(tool) };
    return {
      "servers/s.lock.json": JSON.stringify({ version: "1", server: "s", tools: [pinned, pinned] }),
    };
  },
  "servers/s.lock.json:1:159 duplicate the tool `t` is pinned twice",
);

// ------------------------------------------------------------------ tests and settings

suite(
  "a suite with neither cases nor a matrix",
  "",
  "tests/t.test.yaml:1:1 invalid-shape the document is not of the right form",
);
suite(
  "a case without an expectation",
  "cases: [{ name: n, call: { tool: t } }]\n",
  "tests/t.test.yaml:3:9 invalid-shape item 0 of `cases` is not of the right form",
);
suite(
  "a case that is a call and a sequence",
  "cases: [{ name: n, call: { tool: t }, sequence: { call: { tool: t } }, expect: deny }]\n",
  "tests/t.test.yaml:3:9 invalid-shape item 0 of `cases` is not of the right form",
);
suite(
  "an expectation that is none",
  "cases: [{ name: n, call: { tool: t }, expect: denied }]\n",
  "tests/t.test.yaml:3:47 invalid-shape `expect` cannot be `denied`",
);
suite(
  "an empty expectation",
  "cases: [{ name: n, call: { tool: t }, expect: {} }]\n",
  "tests/t.test.yaml:3:47 invalid-shape `expect` is empty",
);
suite(
  "arguments that are a list",
  "cases: [{ name: n, call: { tool: t, args: [] }, expect: deny }]\n",
  "tests/t.test.yaml:3:43 invalid-shape `args` must be a mapping, not a list",
);
suite(
  "a time without a zone",
  "now: 2026-10-01T12:00:00\ncases: []\n",
  "tests/t.test.yaml:3:6 invalid-shape `now` is not of the right form",
);
suite(
  "a call repeated a million times",
  "cases: [{ name: n, sequence: { repeat: 1000000, call: { tool: t } }, expect: deny }]\n",
  "tests/t.test.yaml:3:40 invalid-shape `repeat` is more than 100000",
);
suite(
  "a skip without an end",
  "cases: [{ name: n, call: { tool: t }, expect: deny, skip: { reason: r } }]\n",
  "tests/t.test.yaml:3:53 invalid-shape `until` is missing in `skip`",
);
project(
  "a bundle's name in capitals",
  "bundle: { name: Bundle }\n",
  "phiward.yaml:2:17 invalid-shape `name` is not of the right form",
);
project(
  "an approver that is a team and a person",
  "gate: { approvers: [{ team: a, login: b }] }\n",
  "phiward.yaml:2:21 invalid-shape item 0 of `approvers` is not of the right form",
);
project(
  "a coverage beyond the whole",
  "gate: { coverage: { rules: 101 } }\n",
  "phiward.yaml:2:28 invalid-shape `rules` is more than 100",
);
project(
  "a suppression without an end",
  "suppress: [{ rule: r, reason: why }]\n",
  "phiward.yaml:2:12 invalid-shape `until` is missing in item 0 of `suppress`",
);
project(
  "no approver in no time",
  "gate: { approvers: [{ team: a, count: 0 }] }\n",
  "phiward.yaml:2:39 invalid-shape `count` is less than 1",
);

export const HOSTILE: readonly Hostile[] = rows;
