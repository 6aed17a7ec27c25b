import { GRANT, REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

const PHARMACY = `version: "1"
id: pharmacy
vendor: { name: Example Pharmacy Ltd., baa: { status: signed, signed: 2026-02-01 } }
tools:
  list_stock: { effect: read, ephi: false, volume: single, subject: none }
`;
const BOTH = GRANT.replace(
  "  - { server: ehr, policy: lookup }\n",
  "  - { server: ehr, policy: lookup }\n  - { server: pharmacy, policy: lookup }\n",
);

export const emptyAccess: LintRule = {
  id: "empty-access",
  severity: "warning",
  summary: "A grant names a server on which its policy reaches nothing.",
  why: "It looks like access in every review and is none; and on the day on which that server gets a tool of the same name it becomes access that nobody has looked at (45 CFR 164.308(a)(4), minimum necessary 164.502(b)).",
  fix: "Remove the line, or name the policy that was written for that server.",
  examples: {
    given: {
      ...REGISTRY,
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\ntools:\n  list_departments: {}\n',
      "servers/pharmacy.yaml": PHARMACY,
    },
    bad: { "grants/lookup-bot.yaml": BOTH },
    findings: ["grants/lookup-bot.yaml:6:5 warning: `lookup` reaches nothing on `pharmacy`"],
    ok: { "grants/lookup-bot.yaml": GRANT },
  },
  *check({ loaded, policies, servers, reaches }) {
    for (const { located, compiled } of loaded.grants.values()) {
      for (const [index, { server, policy }] of located.value.access.entries()) {
        if (compiled === undefined || server === undefined) continue;
        const facts = policies.find(({ name }) => name === policy);
        const known = servers.get(server);
        // What a server offers is not known without a lock and without a described tool.
        if (facts === undefined || known?.catalogue === undefined) continue;
        if (Object.keys(facts.policy.methods).length > 0) continue;
        // A policy that reaches nothing anywhere is told so at its own lines.
        const its = reaches.filter((reach) => reach.policy === facts.policy);
        if (its.length === 0 || its.some((reach) => reach.server.id === server)) continue;
        yield {
          message: `${quoted(facts.name)} reaches nothing on ${quoted(server)}`,
          help: "remove the line, or name the policy that is meant for this server",
          place: located.place(["access", index]),
        };
      }
    }
  },
};
