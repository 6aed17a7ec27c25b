import { GRANT, LOCK, SERVER } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

const POLICY = 'version: "1"\ndefault: deny\n';

export const missingLock: LintRule = {
  id: "missing-lock",
  severity: "error",
  otherwise: [{ severity: "warning", when: "nothing of the server may touch ePHI" }],
  summary: "A server has no lock, so nothing of its tools is pinned.",
  why: 'A server can change what a tool does, or what its description tells the agent\'s model, after people reviewed it ("rug pull"). Without a lock neither the definition nor the arguments of a call are checked, and a signed release refuses the repository where ePHI is concerned (45 CFR 164.312(c)(1), integrity).',
  fix: "Run `phiward scan` against the server, review servers/NAME.lock.json, and commit it.",
  examples: {
    given: {
      "grants/lookup-bot.yaml": GRANT,
      "servers/ehr.yaml": SERVER,
      "policies/lookup.yaml": POLICY,
    },
    bad: {},
    findings: [
      "servers/ehr.yaml:2:5 error: `ehr` may carry ePHI and has no lock: nothing is pinned",
    ],
    ok: { "servers/ehr.lock.json": LOCK },
  },
  *check({ servers }) {
    for (const { server, file, mayCarryEphi } of servers.values()) {
      if (server.lock !== undefined) continue;
      yield {
        severity: mayCarryEphi ? "error" : "warning",
        message: `${quoted(server.id)} ${mayCarryEphi ? "may carry ePHI and " : ""}has no lock: nothing is pinned`,
        help: `run \`phiward scan\` and commit servers/${server.id}.lock.json`,
        place: file.place(["id"]),
      };
    }
  },
};
