/** `lint --fix`: it mends what its rules' examples say, in the text as it was written, and nothing that decides. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lexer, stringify } from "yaml";
import { decide } from "../../engine/decide/decide.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import { REGISTRY } from "../../engine/lint/examples.ts";
import { edited } from "../../engine/lint/fix/edits.ts";
import { fix } from "../../engine/lint/fix/fix.ts";
import { EXAMPLE_NOW, type Files } from "../../engine/lint/rule.ts";
import { RULES } from "../../engine/lint/rules/index.ts";
import { load } from "../../engine/policy/load.ts";
import { callOfPair, pairs } from "../support/pairs.ts";
import { memoryTree } from "../support/tree.ts";

async function fixed(files: Files): Promise<{ after: Files; did: string[]; left: string[] }> {
  const report = await fix(memoryTree(files), { now: EXAMPLE_NOW });
  const after = { ...files };
  for (const [path, { after: text }] of report.files) after[path] = text;
  return {
    after,
    did: report.done.map(({ rule }) => rule),
    left: report.left.map(({ rule, why }) => `${rule}: ${why}`),
  };
}

describe("the examples of the rules that have a fix", () => {
  const withFix = RULES.filter(({ examples }) => examples.fixed !== undefined);

  it("are those of seven rules", () => {
    expect(withFix.map(({ id }) => id)).toEqual([
      "dead-rule",
      "expired-skip",
      "negated-operator",
      "plain-pattern",
      "redundant-rule",
      "repeated-member",
      "suppression",
    ]);
  });

  it.each(withFix.map((rule) => [rule.id, rule] as const))("%s", async (_, { examples }) => {
    const { given = {}, bad, fixed: wanted } = examples;
    const { after } = await fixed({ ...given, ...bad });
    expect(after).toEqual({ ...given, ...wanted });
    expect((await fixed(after)).did).toEqual([]);
  });
});

describe("the text of a file", () => {
  const rows: [title: string, before: string, changes: object[], after: string][] = [
    [
      "the last entries of a list take the list with them",
      "a:\n  deny_if:\n    - x\n  limits: [y]\n",
      [{ pointer: ["a", "deny_if", 0], do: "remove" }],
      "a:\n  limits: [y]\n",
    ],
    [
      "in a list on one line the comma goes too",
      "a: [x, y, z] # why\n",
      [{ pointer: ["a", 1], do: "remove" }],
      "a: [x, z] # why\n",
    ],
    ["the first of a line", "a: [ x, y ]\n", [{ pointer: ["a", 0], do: "remove" }], "a: [ y ]\n"],
    [
      "the last line of a file without an end of line",
      "a:\n  - x\n  - y",
      [{ pointer: ["a", 1], do: "remove" }],
      "a:\n  - x\n",
    ],
    [
      "carriage returns stay",
      "a:\r\n  - x\r\n  - y\r\nb: 1\r\n",
      [{ pointer: ["a", 0], do: "remove" }],
      "a:\r\n  - y\r\nb: 1\r\n",
    ],
    [
      "quotes stay what they were",
      "a: 'it''s'\nb: \"x\"\nc: x\n",
      [
        { pointer: ["a"], do: "set", value: "that's" },
        { pointer: ["b"], do: "set", value: 'say "y"' },
        { pointer: ["c"], do: "set", value: "lte" },
      ],
      "a: 'that''s'\nb: \"say \\\"y\\\"\"\nc: lte\n",
    ],
    [
      "a word that YAML would read as something else gets quotes",
      "a: x\n",
      [{ pointer: ["a"], do: "set", value: "true" }],
      'a: "true"\n',
    ],
    [
      "a comment above what goes stays, and so does one at the end of the next line",
      "a:\n  # kept\n  - x\n  - y # kept too\n",
      [{ pointer: ["a", 0], do: "remove" }],
      "a:\n  # kept\n  - y # kept too\n",
    ],
  ];
  it.each(rows)("%s", (_, before, changes, after) => {
    const all = changes.map((change) => ({ file: "a.yaml", ...change })) as never;
    expect(edited("a.yaml", before, all)).toBe(after);
  });

  const refused: [title: string, text: string, pointer: (string | number)[], why: RegExp][] = [
    ["a comment at its end", "a:\n  - x # mine\n  - y\n", ["a", 0], /comment/],
    ["a comment inside it", "a:\n  - b: 1\n    # mine\n    c: 2\n  - y\n", ["a", 0], /comment/],
    ["a list that shares its line", "- - x\n  - y\n", [0, 0], /line/],
    ["what an alias stands for", "a: &a [x, y]\nb: *a\n", ["b", 0], /anchor/],
    ["all there is", "a:\n  deny_if:\n    - x\n", ["a", "deny_if", 0], /nothing would be left/],
  ];
  it.each(refused)("is left alone for %s", (_, text, pointer, why) => {
    expect(() => edited("a.yaml", text, [{ file: "a.yaml", pointer, do: "remove" }])).toThrow(why);
  });
});

const POLICY = (rules: string): Files => ({
  ...REGISTRY,
  "policies/lookup.yaml": `version: "1"\ndefault: deny\ntools:\n  search_patients:\n    args: [query, limit]\n${rules}    limits:\n      - { counter: searches, window: hour, max: 20 }\n`,
});

it("a policy in JSON stays JSON", async () => {
  const text = `{
  "version": "1",
  "default": "deny",
  "tools": {
    "search_patients": {
      "require": [{ "path": "args.query", "op": "regex", "value": "^a\\\\.b$" }],
      "limits": [{ "counter": "searches", "window": "hour", "max": 20 }]
    }
  }
}
`;
  const { after, did } = await fixed({ ...REGISTRY, "policies/lookup.json": text });
  expect(did).toEqual(["plain-pattern"]);
  expect(after["policies/lookup.json"]).toBe(
    text.replace('"regex", "value": "^a\\\\.b$"', '"eq", "value": "a.b"'),
  );
});

describe("what is not mended", () => {
  it("is a pattern whose plainer form would also judge a list", async () => {
    // `contains` takes arrays too, and nothing says here that `query` is a text.
    const files = POLICY("    require:\n      - { path: args.query, op: regex, value: abc }\n");
    const unpinned = Object.entries(files).filter(([path]) => !path.endsWith(".lock.json"));
    const { did, left } = await fixed(Object.fromEntries(unpinned));
    expect(did).toEqual([]);
    expect(left).toEqual(["plain-pattern: a call would be decided otherwise"]);
  });

  it("is what a comment stands beside, and it is said", async () => {
    const { after, left } = await fixed(
      POLICY(
        '    require:\n      - { path: args.query, op: length_gte, value: 3 } # for the index\n      - { path: args.query, op: matches, value: "Patient/[a-z]{3,9}" }\n',
      ),
    );
    expect(after["policies/lookup.yaml"]).toContain("# for the index");
    expect(left).toEqual(["redundant-rule: a comment stands in it or beside it"]);
  });

  it("is what somebody decided to accept for a time", async () => {
    const files = {
      ...POLICY('    require:\n      - { path: args.query, op: regex, value: "^abc$" }\n'),
      "phiward.yaml":
        'version: "1"\ngate: { approvers: [{ team: privacy-officers }] }\nsuppress:\n  - { rule: plain-pattern, reason: "SEC-1", until: 2026-12-01 }\n',
    };
    expect((await fixed(files)).did).toEqual([]);
  });

  it("is a file that does not load, while the others are mended", async () => {
    const files = {
      ...POLICY('    require:\n      - { path: args.query, op: regex, value: "^abc$" }\n'),
      "tests/a.test.yaml": "version: [\n",
    };
    const { after, did } = await fixed(files);
    expect(did).toEqual(["plain-pattern"]);
    expect(after["tests/a.test.yaml"]).toBe("version: [\n");
  });
});

const comments = (text: string): string[] =>
  [...new Lexer().lex(text)].filter((token) => token.startsWith("#"));

it("no fix of any policy changes a decision or loses a comment, and a second run finds nothing", async () => {
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(pairs, { minLength: 4, maxLength: 4 }), async (several) => {
      const [first] = several;
      const text = `# the first line\n${stringify(first!.policy)}# the last line\n`;
      const files: Record<string, string> = { "policies/p1.yaml": text };
      const { server, grant } = first!;
      if (server !== undefined && grant !== undefined) {
        const { lock, ...described } = server as typeof server & { lock?: unknown };
        files["servers/s1.yaml"] = stringify({ ...described, id: "s1" });
        if (lock !== undefined) files["servers/s1.lock.json"] = JSON.stringify(lock);
        files[`grants/${grant.id}.yaml`] = stringify(grant);
      }
      const report = await fix(memoryTree(files), { now: EXAMPLE_NOW });
      const after = report.files.get("policies/p1.yaml")?.after;
      if (after === undefined) return;
      changed++;
      expect(comments(after)).toEqual(comments(text));
      const again = await fix(memoryTree({ ...files, "policies/p1.yaml": after }), {
        now: EXAMPLE_NOW,
      });
      expect(again.files.size).toBe(0);
      const was = prepare((await load(memoryTree(files))).repository);
      const is = prepare(report.loaded.repository);
      for (const pair of several) {
        const call = { ...callOfPair(pair), ...keysOf(first!) };
        const verdict = (of: typeof was): string => decide(of, call).decision.verdict;
        expect(verdict(is)).toBe(verdict(was));
      }
    }),
    { numRuns: 120 },
  );
  expect(changed).toBeGreaterThan(8);
});

/** Whose call it is: the first pair's grant on its server, or its policy alone. */
function keysOf({
  grant,
  server,
}: {
  grant?: { id: string } | undefined;
  server?: unknown;
}): object {
  return grant === undefined || server === undefined
    ? { policy: "p1", grant: undefined, server: undefined }
    : { grant: grant.id, server: "s1", policy: undefined };
}
