/** Which mistakes are made of which part, and where they are said to stand. */
import { expect, test } from "vitest";
import { mutantsOf } from "../../engine/mutate/mutants.ts";
import { folder, policy } from "../support/small-repository.ts";

const mutations = async (rules: string, file = "policies/lookup.yaml"): Promise<string[]> =>
  mutantsOf(await folder(policy(rules)))
    .filter(({ place }) => place.file === file)
    .map(({ mutation, place }) => `${place.line}: ${mutation}`);

const ONE = (condition: string): string => `tools:\n  read:\n    require:\n      - ${condition}\n`;

test.each<[what: string, rules: string, expected: string[]]>([
  [
    "a condition that is an entry by itself",
    ONE("{ path: args.n, op: lte, value: 10 }"),
    [
      "6: drop the `require` entry",
      "6: negate `args.n lte 10`",
      "6: `lte` becomes `lt` in `args.n lte 10`",
      "6: `10` becomes `9` in `args.n lte 10`",
      "6: `10` becomes `11` in `args.n lte 10`",
    ],
  ],
  [
    "a size that cannot be less than nothing",
    ONE("{ path: args.t, op: length_gt, value: 0 }"),
    [
      "6: `length_gt` becomes `length_gte` in `args.t length_gt 0`",
      "6: `0` becomes `1` in `args.t length_gt 0`",
    ],
  ],
  [
    "conditions that must all hold",
    ONE(
      "{ name: both, conditions: [{ path: args.a, op: exists, value: true }, { path: args.b, op: exists, value: true }] }",
    ),
    [
      "6: the `require` entry `both` becomes a `deny_if` entry",
      "6: one of the conditions is enough, where all must hold",
      "6: drop the condition `args.a exists true`",
      "6: drop the condition `args.b exists true`",
    ],
  ],
  [
    "alternatives",
    ONE(
      "{ any_of: [[{ path: args.a, op: exists, value: true }], [{ path: args.b, op: exists, value: true }]] }",
    ),
    [
      "6: every alternative must hold, where one was enough",
      "6: drop the alternative `args.a exists true`",
    ],
  ],
  [
    // What is added is known from elsewhere in the repository: here from the second entry.
    "a list",
    `${ONE("{ path: args.k, op: in, value: [a, b] }")}      - { path: args.k, op: neq, value: c }\n`,
    [
      "6: `a` is left out of the list of `args.k in` (require/0)",
      "6: `c` is added to the list of `args.k in` (require/0)",
    ],
  ],
  [
    "a quantifier",
    ONE("{ path: 'args.ids[*]', op: eq, value: a, quantifier: all }"),
    ['6: `all` becomes `any` in `all of args.ids[*] eq "a"`'],
  ],
  [
    "an expression",
    ONE("{ path: args.q, op: regex, value: '(?i)drop' }"),
    [
      '6: `regex` becomes `matches` in `args.q regex "(?i)drop"`',
      '6: the case of letters counts in `args.q regex "(?i)drop"`',
    ],
  ],
  [
    "a type",
    ONE("{ path: args.n, op: type, value: integer }"),
    ['6: `integer` becomes `number` in `args.n type "integer"`'],
  ],
  [
    "the arguments that may be present",
    "tools:\n  read:\n    args: [patient, n]\n",
    [
      "5: any argument may be present: drop `args`",
      "5: leave `n` out of `args`",
      "5: leave `patient` out of `args`",
    ],
  ],
  [
    "a limit",
    "tools:\n  read:\n    limits: [{ counter: calls, window: hour, max: 2, distinct: subject }]\n",
    [
      "5: drop the limit `calls`",
      "5: `max: 2` becomes `1` in the limit `calls`",
      "5: `max: 2` becomes `3` in the limit `calls`",
      "5: `window: hour` becomes `minute` in the limit `calls`",
      "5: `window: hour` becomes `day` in the limit `calls`",
      "5: calls are counted instead of different patients in the limit `calls`",
    ],
  ],
  [
    "the policy itself",
    "hide: [count]\ntools:\n  read: {}\nmethods:\n  prompts/get: {}\n",
    [
      "2: `default: deny` becomes `allow`",
      "3: `count` is no longer hidden",
      "5: `read` is no longer listed",
      "7: `prompts/get` is no longer listed",
      // The gravest tool of the server that the policy does not list.
      "5: `write` is listed too, without any rule",
    ],
  ],
])("mutants of %s", async (_, rules, expected) => {
  expect(await mutations(rules)).toEqual(expect.arrayContaining(expected));
});

test("mutants of a grant", async () => {
  expect(await mutations("tools:\n  read: {}\n", "grants/bot.yaml")).toEqual([
    "6: `issued: 2026-09-01` becomes `2026-08-31`",
    "6: `issued: 2026-09-01` becomes `2026-09-02`",
    "7: `expires: 2027-03-01` becomes `2027-02-28`",
    "7: `expires: 2027-03-01` becomes `2027-03-02`",
    "3: `purpose: treatment` becomes `operations`",
    "2: `kind: agent` becomes `person`",
    "2: nobody answers for it: drop `responsible`",
    "4: no access to `ehr`",
    "5: drop the attribute `clinics`",
    "5: one value less in the attribute `clinics`",
    "5: one value less in the attribute `clinics`",
  ]);
});

test("mutants of a label sound more harmless, and are made where somebody reaches the tool", async () => {
  const limit = "limits: [{ counter: c, window: hour, max: 2, distinct: subject }]";
  expect(await mutations(`tools:\n  write: { ${limit} }\n`, "servers/ehr.yaml")).toEqual([
    "5: `effect: write` becomes `read` in the label of `write`",
    "5: `ephi: true` becomes `false` in the label of `write`",
    "5: `subject` becomes `none` in the label of `write`",
  ]);
});

test("the same files give the same mutants in the same order", async () => {
  const rules = ONE("{ path: args.k, op: in, value: [a, b] }");
  expect(await mutations(rules)).toEqual(await mutations(rules));
});
