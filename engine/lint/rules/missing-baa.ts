import { DAY, formatDay } from "../../policy/time.ts";
import { GRANT, LOCK, SERVER } from "../examples.ts";
import { type LintRule, NOTICE_DAYS, quoted } from "../rule.ts";

export const missingBaa: LintRule = {
  id: "missing-baa",
  severity: "error",
  otherwise: [{ severity: "warning", when: `the agreement ends within ${NOTICE_DAYS} days` }],
  summary: "A server that may carry ePHI has no business associate agreement in force.",
  why: "Who creates, receives, maintains or transmits ePHI for a covered entity is a business associate, and a written contract is required before the first record moves (45 CFR 164.308(b)(1) and (3), 164.314(a), 164.504(e)). With `requireBaa: true` in phiward.yaml such calls are denied as well.",
  fix: "Record the signed agreement with its dates. Where the server is operated by the covered entity itself, write `status: not_required`.",
  examples: {
    given: {
      "grants/lookup-bot.yaml": GRANT,
      "servers/ehr.lock.json": LOCK,
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\n',
    },
    bad: {
      "servers/ehr.yaml": SERVER.replace("status: signed, signed: 2026-02-01", "status: pending"),
    },
    findings: [
      "servers/ehr.yaml:3:50 error: `ehr` may carry ePHI, and its business associate agreement is pending",
    ],
    ok: { "servers/ehr.yaml": SERVER },
  },
  *check({ servers, now }) {
    for (const { server, file, mayCarryEphi } of servers.values()) {
      const { status, signed, expires } = server.baa;
      if (!mayCarryEphi || status === "not_required") continue;
      const may = `${quoted(server.id)} may carry ePHI, and`;
      const baa = (key: string) => file.place(["vendor", "baa", key]);
      if (file.value.vendor === undefined) {
        yield {
          message: `${may} no business associate agreement is recorded for it`,
          help: "add `vendor: { name: …, baa: { status: signed, signed: DATE } }`",
          place: file.place(["id"]),
        };
      } else if (status !== "signed") {
        yield {
          message: `${may} ${status === "none" ? "it has no business associate agreement" : "its business associate agreement is pending"}`,
          help: "write `status: signed` with its date once it is signed, or `not_required` for a server of your own",
          place: baa("status"),
        };
      } else if (expires !== undefined && expires <= now) {
        yield {
          message: `${may} its business associate agreement ended on ${formatDay(expires)}`,
          help: "renew it, and write its new dates",
          place: baa("expires"),
        };
      } else if (signed !== undefined && signed > now) {
        yield {
          message: `${may} its business associate agreement is only signed on ${formatDay(signed)}`,
          help: "write `status: pending` until then",
          place: baa("signed"),
        };
      } else if (expires !== undefined && expires - now <= NOTICE_DAYS * DAY) {
        yield {
          severity: "warning",
          message: `the business associate agreement of ${quoted(server.id)} ends on ${formatDay(expires)}`,
          help: "renew it before that day, and write its new dates",
          place: baa("expires"),
        };
      }
    }
  },
};
