import { dailyCounts } from "../../audit/index/activity.ts";
import { DAY } from "../../policy/time.ts";
import { someSeqs } from "../events.ts";
import { dayText } from "../period.ts";
import { counted, queryCommand, type ReviewRule, timeText } from "../rule.ts";

const FROM = 100;

export const unknownToken: ReviewRule = {
  id: "unknown-token",
  severity: "medium",
  looks: `At least ${FROM} requests of a day came with a token that nobody was given.`,
  why: "Somebody tries tokens, or a client runs with a configuration of another place.",
  *check({ log, period }) {
    const days = new Map<number, number>();
    for (const { day, shape, folded } of dailyCounts(log.index, period)) {
      if (shape.kind !== "rejected" || shape.code !== "unknown_token") continue;
      days.set(day, (days.get(day) ?? 0) + folded);
    }
    for (const [day, times] of days) {
      if (times < FROM) continue;
      const within = { from: day * DAY, to: (day + 1) * DAY - 1 };
      yield {
        id: `unknown-token/${dayText(day)}`,
        rule: "unknown-token",
        severity: "medium",
        title: "requests with tokens that nobody was given",
        says: `${counted(times, "request")} on ${dayText(day)} came with a token that is not known here. All were refused; the records say from where.`,
        principal: null,
        numbers: { times },
        records: someSeqs(log, { kind: "rejected", rule: "unknown_token", ...within }),
        command: queryCommand({
          kind: "rejected",
          rule: "unknown_token",
          from: timeText(within.from),
          to: timeText(within.to),
        }),
      };
    }
  },
};
