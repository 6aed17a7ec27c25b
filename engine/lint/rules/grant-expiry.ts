import { DAY, formatDay } from "../../policy/time.ts";
import { GRANT, LOCK, SERVER } from "../examples.ts";
import { type LintRule, NOTICE_DAYS } from "../rule.ts";

export const grantExpiry: LintRule = {
  id: "grant-expiry",
  severity: "warning",
  summary: `A grant has expired, or expires within ${NOTICE_DAYS} days.`,
  why: "Every grant ends by itself, so that access which nobody needs any more does not stay (45 CFR 164.308(a)(3)(ii)(C), termination procedures). A notice beforehand keeps an agent from stopping at midnight, and an expired grant in the registry hides who really has access.",
  fix: "Renew the grant with new `issued` and `expires` after a review, or remove the file. Its tokens die with the old `issued`.",
  examples: {
    given: {
      "servers/ehr.yaml": SERVER,
      "servers/ehr.lock.json": LOCK,
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\n',
    },
    bad: { "grants/lookup-bot.yaml": GRANT.replace("2027-03-01", "2026-10-20") },
    findings: ["grants/lookup-bot.yaml:7:10 warning: the grant expires on 2026-10-20"],
    ok: { "grants/lookup-bot.yaml": GRANT },
  },
  *check({ loaded, now }) {
    for (const { located, compiled } of loaded.grants.values()) {
      if (compiled === undefined || compiled.expires - now > NOTICE_DAYS * DAY) continue;
      const { expires } = compiled;
      const over = expires <= now;
      yield {
        message: `the grant ${over ? "expired" : "expires"} on ${formatDay(expires)}`,
        help: over
          ? "remove the file, or renew `issued` and `expires` after a review"
          : "renew `issued` and `expires` after a review, or let it end",
        place: located.place(["expires"]),
      };
    }
  },
};
