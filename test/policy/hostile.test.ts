/** What is wrong with a file is said in full and in its place, and no file stops its reader. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../engine/finding.ts";
import type { Tree } from "../../engine/host/tree.ts";
import { MAX_PROBLEMS } from "../../engine/policy/limits.ts";
import { load, sound } from "../../engine/policy/load.ts";
import { parse } from "../../engine/policy/parse.ts";
import { memoryTree } from "../support/tree.ts";
import { HOSTILE } from "./hostile.ts";

/** No file may hold its reader longer, however it is made. */
/** None takes a second on a quiet machine; a busy one shall not fail the run. */
const LIMIT_MS = 15_000;

const HEAD = 'version: "1"\ndefault: deny\n';
const policyFile = (text: string): Tree => memoryTree({ "policies/p.yaml": text });

const written = ({ place, rule, message }: Finding): string =>
  `${place.file}:${place.line}:${place.column} ${rule} ${message}`;

/** The text of a file, however broken; empty where there is none to compare with. */
async function textOf(tree: Tree, file: string): Promise<string> {
  const bytes = await tree.read(file).catch(() => new Uint8Array());
  return new TextDecoder().decode(bytes);
}

/** What holds for every finding of every file. */
async function checkLaws(tree: Tree, findings: readonly Finding[]): Promise<void> {
  const listed = new Set((await tree.list()).map(({ path }) => path));
  for (const { rule, severity, message, help, place } of findings.slice(0, 5)) {
    expect(rule).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(severity).toBe("error");
    expect(message).toMatch(/^[a-z`]|^JSON/);
    expect(message).not.toMatch(/[.\s]$/);
    expect(help.trim()).not.toBe("");
    expect(listed).toContain(place.file);
    const text = await textOf(tree, place.file);
    const lines = text.split("\n");
    expect(place.line).toBeGreaterThanOrEqual(1);
    expect(place.line).toBeLessThanOrEqual(lines.length);
    expect(place.column).toBeGreaterThanOrEqual(1);
    expect(place.column).toBeLessThanOrEqual(lines[place.line - 1]!.length + 1);
    // A pasted secret, or a patient's note, must not travel from a file into a log by its mistake.
    for (const said of [message, help]) {
      for (let at = 0; at + 61 <= said.length; at++) {
        expect(text).not.toContain(said.slice(at, at + 61));
      }
    }
  }
}

test(`there are ${HOSTILE.length} hostile files, each with a name of its own`, () => {
  expect(HOSTILE.length).toBeGreaterThan(350);
  expect(new Set(HOSTILE.map(({ name }) => name)).size).toBe(HOSTILE.length);
  // A row without a finding would expect that nothing is wrong.
  expect(HOSTILE.filter(({ findings }) => findings.length === 0)).toEqual([]);
});

describe("hostile files", () => {
  test.each(HOSTILE)("$name", { timeout: LIMIT_MS }, async ({ tree, findings }) => {
    const made = tree();
    const loaded = await load(made);
    const got = loaded.findings.map(written);
    const matched = got.map((line, i) =>
      line.startsWith(findings[i] ?? "\0") ? findings[i] : line,
    );
    expect(matched).toEqual(findings);
    await checkLaws(made, loaded.findings);
    // Nothing of a repository with an error is ever judged by.
    expect(() => sound(loaded, { tests: true })).toThrow(loaded.findings[0]!.message);
  });
});

describe("help", () => {
  test.each([
    ["tool: {}", "did you mean `tools`?"],
    ["Tools: {}", "did you mean `tools`?"],
    ["all_tool: {}", "did you mean `all_tools`?"],
    ["methods: { ping: { deny-if: [] } }", "did you mean `deny_if`?"],
    ["tools: { a: { require: [{ path: args.a, op: start_with, value: x }] } }", "starts_with"],
    ["tools: { a: { require: [{ path: args.a, op: eq, valeu: x }] } }", "did you mean `value`?"],
    ["tools: { a: { require: [{ path: patient, op: eq, value: x }] } }", "`args.patient`"],
    ["tools: { a: { require: [{ path: args.a, op: regex, value: (?!x) }] } }", "`not: true`"],
    ["tools: { a: { require: [{ path: args.a, op: regex, value: '(a)\\1' }] } }", "no back-ref"],
    ['tools: { a: { require: [{ path: args.a, op: regex, value: "\\d" }] } }', "single quotes"],
    ["description: a\u202Eb", "\\u202E"],
    ["description: a\u{E0041}b", "\\U000E0041"],
  ])("%j is told %j", async (text, help) => {
    const { findings } = await load(policyFile(`${HEAD}${text}\n`));
    expect(findings.map((finding) => finding.help).join("\n")).toContain(help);
  });
});

describe("a file with more problems than anyone reads", () => {
  const tools = (count: number): string =>
    `{"version":"1","default":"deny","tools":{${Array.from({ length: count }, (_, i) => `"t${i}":1`).join()}}}`;

  test("lists the first ones, and says that there are more", async () => {
    const { findings } = await load(memoryTree({ "policies/p.json": tools(MAX_PROBLEMS + 50) }));
    expect(findings).toHaveLength(MAX_PROBLEMS + 1);
    expect(written(findings[0]!)).toBe(
      "policies/p.json:1:47 invalid-shape `t0` must be a mapping, not a number",
    );
    expect(findings.at(-1)!.rule).toBe("too-many-problems");
  });

  test("lists them all while they are as many as that", async () => {
    const { findings } = await load(memoryTree({ "policies/p.json": tools(MAX_PROBLEMS) }));
    expect(findings).toHaveLength(MAX_PROBLEMS);
    expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(["invalid-shape"]));
  });

  test("of one file hides none of another's", async () => {
    const { findings } = await load(
      memoryTree({ "policies/p.json": tools(500), "policies/q.yaml": "tools: {}\n" }),
    );
    expect(findings.filter(({ place }) => place.file === "policies/q.yaml")).toHaveLength(2);
  });

  test.each([
    ["unknown keys", (i: number) => `a${i}: 1\n`],
    ["tools that are none", (i: number) => `${i === 0 ? "tools:\n" : ""}  a${i}: 1\n`],
  ])("ends in time with four thousand %s", { timeout: LIMIT_MS }, async (_, line) => {
    const text = HEAD + Array.from({ length: 4000 }, (_, i) => line(i)).join("");
    expect((await load(policyFile(text))).findings).toHaveLength(MAX_PROBLEMS + 1);
  });

  test("ends with a megabyte of null bytes too", { timeout: LIMIT_MS }, async () => {
    const { findings } = await load(memoryTree({ "policies/p.yaml": new Uint8Array(1024 * 1024) }));
    expect(findings).toHaveLength(MAX_PROBLEMS + 1);
    expect(written(findings[0]!)).toContain("policies/p.yaml:1:1 invisible-character");
  });
});

describe("unusual files that mean what they say", () => {
  const PLAIN = `${HEAD}tools:\n  a: { args: [x] }\n  b: { args: [x] }\n`;

  test.each([
    ["a byte order mark at the start", `\uFEFF${PLAIN}`],
    ["CRLF line ends", PLAIN.replaceAll("\n", "\r\n")],
    ["no line end at the end", PLAIN.trimEnd()],
    ["comments everywhere", PLAIN.replaceAll("\n", " # why\n")],
    ["a document's start and end", `---\n${PLAIN}...\n`],
    ["a directive for YAML 1.2", `%YAML 1.2\n---\n${PLAIN}`],
    ["an anchor and its alias", `${HEAD}tools:\n  a: &a { args: [x] }\n  b: *a\n`],
    [
      "an anchor of the same name twice",
      `${HEAD}description: &n z\ntools:\n  a: { args: &n [x] }\n  b: { args: *n }\n`,
    ],
    [
      "tags of YAML's core",
      `${HEAD}tools: !!map\n  a: { args: !!seq [!!str x] }\n  b: { args: [x] }\n`,
    ],
    [
      "JSON in a YAML file, with tabs",
      '{\n\t"version": "1",\n\t"default": "deny",\n\t"tools": { "a": {"args":["x"]}, "b": {"args":["x"]} }\n}',
    ],
    ["explicit keys", `${HEAD}? tools\n: ? a\n  : { args: [x] }\n  ? b\n  : { args: [x] }\n`],
  ])("%s", async (_, text) => {
    const [plain, other] = await Promise.all([load(policyFile(PLAIN)), load(policyFile(text))]);
    expect(other.findings).toEqual([]);
    expect(other.repository.policies.p!.digest).toBe(plain.repository.policies.p!.digest);
  });

  test("keys are text, whatever they look like", async () => {
    const text = `${HEAD}tools: { 1: {}, ~: {}, true: {}, 0x10: {}, 2026-01-01: {}, .inf: {}, constructor: {}, toString: {} }\n`;
    const { findings, repository } = await load(policyFile(text));
    expect(findings).toEqual([]);
    expect(Object.keys(repository.policies.p!.tools).sort()).toEqual(
      ["1", "~", "true", "0x10", "2026-01-01", ".inf", "constructor", "toString"].sort(),
    );
  });

  test.each(["5", "-0", "1.0", "0.1", "1e3", "0x10", "0o17", "9007199254740992", "+7", ".5", "5."])(
    "%s is a number that survives",
    async (number) => {
      const text = `${HEAD}tools: { a: { require: [{ path: args.a, op: eq, value: ${number} }] } }\n`;
      const { findings, repository } = await load(policyFile(text));
      expect(findings).toEqual([]);
      const [condition] = repository.policies.p!.tools.a!.require[0]!.anyOf[0]!;
      expect(condition!.operand).toEqual({ literal: Number(number) });
    },
  );

  test("sixty-four levels, and their number counts the same in every notation", async () => {
    const depth = 64 - 6;
    const flow = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const suite = (args: string): string =>
      `version: "1"\nsuite: s\ncases:\n  - name: n\n    call: { policy: p, tool: t, args: { a: ${args} } }\n    expect: deny\n`;
    const block = `version: "1"\nsuite: s\ncases:\n  - name: n\n    call:\n      policy: p\n      tool: t\n      args:\n        a:\n          ${"- ".repeat(depth - 1)}[]\n    expect: deny\n`;
    const json = `{"version":"1","suite":"s","cases":[{"name":"n","call":{"policy":"p","tool":"t","args":{"a":${flow}}},"expect":"deny"}]}`;
    const depthOf = (value: unknown): number =>
      typeof value === "object" && value !== null
        ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
        : 0;
    for (const [file, text] of [
      ["tests/t.test.yaml", suite(flow)],
      ["tests/t.test.yaml", block],
      ["tests/t.test.json", json],
    ] as const) {
      const { findings, tests } = await load(memoryTree({ [file]: text }));
      expect(findings).toEqual([]);
      expect(depthOf(tests[0]!.value)).toBe(63);
    }
  });

  test("names in other scripts, emoji and what looks alike are ordinary text", async () => {
    const names = ["пациент", "患者", "❤️", "\u{1F468}\u{1F3FD}", "a\u0301", "á", "ﬁ"];
    const text = `${HEAD}tools: { ${names.map((name) => `"${name}": {}`).join(", ")} }\n`;
    const { findings, repository } = await load(policyFile(text));
    expect(findings).toEqual([]);
    expect(Object.keys(repository.policies.p!.tools).sort()).toEqual([...names].sort());
  });
});

describe("random damage", () => {
  const whole = `# A policy
version: "1"
default: deny
description: >
  folded
  text
hide: [&a transfer, "de\\u0065p"]
tools:
  get: &t
    args: [patient_id, 'fie lds']
    require:
      - { path: args.patient_id, op: matches, value: "p-[0-9]{1,5}" }
      - any_of:
          - [{ path: "args.ids[*]", quantifier: all, op: in, value: [1, 2.5, x] }]
          - [{ path: args.f, op: exists, value: false, not: true }]
    limits: [{ counter: c, window: hour, max: 5 }]
  put: *t
`;
  const piece = fc.constantFrom(
    ..."[]{}:,-?&*!|>'\"%@#\\\n\t \r\0",
    "- ",
    ": ",
    "? ",
    "&a ",
    "*a",
    "*b",
    "<<: *t",
    "!!set ",
    "__proto__: 1",
    "---\n",
    "...\n",
    "\uD800",
    "\u202E",
    "9007199254740993",
    "\\u",
    '"',
    "null",
    "~",
    "[*]",
    "%YAML 1.1\n",
  );
  const edit = fc.record({
    at: fc.nat(whole.length),
    cut: fc.oneof(fc.constant(0), fc.nat(12)),
    text: fc.oneof(piece, fc.string({ unit: "binary", maxLength: 3 }), fc.constant("")),
  });
  const damaged = fc
    .array(edit, { minLength: 1, maxLength: 5 })
    .map((edits) =>
      edits.reduce(
        (text, { at, cut, text: put }) => text.slice(0, at) + put + text.slice(at + cut),
        whole,
      ),
    );

  test("the policy that is damaged is whole", async () => {
    expect((await load(policyFile(whole))).findings).toEqual([]);
  });

  test("never stops the reader, and leaves a policy or an error", async () => {
    await fc.assert(
      fc.asyncProperty(damaged, fc.boolean(), async (text, json) => {
        const tree = memoryTree({ [json ? "policies/p.json" : "policies/p.yaml"]: text });
        const { findings, repository } = await load(tree);
        expect("p" in repository.policies).toBe(findings.length === 0);
        await checkLaws(tree, findings);
      }),
      { numRuns: 1500 },
    );
  }, 60_000);

  test("of bytes never stops it either", async () => {
    const bytes = Buffer.from(whole);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        async (at, put) => {
          const tree = memoryTree({
            "policies/p.yaml": Buffer.concat([
              bytes.subarray(0, at),
              put,
              bytes.subarray(at + put.length),
            ]),
          });
          const { findings, repository } = await load(tree);
          expect("p" in repository.policies).toBe(findings.length === 0);
          await checkLaws(tree, findings);
        },
      ),
      { numRuns: 500 },
    );
  }, 60_000);

  test("every part of a document is found where it stands", () => {
    const parsed = parse("p.yaml", whole);
    if (!("located" in parsed)) throw new Error("the document does not parse");
    const { located } = parsed;
    const lines = whole.split("\n");
    const at = (pointer: (string | number)[], part?: "key"): string => {
      const { line, column } = located.place(pointer, part);
      return lines[line - 1]!.slice(column - 1);
    };
    expect(at([])).toMatch(/^version:/);
    expect(at(["default"], "key")).toMatch(/^default: deny/);
    expect(at(["default"])).toMatch(/^deny/);
    expect(at(["hide", 1])).toMatch(/^"de/);
    expect(at(["tools", "get", "require", 0, "op"])).toMatch(/^matches/);
    expect(at(["tools", "get", "require", 1, "any_of", 1, 0, "not"])).toMatch(/^true/);
    // Through an alias: where the value is written.
    expect(at(["tools", "put"])).toMatch(/^\*t/);
    expect(at(["tools", "put", "args", 1])).toMatch(/^'fie/);
    // What is not there: its nearest ancestor.
    expect(at(["tools", "get", "limits", 7, "max"])).toMatch(/^\[\{ counter/);
    expect(at(["nothing"])).toMatch(/^version:/);
  });
});
