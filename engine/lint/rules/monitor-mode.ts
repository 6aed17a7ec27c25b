import { GRANT, LOCK, SERVER } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

const ROLLING_OUT = SERVER.replace("id: ehr\n", "id: ehr\nmode: monitor\n");

export const monitorMode: LintRule = {
  id: "monitor-mode",
  severity: "warning",
  summary: "The rules for a server or a grant are only watched.",
  why: "Monitor mode is for the first days of a policy: what its rules would deny is recorded, and passes where no patient data is concerned. Whoever forgets to end it has a policy that stops only part of what it forbids (45 CFR 164.312(a)(1)).",
  fix: "Look at what would have been denied with `phiward audit query`, mend the policy, and remove `mode: monitor`. Until then suppress this finding with a date: it comes back when the date has passed.",
  examples: {
    given: {
      "servers/ehr.lock.json": LOCK,
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\ntools:\n  list_departments: {}\n',
      "grants/lookup-bot.yaml": GRANT,
    },
    bad: { "servers/ehr.yaml": ROLLING_OUT },
    findings: [
      "servers/ehr.yaml:3:7 warning: rules for the server `ehr` are only watched: calls that touch no patient data pass",
    ],
    ok: { "servers/ehr.yaml": SERVER },
  },
  *check({ loaded: { servers, grants } }) {
    const found = (what: string) => ({
      message: `rules for ${what} are only watched: calls that touch no patient data pass`,
      help: "remove `mode: monitor` when the policy says what it should",
    });
    for (const [id, { located }] of servers) {
      if (located.value.mode !== "monitor") continue;
      yield { ...found(`the server ${quoted(id)}`), place: located.place(["mode"]) };
    }
    for (const [id, { located }] of grants) {
      if (located.value.mode !== "monitor") continue;
      yield { ...found(`the grant ${quoted(id)}`), place: located.place(["mode"]) };
    }
  },
};
