/** Which mutants are the original in other words, by proof, and what tells the others from it. */
import { expect, test } from "vitest";
import { decide } from "../../engine/decide/decide.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import { withMutant } from "../../engine/mutate/apply.ts";
import { type Difference, differ } from "../../engine/mutate/differ.ts";
import { mutantsOf } from "../../engine/mutate/mutants.ts";
import { type Files, folder, NOW, policy } from "../support/small-repository.ts";

/** What becomes of the one mutant whose mutation begins so. */
async function difference(mutation: string, ...parts: readonly Files[]): Promise<Difference> {
  const loaded = await folder(...parts);
  const [mutant, ...more] = mutantsOf(loaded).filter((one) => one.mutation.startsWith(mutation));
  expect([mutation, more.length, mutant === undefined]).toEqual([mutation, 0, false]);
  const original = prepare(loaded.repository);
  return differ(original, withMutant(original, mutant!.edit), mutant!.edit, NOW);
}

const READ = (rules: string): Files => policy(`tools:\n  read:\n${rules.replace(/^/gm, "    ")}\n`);

test.each<[why: string, mutation: string, parts: Files]>([
  [
    "another entry says the same",
    "drop the `require` entry `twice`",
    READ(
      "require:\n  - { name: twice, conditions: [{ path: args.n, op: gt, value: 1 }] }\n  - { path: args.n, op: gt, value: 2 }",
    ),
  ],
  ["no rule reads the purpose", "`purpose: treatment` becomes", READ("args: [patient]")],
  [
    "the hidden tool is not listed anyway",
    "`count` is no longer hidden",
    policy("hide: [count]\ntools: { read: {} }\n"),
  ],
  [
    "the pattern has its anchors in it",
    "`matches` becomes `regex`",
    READ("require:\n  - { path: args.q, op: matches, value: '^[ab]+$' }"),
  ],
  [
    "five an hour are never two hundred a day",
    "`max: 200` becomes `201`",
    READ(
      "limits:\n  - { counter: h, window: hour, max: 5 }\n  - { counter: d, window: day, max: 200 }",
    ),
  ],
  [
    "no call reaches the limit",
    "drop the limit",
    READ(
      "require:\n  - { path: args.n, op: gt, value: 2 }\n  - { path: args.n, op: lt, value: 1 }\nlimits:\n  - { counter: h, window: hour, max: 5 }",
    ),
  ],
])("no call tells it from the original: %s", async (_, mutation, parts) => {
  expect(await difference(mutation, parts)).toEqual({ is: "none" });
});

test("where no grant can ever show a difference, the policy by itself does", async () => {
  const found = await difference("drop the `require` entry", {
    ...READ("require:\n  - { path: args.n, op: gt, value: 2 }"),
    "phiward.yaml": 'version: "1"\nrequireBaa: true\n',
    // No agreement, so the grant's calls are denied whatever the policy says.
    "servers/ehr.yaml": 'version: "1"\nid: ehr\ntools: { read: { effect: read, ephi: true } }\n',
  });
  expect(found).toMatchObject({ is: "shown", witness: { policy: "lookup", server: "ehr" } });
});

test.each<[mutation: string, parts: Files, verdicts: [original: string, mutant: string]]>([
  ["negate", READ("require:\n  - { path: args.n, op: gt, value: 2 }"), ["deny", "allow"]],
  [
    "`gt` becomes `gte`",
    READ("require:\n  - { path: args.n, op: gt, value: 2 }"),
    ["deny", "allow"],
  ],
  ["`2` becomes `3`", READ("require:\n  - { path: args.n, op: gt, value: 2 }"), ["allow", "deny"]],
  ["`expires: 2027-03-01` becomes `2027-03-02`", READ("args: []"), ["deny", "allow"]],
  [
    "`max: 2` becomes `3`",
    READ("limits: [{ counter: c, window: hour, max: 2 }]"),
    ["deny", "allow"],
  ],
  [
    "`max: 2` becomes `1`",
    READ("limits: [{ counter: c, window: hour, max: 2 }]"),
    ["allow", "deny"],
  ],
  [
    "`window: hour` becomes `day`",
    READ("limits: [{ counter: c, window: hour, max: 2 }]"),
    ["allow", "deny"],
  ],
  [
    "calls are counted instead of different",
    READ("limits: [{ counter: c, window: hour, max: 2, distinct: subject }]"),
    ["allow", "deny"],
  ],
  [
    "calls are counted instead of the sum",
    READ("limits: [{ counter: c, window: hour, max: 9, increment_from: args.n }]"),
    ["deny", "allow"],
  ],
  [
    "drop the limit",
    READ("limits: [{ counter: c, window: hour, max: 2, distinct: subject }]"),
    ["deny", "allow"],
  ],
  [
    "`subject` becomes `none`",
    READ("limits: [{ counter: c, window: hour, max: 2, distinct: subject }]"),
    ["deny", "allow"],
  ],
  ["`default: deny` becomes `allow`", READ("{}"), ["deny", "allow"]],
  // Both allow it; what the log says of it differs.
  ["`ephi: true` becomes `false`", READ("args: []"), ["allow", "allow"]],
])("a call that was replayed tells it from the original: %s", async (mutation, parts, verdicts) => {
  const found = await difference(mutation, parts);
  if (found.is !== "shown") throw new Error(JSON.stringify(found));
  expect([found.expected.verdict, found.mutant.verdict]).toEqual(verdicts);
  expect(found.expected).not.toEqual(found.mutant);
  if (found.witness.sequence !== undefined) return;
  const original = prepare((await folder(parts)).repository);
  expect(decide(original, found.witness).decision.verdict).toBe(verdicts[0]);
});

test("two policies with the same rules and other limits are not the same", async () => {
  const limited = (max: number): string =>
    `version: "1"\ndefault: deny\ntools: { read: { limits: [{ counter: c, window: hour, max: ${max} }] } }\n`;
  const found = await difference("`policy: lookup` becomes `other`", {
    "policies/lookup.yaml": limited(2),
    "policies/other.yaml": limited(3),
  });
  expect(found).toMatchObject({ is: "shown", expected: { rule: "/tools/read/limits/0" } });
});

test("where an argument decides whether an agreement is needed, a call without is found", async () => {
  const found = await difference("drop the `require` entry", {
    ...READ("require:\n  - { path: args.n, op: gt, value: 2 }"),
    "phiward.yaml": 'version: "1"\nrequireBaa: true\n',
    "servers/ehr.yaml":
      'version: "1"\nid: ehr\ntools: { read: { effect: read, ephi: { by: args.kind, cases: { public: false } } } }\n',
  });
  expect(found.is).not.toBe("none");
});
