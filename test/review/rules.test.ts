/** Each rule of the activity review says something where it should, and nothing where it should not. */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Entry } from "../../engine/audit/record.ts";
import { segmentPath } from "../../engine/audit/segments.ts";
import { REVIEW_RULES } from "../../engine/review/rules/index.ts";
import { STANDING_RULES } from "../../engine/review/standing.ts";
import {
  admin,
  call,
  calls,
  days,
  found,
  type Options,
  october,
  outcome,
  policy,
  rejected,
} from "./world.ts";

type Row = readonly [title: string, entries: readonly Entry[], found: readonly string[], Options?];

const NIGHT = { grant: "nurse", principal: "person:n.example", responsible: undefined };
/** Two months of day shifts, eight hours each: a habit of its own. */
const SHIFTS = Array.from({ length: 60 }, (_, i) => i - 29)
  .filter((day) => day <= 20)
  .flatMap((day) =>
    Array.from({ length: 9 }, (_, h) => calls(1, october(day, 8 + h), NIGHT, 100 * day + h)),
  )
  .flat();
const bundle = { name: "example", version: "7", digest: `sha256:${"1".repeat(64)}` };
const opened = (id: string) =>
  admin(october(5), "emergency.opened", {
    event: id,
    by: "person:m.chen",
    grant: "er",
    expires: new Date(october(5, 14)).toISOString(),
    details: { opening: id, reason: "arrived without papers" },
  });

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  "bulk-read": [
    [
      "a day far above its own habit",
      [...days(1, 10, 3), ...calls(60, october(11), {}, 500)],
      ["high bulk-read/agent:bot"],
    ],
    [
      "a busy day of a busy principal",
      [...days(1, 10, 15), ...calls(60, october(11), {}, 500)],
      [],
    ],
    [
      "one patient, often",
      [...days(1, 10, 3), ...calls(90, october(11), { subjects: ["ab".repeat(32)] })],
      [],
    ],
    // The peers of the same kind and purpose read as many on an ordinary day.
    [
      "a day that is usual among its peers",
      [
        ...days(1, 10, 3),
        ...calls(60, october(11), {}, 500),
        ...days(1, 10, 50, { grant: "b2", principal: "agent:b2" }),
      ],
      [],
    ],
    ["the first day of all", calls(80, october(11)), []],
    [
      "items in results, where no patient is named",
      [
        ...days(1, 10, 3).flatMap((one) => [one, outcome(one)]),
        ...calls(10, october(11), { subjects: [], subject: "unknown" }).flatMap((one) => [
          one,
          outcome(one, { items: 100 }),
        ]),
      ],
      ["high bulk-read/agent:bot"],
    ],
    ["a day of the month before", [...days(1, 10, 3), ...calls(60, october(-3), {}, 500)], []],
  ],
  "odd-hours": [
    [
      "three patients at night, and never again",
      [...SHIFTS, ...calls(4, october(12, 2), NIGHT, 9000)],
      ["high odd-hours/person:n.example"],
    ],
    // Whom she treats by day is no stranger.
    [
      "its own patients at night",
      [...SHIFTS, ...calls(4, october(12, 2), { ...NIGHT, subjects: SHIFTS[0]!.subjects })],
      ["medium odd-hours/person:n.example"],
    ],
    ["an hour longer than usual", [...SHIFTS, ...calls(4, october(12, 17), NIGHT, 9000)], []],
    ["two calls", [...SHIFTS, ...calls(2, october(12, 2), NIGHT, 9000)], []],
    ["denied calls", [...SHIFTS, ...calls(9, october(12, 2), { ...NIGHT, rule: "(expired)" })], []],
    ["without any habit", calls(9, october(12, 2), NIGHT), []],
  ],
  "ended-token": [
    [
      "revoked",
      [call(october(1)), rejected(october(2), { code: "revoked_token", grant: "bot" })],
      ["high ended-token/revoked_token/bot"],
    ],
    [
      "its grant taken away",
      [call(october(1)), rejected(october(2), { code: "orphaned_token", grant: "bot" })],
      ["high ended-token/orphaned_token/bot"],
    ],
    [
      "expired",
      [call(october(1)), rejected(october(2), { code: "expired_token", grant: "bot" })],
      ["low ended-token/expired_token/bot"],
    ],
    ["malformed", [call(october(1)), rejected(october(2), { code: "malformed" })], []],
  ],
  "denied-burst": [
    [
      "twenty in an hour",
      calls(20, october(3), { rule: "(default deny)" }),
      ["medium denied-burst/agent:bot"],
    ],
    ["nineteen", calls(19, october(3), { rule: "(default deny)" }), []],
    [
      "twenty over two hours",
      [
        ...calls(10, october(3), { rule: "(expired)" }),
        ...calls(10, october(3, 13), { rule: "(expired)" }),
      ],
      [],
    ],
    [
      "a small part of the work",
      [...calls(20, october(3), { rule: "(expired)" }), ...calls(70, october(3))],
      [],
    ],
  ],
  "unknown-token": [
    // One record may stand for several alike.
    [
      "a hundred on a day",
      [rejected(october(4), { count: 60 }), rejected(october(4, 13), { count: 40 })],
      ["medium unknown-token/2026-10-04"],
    ],
    ["ninety-nine", [rejected(october(4), { count: 99 })], []],
  ],
  "no-responsible": [
    [
      "an agent of nobody",
      [call(october(1), { responsible: undefined })],
      ["medium no-responsible/agent:bot"],
    ],
    ["a person", [call(october(1), NIGHT)], []],
  ],
  "stale-release": [
    [
      "patient data",
      [call(october(1), { bundle: { ...bundle, stale: true } })],
      ["medium stale-release/agent:bot"],
    ],
    [
      "no patient data",
      [call(october(1), { ephi: false, bundle: { ...bundle, stale: true } })],
      [],
    ],
    ["denied", [call(october(1), { rule: "(stale)", bundle: { ...bundle, stale: true } })], []],
  ],
  "only-watched": [
    ["a call", [call(october(1), { monitor: true })], ["note only-watched/agent:bot"]],
    ["an ordinary one", [call(october(1))], []],
  ],
  "new-denials": [
    [
      "a rule that denied nothing before",
      [
        call(october(-5)),
        ...calls(20, october(3), { rule: "/tools/get_patient_record/require/0" }),
      ],
      ["low new-denials/ehr/get_patient_record/lookup:/tools/get_patient_record/require/0"],
    ],
    [
      "a rule that denied as much before",
      [
        ...calls(20, october(-5), { rule: "(expired)" }),
        ...calls(20, october(3), { rule: "(expired)" }),
      ],
      [],
    ],
    // Compared with nothing everything would be new.
    ["the first month of the log", calls(20, october(3), { rule: "(expired)" }), []],
  ],
  "damaged-log": [
    [
      "an edited record",
      calls(5, october(3)),
      ["high damaged-log"],
      {
        damage(folder) {
          const path = segmentPath(folder, 1);
          writeFileSync(path, readFileSync(path, "utf8").replace('"allow"', '"deny" '));
        },
      },
    ],
    ["a whole log", calls(5, october(3)), []],
  ],
  "recovered-tail": [
    [
      "a recovery",
      [admin(october(3), "log.recovered", { details: { discardedBytes: 217 } })],
      ["medium recovered-tail"],
    ],
    [
      "one of the month before",
      [call(october(1)), admin(october(-3), "log.recovered", { details: { discardedBytes: 217 } })],
      [],
    ],
  ],
  "unclean-stop": [
    [
      "two starts",
      [admin(october(3), "gateway.started"), admin(october(4), "gateway.started")],
      ["low unclean-stop"],
    ],
    [
      "a stop between",
      [
        admin(october(3), "gateway.started"),
        admin(october(3, 13), "gateway.stopped"),
        admin(october(4), "gateway.started"),
      ],
      [],
    ],
  ],
  "silent-node": [
    [
      "half a night of a place that never sleeps",
      everyHour().filter(({ at }) => at < october(14, 2) || at > october(14, 7)),
      ["medium silent-node/2026-10-14T01:00:00Z"],
    ],
    ["a place that never sleeps", everyHour(), []],
    ["a place that works by day", days(-20, 30, 3), []],
  ],
  "refused-release": [
    [
      "a refusal",
      [policy(october(3), "refused", { check: "rollback" })],
      ["medium refused-release"],
    ],
    ["an activation", [policy(october(3), "activated", { bundle })], []],
  ],
  "emergency-stop": [
    ["a stop", [policy(october(3), "halted")], ["medium emergency-stop"]],
    ["none", [call(october(3))], []],
  ],
  "quarantined-tool": [
    [
      "a tool",
      [policy(october(3), "quarantined", { server: "ehr", tool: "read" })],
      ["medium quarantined-tool"],
    ],
    ["one that came back", [policy(october(3), "released", { server: "ehr", tool: "read" })], []],
  ],
  "drifted-server": [
    ["a server", [policy(october(3), "drift", { server: "ehr" })], ["low drifted-server"]],
    ["none", [call(october(3))], []],
  ],
  "rolled-back": [
    ["a release", [policy(october(3), "rolled_back", { bundle })], ["medium rolled-back"]],
    ["none", [call(october(3))], []],
  ],
  "emergency-unreviewed": [
    ["an opening", [opened("o-1")], ["high emergency-unreviewed/o-1"]],
    ["one that was reviewed", [opened("o-1")], [], { reviewed: new Set(["o-1"]) }],
  ],
};

function everyHour() {
  return Array.from({ length: 60 * 24 }, (_, h) => call(october(-29, h)));
}

for (const [rule, rows] of Object.entries(ROWS)) {
  describe(rule, () => {
    for (const [title, entries, expected, options] of rows) {
      test(title, () => expect(found(rule, entries, options)).toEqual(expected));
    }
  });
}

test("every rule of the activity review is shown to speak and to be silent", () => {
  // Those of the policy repository are tested with one.
  const apart = ["grant-expiring", "grant-unreviewed"];
  const rules = [...REVIEW_RULES, ...STANDING_RULES].map(({ id }) => id);
  expect(Object.keys(ROWS).sort()).toEqual(rules.filter((id) => !apart.includes(id)).sort());
  for (const rows of Object.values(ROWS)) {
    expect(rows.some(([, , found]) => found.length > 0)).toBe(true);
    expect(rows.some(([, , found]) => found.length === 0)).toBe(true);
  }
});
