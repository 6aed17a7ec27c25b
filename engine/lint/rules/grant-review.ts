import { DAY, formatDay } from "../../policy/time.ts";
import { GRANT, LOCK, SERVER } from "../examples.ts";
import type { LintRule } from "../rule.ts";

/** Access is looked at again at least once in this many days. */
const REVIEW_DAYS = 365;

export const grantReview: LintRule = {
  id: "grant-review",
  severity: "warning",
  otherwise: [{ severity: "info", when: "no review is recorded" }],
  summary: `The last review of a grant is more than ${REVIEW_DAYS} days ago, or none is recorded.`,
  why: "Rights of access are to be documented, reviewed and modified as the need for them changes (45 CFR 164.308(a)(4)(ii)(C), access establishment and modification). A grant that is only ever renewed has not been reviewed.",
  fix: "Ask the responsible person whether every server and policy of the grant is still needed, then write `lastReview` (`phiward grant review` does).",
  examples: {
    given: {
      "servers/ehr.yaml": SERVER,
      "servers/ehr.lock.json": LOCK,
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\n',
    },
    bad: { "grants/lookup-bot.yaml": GRANT.replace("on: 2026-09-01", "on: 2025-09-30") },
    findings: [
      "grants/lookup-bot.yaml:8:19 warning: the last review was on 2025-09-30, more than 365 days ago",
    ],
    ok: { "grants/lookup-bot.yaml": GRANT },
  },
  *check({ loaded, now }) {
    for (const { located, compiled } of loaded.grants.values()) {
      if (compiled === undefined) continue;
      const { lastReview } = compiled;
      if (lastReview === undefined) {
        yield {
          severity: "info",
          message: "no review of this grant is recorded",
          help: "add `lastReview: { on: DATE, by: person:NAME }` after a review",
          place: located.place(["issued"], "key"),
        };
      } else if (now - lastReview.on > REVIEW_DAYS * DAY) {
        yield {
          message: `the last review was on ${formatDay(lastReview.on)}, more than ${REVIEW_DAYS} days ago`,
          help: "review what the grant can reach, and write the new date",
          place: located.place(["lastReview", "on"]),
        };
      }
    }
  },
};
