/** Rules about the log itself: what it does not show. */
import { type Silence, silences } from "../../audit/index/activity.ts";
import { DAY, HOUR } from "../../policy/time.ts";
import type { Facts } from "../facts.ts";
import { endOf, startOf } from "../period.ts";
import { counted, queryCommand, type ReviewRule, timeText } from "../rule.ts";

export const damagedLog: ReviewRule = {
  id: "damaged-log",
  severity: "high",
  looks: "A record of the log is not what was written, or does not follow the one before it.",
  why: "What follows from such a log is not evidence. `phiward audit verify` says what was changed and where.",
  *check({ events }) {
    const { problems } = events;
    if (problems.length === 0) return;
    const [first] = problems;
    yield {
      id: "damaged-log",
      rule: "damaged-log",
      severity: "high",
      title: "the log is not what was written",
      says: `${counted(problems.length, "place")} of the log ${problems.length === 1 ? "is" : "are"} damaged, the first in \`${first!.segment}\` at byte ${first!.offset}. Keep the folder as it is, and verify it.`,
      principal: null,
      numbers: { places: problems.length },
      records: [],
      command: "phiward audit verify",
    };
  },
};

export const recoveredTail: ReviewRule = {
  id: "recovered-tail",
  severity: "medium",
  looks: "After a crash the log's last, unfinished write was cut off.",
  why: "Nobody was told that these records were written, and no call went on because of them. A crash is worth knowing of all the same, and so is one that repeats.",
  *check({ events }) {
    const recovered = events.admin.filter(({ action }) => action === "log.recovered");
    if (recovered.length === 0) return;
    const bytes = recovered.reduce((sum, { details }) => {
      const { discardedBytes } = details ?? {};
      return sum + (typeof discardedBytes === "number" ? discardedBytes : 0);
    }, 0);
    yield {
      id: "recovered-tail",
      rule: "recovered-tail",
      severity: "medium",
      title: "the log was repaired after a crash",
      says: `${counted(recovered.length, "time")} an unfinished write was cut off the end of the log, ${counted(bytes, "byte")} in all. Find out why the gateway crashed.`,
      principal: null,
      numbers: { times: recovered.length, bytes },
      records: recovered.map(({ seq }) => seq).reverse(),
      command: queryCommand({ kind: "admin", rule: "log.recovered" }),
    };
  },
};

export const uncleanStop: ReviewRule = {
  id: "unclean-stop",
  severity: "low",
  looks: "A gateway started, and the start before it had not been followed by a stop.",
  why: "It was killed or crashed. Calls that were under way then have no outcome in the log.",
  *check({ events }) {
    const starts = events.admin.filter(
      ({ action }) => action === "gateway.started" || action === "gateway.stopped",
    );
    const unclean = starts.filter(
      ({ action }, i) =>
        action === "gateway.started" && starts[i - 1]?.action === "gateway.started",
    );
    if (unclean.length === 0) return;
    yield {
      id: "unclean-stop",
      rule: "unclean-stop",
      severity: "low",
      title: "a gateway ended without stopping",
      says: `${counted(unclean.length, "time")} a gateway started anew without having been stopped.`,
      principal: null,
      numbers: { times: unclean.length },
      records: unclean.map(({ seq }) => seq).reverse(),
      command: queryCommand({ kind: "admin", rule: "gateway.started" }),
    };
  },
};

/** What is long depends on the place: the first of these that is rare there. */
const SILENT_HOURS = [2, 12] as const;
const RARE_SHARE = 0.1;

export const silentNode: ReviewRule = {
  id: "silent-node",
  severity: "medium",
  looks: `Nothing at all was recorded for more than ${SILENT_HOURS[0]} hours; where that happens on more than ${RARE_SHARE * 100} of 100 days of both periods, for more than ${SILENT_HOURS[1]} hours; where that happens as often, it is how the place works and is not reported.`,
  why: "Either the gateway did not run, or calls went around it.",
  *check(facts) {
    for (const { from, to, seq } of rareSilences(facts)) {
      if (to <= startOf(facts.period)) continue;
      const hours = Math.round((to - from) / HOUR);
      yield {
        id: `silent-node/${timeText(from)}`,
        rule: "silent-node",
        severity: "medium",
        title: "nothing was recorded for a long time",
        says: `From ${timeText(from)} to ${timeText(to)}, about ${counted(hours, "hour")}, the log has no record. Find out whether the gateway was down, and what the agents did meanwhile.`,
        principal: null,
        numbers: { hours },
        records: [seq],
        command: queryCommand({ from: timeText(from), to: timeText(to) }),
      };
    }
  },
};

function rareSilences({ log, period, before, coverage }: Facts): readonly Silence[] {
  const to = endOf(period);
  const from = startOf(coverage.before === "none" ? period : before);
  const within = [...silences(log.index, SILENT_HOURS[0] * HOUR)].filter(
    // One that goes on at the end belongs to the next report, which knows when it was over.
    (one) => one.to > from && one.to < to,
  );
  for (const least of SILENT_HOURS) {
    const long = within.filter((one) => one.to - one.from > least * HOUR);
    if (long.length <= RARE_SHARE * ((to - from) / DAY)) return long;
  }
  return [];
}
