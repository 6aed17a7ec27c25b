import { GRANT, LOCK, SERVER } from "../examples.ts";
import type { LintRule } from "../rule.ts";

export const grantResponsible: LintRule = {
  id: "grant-responsible",
  severity: "warning",
  summary: "An agent's or a service's grant names no person who answers for it.",
  why: "Software is a user like any other (45 CFR 164.312(a)(1) and (a)(2)(i)), but cannot be asked. When the audit record shows what an agent did, somebody has to be able to say why (45 CFR 164.308(a)(3)(ii)(A), authorization and supervision).",
  fix: "Add `responsible` to the principal.",
  examples: {
    given: {
      "servers/ehr.yaml": SERVER,
      "servers/ehr.lock.json": LOCK,
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\n',
    },
    bad: { "grants/lookup-bot.yaml": GRANT.replace(', responsible: "person:j.rivera"', "") },
    findings: ["grants/lookup-bot.yaml:2:20 warning: nobody is named who answers for this agent"],
    ok: { "grants/lookup-bot.yaml": GRANT },
  },
  *check({ loaded }) {
    for (const { located } of loaded.grants.values()) {
      const { kind, responsible } = located.value.principal;
      if (kind === "person" || responsible !== undefined) continue;
      yield {
        message: `nobody is named who answers for this ${kind}`,
        help: "add `responsible: person:NAME` to `principal`",
        place: located.place(["principal", "kind"]),
      };
    }
  },
};
