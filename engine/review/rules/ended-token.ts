import { compareText } from "../../finding.ts";
import { someSeqs } from "../events.ts";
import { endOf, startOf } from "../period.ts";
import type { ReviewSeverity } from "../report.ts";
import { counted, queryCommand, type ReviewRule, timeText } from "../rule.ts";

const SAYS: Readonly<Record<string, { severity: ReviewSeverity; why: string }>> = {
  revoked_token: { severity: "high", why: "after it was revoked" },
  orphaned_token: { severity: "high", why: "after its grant was taken away or given to another" },
  expired_token: { severity: "low", why: "after it had expired" },
};

export const endedToken: ReviewRule = {
  id: "ended-token",
  severity: "high",
  looks:
    "A token was used after its end: high after it was revoked or its grant was taken away, low after it had expired by itself.",
  why: "Somebody who has left, or who found a token, is still trying. Every attempt was refused; who tried is to be found out (45 CFR 164.308(a)(3)(ii)(C), termination).",
  *check({ tallies, period, log }) {
    const ended = tallies.filter(
      ({ shape, now }) => shape.kind === "rejected" && now > 0 && SAYS[shape.code ?? ""],
    );
    const key = ({ shape }: (typeof ended)[number]): string =>
      `${shape.code}/${shape.grant ?? "?"}`;
    const each = [...Map.groupBy(ended, key)].sort(([a], [b]) => compareText(a, b));
    for (const [id, some] of each) {
      const { grant, code } = some[0]!.shape;
      const { severity, why } = SAYS[code!]!;
      const times = some.reduce((sum, { now }) => sum + now, 0);
      const within = { from: startOf(period), to: endOf(period) - 1 };
      const whose = grant === undefined ? "a grant that is not known any more" : `\`${grant}\``;
      yield {
        id: `ended-token/${id}`,
        rule: "ended-token",
        severity,
        title: "a token was tried after its end",
        says: `A token of ${whose} was tried ${counted(times, "time")} ${why}. Nothing was let through.${severity === "high" ? " Find out who holds it." : ""}`,
        principal: null,
        numbers: { times },
        records: someSeqs(log, { kind: "rejected", grant, rule: code!, ...within }),
        command: queryCommand({
          kind: "rejected",
          grant,
          rule: code!,
          from: timeText(within.from),
          to: timeText(within.to),
        }),
      };
    }
  },
};
