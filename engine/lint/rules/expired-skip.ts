import { parseDay } from "../../policy/time.ts";
import type { LintRule } from "../rule.ts";

const SUITE = `version: "1"
suite: the lookup agent reads one record
defaults: { policy: lookup }
cases:
  - name: a single lookup is allowed
    call: { tool: get_patient_record, args: { patient_id: p-100 } }
    expect: allow
    skip: { reason: "the server is being renamed, SEC-1310", until: 2026-10-01 }
`;

export const expiredSkip: LintRule = {
  id: "expired-skip",
  severity: "warning",
  summary: "The date until which a test case is skipped has passed.",
  why: "The case runs again, so what it expects is in force; the entry only misleads who reads the suite.",
  fix: "Remove `skip`, or write a new date with today's reason.",
  examples: {
    given: {
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\ntools:\n  get_patient_record: {}\n',
    },
    bad: { "tests/lookup.test.yaml": SUITE },
    findings: ["tests/lookup.test.yaml:8:69 warning: this case is no longer skipped"],
    fixed: { "tests/lookup.test.yaml": SUITE.replace(/ {4}skip.*\n/, "") },
    ok: { "tests/lookup.test.yaml": SUITE.replace("2026-10-01", "2026-12-01") },
  },
  *check({ loaded: { tests }, now }) {
    for (const suite of tests) {
      for (const [index, { skip }] of (suite.value.cases ?? []).entries()) {
        const until = skip === undefined ? undefined : parseDay(skip.until);
        if (until === undefined || until > now) continue;
        yield {
          message: "this case is no longer skipped",
          help: "remove `skip`, or write a new date with today's reason",
          place: suite.place(["cases", index, "skip", "until"]),
          fix: {
            what: "remove a `skip` whose date has passed",
            changes: [{ file: suite.file, pointer: ["cases", index, "skip"], do: "remove" }],
          },
        };
      }
    }
  },
};
