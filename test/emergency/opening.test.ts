/** When an opening holds, by the openings that are kept and the policy in force. */
import { describe, expect, test } from "vitest";
import {
  awaitingReview,
  type EmergencyGrants,
  endOf,
  inForce,
  type Opening,
} from "../../engine/emergency/opening.ts";
import { openingOf } from "./world.ts";

const OPENER = "person:m.example";
const opening = openingOf();
const { at, until, issued } = opening;

type Grants = EmergencyGrants["grants"];
const NIGHT: Grants[string] = {
  principal: { kind: "agent", id: "agent:night" },
  issued,
  breakGlass: { openers: [OPENER], maxMs: 4 * 3_600_000 },
};
const CHIEF: Grants[string] = { principal: { kind: "person", id: OPENER }, issued };
const grants = (fields: Grants = {}): EmergencyGrants => ({
  grants: { night: NIGHT, chief: CHIEF, ...fields },
});
const night = (fields: object): EmergencyGrants => grants({ night: { ...NIGHT, ...fields } });
const opensFor = (openers: readonly string[], maxMs: number) => ({
  breakGlass: { openers, maxMs },
});

interface Row {
  readonly when: string;
  readonly ends: ReturnType<typeof endOf>;
  readonly opening?: Partial<Opening>;
  readonly policy?: EmergencyGrants;
  readonly at?: number;
}

const ROWS: readonly Row[] = [
  { when: "it begins", ends: undefined },
  { when: "just before its end", at: until - 1, ends: undefined },
  { when: "its end", at: until, ends: "time" },
  // Another machine's clock may stand a little before this one's.
  { when: "half a minute before it began", at: at - 30_000, ends: undefined },
  { when: "the clock was set back by more than a minute", at: at - 60_001, ends: "time" },
  { when: "somebody closed it", opening: { closedAt: at, closedFor: "person" }, ends: "person" },
  { when: "its grant is gone", policy: { grants: { chief: CHIEF } }, ends: "policy" },
  {
    when: "its grant is no emergency grant any more",
    policy: night({ breakGlass: undefined }),
    ends: "policy",
  },
  {
    when: "its opener is named no longer",
    policy: night(opensFor(["person:d.example"], 4e7)),
    ends: "policy",
  },
  {
    when: "its grant was given to somebody else",
    policy: night({ principal: { kind: "agent", id: "agent:late" } }),
    ends: "policy",
  },
  {
    when: "its grant was issued anew",
    policy: night({ issued: issued + 86_400_000 }),
    ends: "policy",
  },
  // Whoever has left leaves nothing open.
  {
    when: "its opener has no grant any more",
    policy: { grants: { night: NIGHT } },
    ends: "policy",
  },
  {
    when: "its opener's name is a service's now",
    policy: grants({ chief: { ...CHIEF, principal: { kind: "service", id: OPENER } } }),
    ends: "policy",
  },
  {
    when: "a policy with a shorter time, within it",
    policy: night(opensFor([OPENER], 60_000)),
    at: at + 59_999,
    ends: undefined,
  },
  {
    when: "a policy with a shorter time, after it",
    policy: night(opensFor([OPENER], 60_000)),
    at: at + 60_000,
    ends: "time",
  },
  // A policy with more time gives nothing to what is open already.
  {
    when: "a policy with a longer time, at its end",
    policy: night(opensFor([OPENER], 9e7)),
    at: until,
    ends: "time",
  },
  {
    when: "its grant has the name of a property of all objects",
    opening: { grant: "constructor" },
    ends: "policy",
  },
];

describe("an opening", () => {
  test.each(ROWS)(
    "when $when: $ends",
    ({ opening: fields, policy = grants(), at: now = at, ends }) => {
      const one = openingOf(fields);
      expect(endOf(one, policy, now)).toBe(ends);
      expect([...inForce([one], policy, now).values()]).toEqual(ends === undefined ? [one] : []);
    },
  );

  test("that is pending is not in force", () => {
    expect(inForce([{ ...opening, pending: true }], grants(), at).size).toBe(0);
  });
});

test("everything that was opened awaits its review, oldest first, however it ended", () => {
  const [signed, marked, closed, open] = [
    openingOf({ n: 1 }),
    openingOf({ n: 2, reviewedAt: at, reviewedBy: "person:c.example" }),
    openingOf({ n: 3, at: at - 1, closedAt: at, closedFor: "interrupted" }),
    openingOf({ n: 4, at: at - 2 }),
  ];
  const awaiting = awaitingReview([signed, marked, closed, open], new Set([signed.id]));
  expect(awaiting).toEqual([open, closed]);
});
