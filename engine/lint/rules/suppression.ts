import { didYouMean } from "../../suggest.ts";
import { type LintRule, quoted } from "../rule.ts";
import { MAX_SUPPRESSION_DAYS, SUPPRESSION, untilProblem } from "../suppress.ts";

export const suppression: LintRule = {
  id: SUPPRESSION,
  severity: "error",
  summary: "A suppression has expired, lasts too long, or names a rule that cannot be suppressed.",
  why: `To accept a finding is a decision of a person, for a time and for a reason; after at most ${MAX_SUPPRESSION_DAYS} days somebody decides again. A suppression that is not in force leaves its findings standing. Adding one is a change that the gate sees.`,
  fix: "Mend what was suppressed and remove the entry, or write a new date with today's reason.",
  examples: {
    bad: {
      "phiward.yaml": `version: "1"
gate: { approvers: [{ team: privacy-officers }] }
suppress:
  - { rule: ephi-without-limits, reason: "pilot, ticket SEC-1301", until: 2026-12-01 }
  - { rule: unused-policy, reason: "ticket SEC-1302", until: 2026-10-01 }
  - { rule: grant-review, reason: "ticket SEC-1303", until: 2027-09-01 }
`,
    },
    findings: [
      "phiward.yaml:4:13 error: there is no rule `ephi-without-limits` to suppress",
      "phiward.yaml:5:62 error: this suppression has expired",
      "phiward.yaml:6:61 error: this suppression lasts more than 180 days from now",
    ],
    fixed: {
      "phiward.yaml": `version: "1"
gate: { approvers: [{ team: privacy-officers }] }
suppress:
  - { rule: ephi-without-limits, reason: "pilot, ticket SEC-1301", until: 2026-12-01 }
  - { rule: grant-review, reason: "ticket SEC-1303", until: 2027-09-01 }
`,
    },
    ok: {
      "phiward.yaml": `version: "1"
gate: { approvers: [{ team: privacy-officers }] }
suppress:
  - rule: ephi-without-limit
    file: policies/lookup.yaml
    reason: pilot, ticket SEC-1301
    until: 2026-12-01
`,
    },
  },
  *check({ loaded: { project }, now, ruleIds }) {
    for (const [index, { rule, until }] of (project?.value.suppress ?? []).entries()) {
      const at = (key: string) => project!.place(["suppress", index, key]);
      if (rule === SUPPRESSION) {
        yield {
          message: `\`${SUPPRESSION}\` cannot be suppressed`,
          help: "mend the entry that it is about",
          place: at("rule"),
        };
      } else if (!ruleIds.includes(rule)) {
        yield {
          message: `there is no rule ${quoted(rule)} to suppress`,
          help: `${didYouMean(rule, ruleIds)}; errors of a file's form cannot be suppressed`,
          place: at("rule"),
        };
      }
      const problem = untilProblem(until, now);
      if (problem === undefined) continue;
      yield {
        message: {
          "no such day": "this day does not exist",
          expired: "this suppression has expired",
          "too far": `this suppression lasts more than ${MAX_SUPPRESSION_DAYS} days from now`,
        }[problem],
        help:
          problem === "expired"
            ? "mend what it is about and remove it, or decide again with a new date"
            : `write a day within ${MAX_SUPPRESSION_DAYS} days from now`,
        place: at("until"),
        ...(problem === "expired"
          ? {
              fix: {
                what: `remove a suppression of ${quoted(rule)} that has expired`,
                changes: [{ file: project!.file, pointer: ["suppress", index], do: "remove" }],
              },
            }
          : {}),
      };
    }
  },
};
