import { GRANT, REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

const POLICY = {
  "policies/lookup.yaml": 'version: "1"\ndefault: deny\ntools:\n  list_departments: {}\n',
};

export const selfReview: LintRule = {
  id: "self-review",
  severity: "warning",
  summary: "A grant was reviewed, or can be opened in an emergency, by the one whom it is for.",
  why: "Who answers for an agent and reviews what it may do judges their own work, and an emergency grant that its holder opens is no emergency grant but a standing one (45 CFR 164.308(a)(4)(ii)(C), 164.312(a)(2)(ii)).",
  fix: "Let somebody else review it and write their name; name openers who do not hold the grant.",
  examples: {
    given: { ...REGISTRY, ...POLICY },
    bad: {
      "grants/lookup-bot.yaml": GRANT.replace('by: "person:m.chen"', 'by: "person:j.rivera"'),
    },
    findings: [
      "grants/lookup-bot.yaml:8:35 warning: `person:j.rivera` answers for this grant, and reviewed it",
    ],
    ok: { "grants/lookup-bot.yaml": GRANT },
  },
  *check({ loaded: { grants } }) {
    for (const { located, compiled } of grants.values()) {
      if (compiled === undefined) continue;
      const { principal, lastReview, breakGlass } = compiled;
      const holders = [principal.id, principal.responsible];
      if (lastReview !== undefined && holders.includes(lastReview.by)) {
        const does = lastReview.by === principal.id ? "holds" : "answers for";
        yield {
          message: `${quoted(lastReview.by)} ${does} this grant, and reviewed it`,
          help: "let another person review it, and write who did",
          place: located.place(["lastReview", "by"]),
        };
      }
      const openers: readonly string[] = located.value.breakGlass?.openers ?? [];
      for (const [index, opener] of openers.entries()) {
        // Somebody who answers for an agent may well be the one who is on call.
        if (breakGlass === undefined || opener !== principal.id) continue;
        yield {
          message: `${quoted(opener)} holds this emergency grant, and can open it alone`,
          help: "name openers who do not hold it",
          place: located.place(["breakGlass", "openers", index]),
        };
      }
    }
  },
};
