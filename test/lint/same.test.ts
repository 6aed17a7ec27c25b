/** What stands between a fix and the file: whether two versions of a repository decide alike. */
import { describe, expect, it } from "vitest";
import { GRANT, REGISTRY } from "../../engine/lint/examples.ts";
import { whyNotSame } from "../../engine/lint/fix/same.ts";
import { EXAMPLE_NOW, type Files } from "../../engine/lint/rule.ts";
import { load } from "../../engine/policy/load.ts";
import { memoryTree } from "../support/tree.ts";

const search = (rules: string, files: Files = REGISTRY): Files => ({
  ...files,
  "policies/lookup.yaml": `version: "1"\ndefault: deny\ntools: { search_patients: { ${rules} } }\n`,
});
const query = (rest: string): string => `{ path: args.query, ${rest} }`;
const require = (...entries: string[]): string => `require: [${entries.map(query).join(", ")}]`;

async function why(before: Files, after: Files): Promise<string | undefined> {
  const [was, is] = await Promise.all([load(memoryTree(before)), load(memoryTree(after))]);
  return whyNotSame(was, is, EXAMPLE_NOW);
}

const OTHERWISE = "a call would be decided otherwise";
const UNREAD = "a grant or a server with errors uses this policy";

describe("two versions of a policy", () => {
  const rows: [title: string, before: string, after: string, why: string | undefined][] = [
    [
      "the same in other words",
      require("op: regex, value: ^a$"),
      require("op: eq, value: a"),
      undefined,
    ],
    [
      "one that allows more",
      require("op: eq, value: a"),
      require("op: in, value: [a, b]"),
      OTHERWISE,
    ],
    [
      "one that allows less",
      require("op: in, value: [a, b]"),
      require("op: eq, value: a"),
      OTHERWISE,
    ],
    [
      "one that says the same twice",
      require("op: eq, value: a", "op: starts_with, value: a"),
      require("op: eq, value: a"),
      undefined,
    ],
    [
      "one with another limit, which no proof is about",
      "limits: [{ counter: c, window: hour, max: 5 }]",
      "limits: [{ counter: c, window: hour, max: 6 }]",
      "more than conditions would change",
    ],
    [
      "one with other arguments",
      "args: [query]",
      "args: [query, limit]",
      "more than conditions would change",
    ],
    [
      // Lengths that are multiples of all three: more states than the prover looks through.
      "one of which nobody can tell",
      require(...[101, 103, 107].map((n) => `op: matches, value: "([ab]{${n}})*"`)),
      require(...[101, 103, 107].map((n) => `op: matches, value: "((a|b){${n}})*"`)),
      "it could not be proved that no call changes",
    ],
  ];
  it.each(rows)("%s", async (_, before, after, reason) => {
    expect(await why(search(before), search(after))).toBe(reason);
  });

  it("which no grant uses yet are compared all the same", async () => {
    const alone = { "servers/ehr.yaml": REGISTRY["servers/ehr.yaml"] };
    const [a, b] = [
      search(require("op: eq, value: a"), alone),
      search(require("op: neq, value: a"), alone),
    ];
    expect(await why(a, b)).toBe(OTHERWISE);
  });

  it("are not compared where a grant cannot be read: it may be the one that makes the difference", async () => {
    const files = { ...REGISTRY, "grants/broken.yaml": "version: 1\n" };
    const [a, b] = [
      search(require("op: regex, value: ^a$"), files),
      search(require("op: eq, value: a"), files),
    ];
    expect(await why(a, b)).toBe(UNREAD);
  });

  it("nor where a server of theirs cannot", async () => {
    const files = { ...REGISTRY, "servers/ehr.yaml": "version: 1\n" };
    const [a, b] = [
      search(require("op: regex, value: ^a$"), files),
      search(require("op: eq, value: a"), files),
    ];
    expect(await why(a, b)).toBe(UNREAD);
  });
});

describe("two versions of a repository", () => {
  const files = search(require("op: eq, value: a"));

  it("of which the later has an error", async () => {
    const broken = { ...files, "policies/lookup.yaml": "version: [\n" };
    expect(await why(files, broken)).toBe("the file would have an error");
  });

  it("with the same error in both, and a comment more", async () => {
    const broken = { ...files, "tests/a.test.yaml": "version: [\n" };
    const after = { ...broken, "policies/lookup.yaml": `# why\n${files["policies/lookup.yaml"]}` };
    expect(await why(broken, after)).toBeUndefined();
  });

  it("with another grant", async () => {
    const after = { ...files, "grants/lookup-bot.yaml": GRANT.replace("treatment", "research") };
    expect(await why(files, after)).toBe("more than policies would change");
  });

  it("without a policy", async () => {
    const { "policies/lookup.yaml": _, ...after } = files;
    expect(await why(files, after)).toBe("a policy would be lost");
  });
});
