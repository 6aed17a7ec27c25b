/** What counts as an approval: a table of single cases, and properties over all of them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Approvals,
  type AskedApprovals,
  judgeApprovals,
  type Review,
} from "../../engine/gate/approvals.ts";
import { assign } from "../../engine/gate/assign.ts";
import type { ApproverGroup } from "../../engine/gate/report.ts";

const HEAD = "1".repeat(40);
const OLD = "2".repeat(40);

const team = (name: string, needed = 1): ApproverGroup => ({
  group: `team ${name}`,
  kind: "team",
  name,
  needed,
});
const login = (name: string, needed = 1): ApproverGroup => ({
  group: `login ${name}`,
  kind: "login",
  name,
  needed,
});
const review = (person: string, more: Partial<Review> = {}): Review => ({
  person,
  human: true,
  state: "APPROVED",
  commit: HEAD,
  at: "2026-10-01T12:00:00Z",
  review: `https://example.org/${person}`,
  ...more,
});

const TEAMS = new Map([
  ["privacy", ["ana", "ben", "dora"]],
  ["security", ["carl", "dora"]],
]);

function asked(more: Partial<AskedApprovals> = {}): AskedApprovals {
  return {
    commit: HEAD,
    requires: [team("privacy"), team("security")],
    reviews: [review("ana"), review("carl")],
    teams: TEAMS,
    parts: [{ person: "eve", did: "authored" }],
    unattributed: [],
    ...more,
  };
}

const people = ({ groups }: Approvals): Record<string, string[]> =>
  Object.fromEntries(groups.map(({ group, by }) => [group, by.map(({ person }) => person)]));

const LATER = "2026-10-01T13:00:00Z";

describe("a change is approved", () => {
  test.each<[string, Partial<AskedApprovals>, Record<string, string[]>]>([
    ["by one person of each group", {}, { "team privacy": ["ana"], "team security": ["carl"] }],
    [
      "whatever the case of the logins",
      { reviews: [review("ANA"), review("Carl")] },
      { "team privacy": ["ANA"], "team security": ["Carl"] },
    ],
    [
      // dora stands in both groups, and only she can fill security.
      "when a person of two groups is given to the one that has nobody else",
      { reviews: [review("dora"), review("ana")] },
      { "team privacy": ["ana"], "team security": ["dora"] },
    ],
    [
      // A remark is how GitHub files a reply to a question; it takes no approval back.
      "although the person made a remark afterwards",
      {
        reviews: [review("ana"), review("carl"), review("ana", { state: "COMMENTED", at: LATER })],
      },
      { "team privacy": ["ana"], "team security": ["carl"] },
    ],
    [
      "by the last vote, after one against it",
      {
        reviews: [
          review("carl"),
          review("ana", { at: LATER }),
          review("ana", { state: "CHANGES_REQUESTED" }),
        ],
      },
      { "team privacy": ["ana"], "team security": ["carl"] },
    ],
    [
      "by people who are named, beside teams",
      { requires: [login("Zoe"), team("privacy")], reviews: [review("zoe"), review("ben")] },
      { "login Zoe": ["zoe"], "team privacy": ["ben"] },
    ],
    [
      "by two of a group that needs two",
      { requires: [team("privacy", 2)], reviews: [review("ben"), review("ana")] },
      { "team privacy": ["ana", "ben"] },
    ],
    [
      // GitHub itself commits what is written in its pages: no person.
      "although GitHub itself and a machine made commits",
      { parts: [{ person: "renovate[bot]", did: "authored" }] },
      { "team privacy": ["ana"], "team security": ["carl"] },
    ],
  ])("%s", (_, more, by) => {
    const approvals = judgeApprovals(asked(more));
    expect(approvals).toMatchObject({ satisfied: true, commit: HEAD, problems: [] });
    expect(people(approvals)).toEqual(by);
  });

  test("and the report keeps who, where and when", () => {
    expect(judgeApprovals(asked()).groups[0]).toEqual({
      group: "team privacy",
      needed: 1,
      by: [{ person: "ana", review: "https://example.org/ana", at: "2026-10-01T12:00:00Z" }],
    });
  });
});

describe("a change is not approved", () => {
  test.each<[string, Partial<AskedApprovals>, readonly string[]]>([
    ["without reviews", { reviews: [] }, []],
    ["by one group alone", { reviews: [review("ana"), review("ben")] }, []],
    ["by one person for two groups", { reviews: [review("dora")] }, []],
    [
      "on an older commit",
      { reviews: [review("ana", { commit: OLD }), review("carl")] },
      ["`ana` approved `2222222`, and not the last commit `1111111`"],
    ],
    [
      "on no commit that is known",
      { reviews: [review("ana", { commit: undefined }), review("carl")] },
      ["`ana` approved `no commit`, and not the last commit `1111111`"],
    ],
    [
      "when the review was dismissed",
      { reviews: [review("ana", { state: "DISMISSED" }), review("carl")] },
      [],
    ],
    [
      "when the person changed their mind",
      {
        reviews: [
          review("ana"),
          review("carl"),
          review("ana", { state: "CHANGES_REQUESTED", at: LATER }),
        ],
      },
      [],
    ],
    [
      // The clock has seconds: of two votes in one of them the careful one counts.
      "when two votes of a person have the same time",
      { reviews: [review("ana", { state: "CHANGES_REQUESTED" }), review("ana"), review("carl")] },
      [],
    ],
    [
      // A state that does not exist today is a vote of which only is known that it is no approval.
      "by a vote of a kind that nobody knows",
      {
        reviews: [review("ana"), review("carl"), review("ana", { state: "QUESTIONED", at: LATER })],
      },
      [],
    ],
    [
      "on an older commit, after an approval of the last one",
      { reviews: [review("ana"), review("carl"), review("ana", { commit: OLD, at: LATER })] },
      ["`ana` approved `2222222`, and not the last commit `1111111`"],
    ],
    ...(["authored", "committed", "pushed"] as const).map(
      (did): [string, Partial<AskedApprovals>, readonly string[]] => [
        `by a person who ${did} a commit of it`,
        { parts: [{ person: "ANA", did }] },
        [`\`ana\` ${did} a commit of this change, so their approval does not count`],
      ],
    ),
    [
      "by a person who opened it",
      { parts: [{ person: "carl", did: "opened" }] },
      ["`carl` opened this pull request, so their approval does not count"],
    ],
    [
      "by a machine, even one that a group lists",
      { requires: [login("bot")], reviews: [review("bot", { human: false })] },
      ["`bot` is not a person, so its approval does not count"],
    ],
    [
      "by somebody whom no group lists",
      { reviews: [review("zoe"), review("carl")] },
      ["`zoe` approved, and is in none of the groups that the base names"],
    ],
    [
      "for a team that could not be asked",
      { teams: new Map([["security", ["carl"]]]), reviews: [review("carl")] },
      ["team `privacy` does not exist or may not be read, so nobody can approve for it"],
    ],
    [
      "where a part of it belongs to nobody known, even with every approval",
      { unattributed: ["commit `3333333` names an author without an account"] },
      ["commit `3333333` names an author without an account"],
    ],
    [
      "twice by one login",
      { requires: [login("ana", 2)], reviews: [review("ana"), review("ANA", { at: LATER })] },
      ["`ana` is one person and cannot approve 2 times"],
    ],
    // Nobody can be right who is asked for by nobody.
    ["where base names nobody", { requires: [], reviews: [] }, []],
    [
      "by nobody, where base asks for none of a group",
      { requires: [team("privacy", 0)], reviews: [] },
      [],
    ],
  ])("%s", (_, more, problems) => {
    const approvals = judgeApprovals(asked(more));
    expect(approvals.satisfied).toBe(false);
    expect(approvals.problems).toEqual(problems);
  });
});

const NAMES = ["ana", "ben", "carl", "dora", "eve"];
const arbitraryPerson = fc.constantFrom(...NAMES, ...NAMES.map((name) => name.toUpperCase()));
const arbitraryAsked: fc.Arbitrary<AskedApprovals> = fc.record({
  commit: fc.constant(HEAD),
  requires: fc.array(
    fc.oneof(
      fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom(1, 1, 2)).map((g) => team(...g)),
      arbitraryPerson.map((name) => login(name)),
    ),
    { maxLength: 3 },
  ),
  reviews: fc.array(
    fc.record({
      person: arbitraryPerson,
      human: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.boolean()),
      state: fc.constantFrom(
        ...Array<string>(12).fill("APPROVED"),
        "CHANGES_REQUESTED",
        "DISMISSED",
        "COMMENTED",
      ),
      commit: fc.constantFrom(...Array<string>(8).fill(HEAD), OLD, undefined),
      at: fc.integer({ min: 10, max: 59 }).map((s) => `2026-10-01T12:00:${s}Z`),
      review: fc.constant("r"),
    }),
    { minLength: 3, maxLength: 12 },
  ),
  teams: fc
    .dictionary(
      fc.constantFrom("a", "b", "c"),
      fc.array(arbitraryPerson, { minLength: 2, maxLength: 5 }),
      { minKeys: 2 },
    )
    .map((teams) => new Map(Object.entries(teams))),
  parts: fc.array(
    fc.record({
      person: arbitraryPerson,
      did: fc.constantFrom("authored" as const, "committed" as const, "pushed" as const),
    }),
    { maxLength: 1 },
  ),
  unattributed: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, fc.constant(["a sentence"])),
});

const counted = ({ groups }: Approvals): string[] =>
  groups.flatMap(({ by }) => by.map(({ person }) => person.toLowerCase()));

describe("always", () => {
  const holds = (property: (asked: AskedApprovals, approvals: Approvals) => void) =>
    fc.assert(
      fc.property(arbitraryAsked, (input) => property(input, judgeApprovals(input))),
      { numRuns: 1000 },
    );

  test("the generator makes both approved and unapproved changes", () => {
    const sample = fc.sample(arbitraryAsked, { numRuns: 1000, seed: 7 }).map(judgeApprovals);
    const satisfied = sample.filter((each) => each.satisfied).length;
    expect(satisfied).toBeGreaterThan(20);
    expect(satisfied).toBeLessThan(900);
  });

  test("nobody counts twice", () =>
    holds((_, approvals) => {
      const names = counted(approvals);
      expect(new Set(names).size).toBe(names.length);
    }));

  test("everybody who counts approved this very commit, last of all their votes, and is of the group", () =>
    holds(({ reviews, teams }, { groups }) => {
      for (const { group, by } of groups)
        for (const { person, at } of by) {
          const same = (name: string) => name.toLowerCase() === person.toLowerCase();
          const [kind, name] = group.split(" ") as [string, string];
          const votes = reviews.filter((each) => same(each.person) && each.state !== "COMMENTED");
          expect(votes).toContainEqual(
            expect.objectContaining({ at, commit: HEAD, human: true, state: "APPROVED" }),
          );
          expect(votes.every((vote) => vote.at <= at!)).toBe(true);
          expect(kind === "login" ? same(name) : teams.get(name)!.some(same)).toBe(true);
        }
    }));

  test("nobody who has a part in the change counts", () =>
    holds(({ parts }, approvals) => {
      for (const { person } of parts)
        expect(counted(approvals)).not.toContain(person.toLowerCase());
    }));

  test("a change is approved exactly when no group lacks anybody and nothing is unattributed", () =>
    holds(({ requires, unattributed }, { satisfied, groups, problems }) => {
      const full = groups.every(({ needed, by }) => by.length === needed);
      expect(satisfied).toBe(full && requires.length > 0 && unattributed.length === 0);
      if (satisfied) expect(problems).toEqual([]);
    }));

  test("the order of reviews, people and parts does not matter", () =>
    holds((input, approvals) => {
      const reversed = judgeApprovals({
        ...input,
        reviews: [...input.reviews].reverse(),
        parts: [...input.parts].reverse(),
        teams: new Map([...input.teams].map(([name, all]) => [name, [...all].reverse()])),
      });
      expect(reversed.satisfied).toBe(approvals.satisfied);
      expect(counted(reversed).sort()).toEqual(counted(approvals).sort());
    }));

  test("one more part in the change never approves it", () =>
    fc.assert(
      fc.property(arbitraryAsked, arbitraryPerson, (input, person) => {
        const more = { ...input, parts: [...input.parts, { person, did: "pushed" as const }] };
        if (judgeApprovals(more).satisfied) expect(judgeApprovals(input).satisfied).toBe(true);
      }),
      { numRuns: 1000 },
    ));
});

describe("the assignment", () => {
  const arbitraryGroups = fc.array(
    fc.record({
      needed: fc.integer({ min: 0, max: 3 }),
      people: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 }),
    }),
    { maxLength: 3 },
  );

  /** Tries every way to give each person to a group, or to none. */
  function mostSeats(groups: readonly { needed: number; people: readonly string[] }[]): number {
    const all = [...new Set(groups.flatMap(({ people }) => people))];
    const best = (rest: readonly string[], left: readonly number[]): number => {
      const [person, ...others] = rest;
      if (person === undefined) return 0;
      const without = best(others, left);
      const withOne = groups.map(({ people }, i) =>
        people.includes(person) && left[i]! > 0
          ? 1 +
            best(
              others,
              left.map((n, j) => (i === j ? n - 1 : n)),
            )
          : 0,
      );
      return Math.max(without, ...withOne);
    };
    return best(
      all,
      groups.map(({ needed }) => needed),
    );
  }

  test("fills as many seats as any assignment can", () =>
    fc.assert(
      fc.property(arbitraryGroups, (groups) => {
        const assigned = assign(groups);
        expect(assigned.flat()).toHaveLength(mostSeats(groups));
        expect(new Set(assigned.flat()).size).toBe(assigned.flat().length);
        for (const [i, { needed, people }] of groups.entries()) {
          expect(assigned[i]!.length).toBeLessThanOrEqual(needed);
          expect(people).toEqual(expect.arrayContaining(assigned[i]!));
        }
      }),
      { numRuns: 500 },
    ));
});
