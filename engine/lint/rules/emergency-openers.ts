import { GRANT, REGISTRY } from "../examples.ts";
import type { LintRule } from "../rule.ts";

const PERSON = `version: "1"
principal: { kind: person, id: "person:m.chen" }
purpose: operations
access:
  - { audit: sign }
issued: 2026-09-01
expires: 2027-03-01
lastReview: { on: 2026-09-01, by: "person:a.ito" }
`;
const EMERGENCY = `${GRANT}breakGlass: { openers: ["person:m.chen"], max: 4h }\n`;

export const emergencyOpeners: LintRule = {
  id: "emergency-openers",
  severity: "warning",
  summary: "Nobody could open an emergency grant.",
  why: "An emergency grant is opened by one of its openers, a person who proves who they are by a grant of their own (45 CFR 164.312(a)(2)(ii), emergency access procedure). When none of them has one that is valid, the procedure fails on the night when it is needed.",
  fix: "Give at least one of the openers a grant whose principal is that person, and a token of it; `access: [{ audit: read }]` is enough.",
  examples: {
    given: {
      ...REGISTRY,
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\ntools:\n  list_departments: {}\n',
    },
    bad: { "grants/lookup-bot.yaml": EMERGENCY },
    findings: [
      "grants/lookup-bot.yaml:9:24 warning: none of the openers has a grant of their own, so nobody could open this one",
    ],
    ok: { "grants/lookup-bot.yaml": EMERGENCY, "grants/m-chen.yaml": PERSON },
  },
  *check({ loaded: { grants }, now }) {
    const people = new Set<string>();
    for (const { compiled } of grants.values()) {
      if (compiled?.principal.kind !== "person" || compiled.breakGlass !== undefined) continue;
      if (now < compiled.expires) people.add(compiled.principal.id);
    }
    for (const { located, compiled } of grants.values()) {
      if (compiled?.breakGlass === undefined) continue;
      if (compiled.breakGlass.openers.some((opener) => people.has(opener))) continue;
      yield {
        message: "none of the openers has a grant of their own, so nobody could open this one",
        help: "add a grant whose principal is one of them, such as one with `access: [{ audit: read }]`",
        place: located.place(["breakGlass", "openers"]),
      };
    }
  },
};
