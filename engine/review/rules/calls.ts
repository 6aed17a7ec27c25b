/** Rules about calls of one kind: how many there were decides. */
import { compareText } from "../../finding.ts";
import { someSeqs } from "../events.ts";
import { type Facts, isCall, isEphi, type Tally } from "../facts.ts";
import { endOf, startOf } from "../period.ts";
import type { ReviewFinding, ReviewSeverity } from "../report.ts";
import { counted, queryCommand, type ReviewRule, timeText } from "../rule.ts";

export const noResponsible: ReviewRule = {
  id: "no-responsible",
  severity: "medium",
  looks:
    "Calls of an agent or a service (a principal whose id does not begin with `person:`) whose grant names nobody who answers for it.",
  why: "Software cannot be asked. Somebody has to be able to say why it did something (45 CFR 164.308(a)(3)(ii)(A), authorization and supervision).",
  check: (facts) =>
    perPrincipal(facts, {
      rule: "no-responsible",
      severity: "medium",
      which: ({ principal, responsible }) =>
        responsible === undefined && principal?.startsWith("person:") === false,
      title: "nobody answers for it",
      says: (who, calls) =>
        `\`${who}\` made ${calls}, and its grant names nobody who answers for it. Give the grant a \`responsible\` person.`,
    }),
};

export const staleRelease: ReviewRule = {
  id: "stale-release",
  severity: "medium",
  looks:
    "Allowed calls that may touch patient data, under a release for which nobody had vouched lately.",
  why: "Within its grace a gateway goes on with the release that it has. What was withdrawn meanwhile may still have been allowed.",
  check: (facts) =>
    perPrincipal(facts, {
      rule: "stale-release",
      severity: "medium",
      which: (shape) => shape.stale === true && isEphi(shape),
      title: "patient data under a release that may be out of date",
      says: (who, calls) =>
        `\`${who}\` was allowed ${calls} on patient data while nobody vouched for the release. Compare with what was changed or stopped in that time.`,
    }),
};

export const onlyWatched: ReviewRule = {
  id: "only-watched",
  severity: "note",
  looks: "Calls that a rule would have denied, let through because only watched (`mode: monitor`).",
  why: "Monitoring is for rolling a policy out. What stays in it is not protected.",
  check: (facts) =>
    perPrincipal(facts, {
      rule: "only-watched",
      severity: "note",
      which: (shape) => shape.monitor === true,
      title: "would have been denied, and was only watched",
      says: (who, calls) =>
        `${calls} of \`${who}\` would have been denied. Correct the policy or the agent, then end \`mode: monitor\`.`,
    }),
};

interface Kind {
  readonly rule: string;
  readonly severity: ReviewSeverity;
  readonly which: (shape: Tally["shape"]) => boolean;
  readonly title: string;
  readonly says: (principal: string, calls: string) => string;
}

function* perPrincipal({ tallies, period, log }: Facts, kind: Kind): Generator<ReviewFinding> {
  const chosen = tallies.filter(({ shape, now }) => now > 0 && isCall(shape) && kind.which(shape));
  const each = [...Map.groupBy(chosen, ({ shape }) => shape.principal ?? "")];
  for (const [principal, some] of each.sort(([a], [b]) => compareText(a, b))) {
    const calls = some.reduce((sum, { now }) => sum + now, 0);
    const within = { from: startOf(period), to: endOf(period) - 1 };
    yield {
      id: `${kind.rule}/${principal}`,
      rule: kind.rule,
      severity: kind.severity,
      title: kind.title,
      says: kind.says(principal, counted(calls, "call")),
      principal,
      numbers: { calls },
      records: someSeqs(log, {
        kind: "decision",
        principal,
        tool: some[0]!.shape.tool,
        ...within,
      }),
      command: queryCommand({
        principal,
        from: timeText(within.from),
        to: timeText(within.to),
      }),
    };
  }
}
