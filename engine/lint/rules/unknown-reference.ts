import { didYouMean } from "../../suggest.ts";
import { GRANT, LOCK, SERVER } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const unknownReference: LintRule = {
  id: "unknown-reference",
  severity: "error",
  summary: "A grant gives access to a server, or under a policy, that does not exist.",
  why: "Every call under such an access is denied, with `(unknown server)` or `(no policy)`, and nobody learns why before an agent fails at work. The registry of who may use what (45 CFR 164.308(a)(4)(ii)(B), access authorization) would also list a right that is none.",
  fix: "Write the name as the file has it: `servers/NAME.yaml`, `policies/NAME.yaml`.",
  examples: {
    given: {
      "servers/ehr.yaml": SERVER,
      "servers/ehr.lock.json": LOCK,
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\ntools:\n  list_departments: {}\n',
    },
    bad: {
      "grants/lookup-bot.yaml": GRANT.replace(
        "server: ehr, policy: lookup",
        "server: her, policy: lockup",
      ),
    },
    findings: [
      "grants/lookup-bot.yaml:5:15 error: unknown server `her`",
      "grants/lookup-bot.yaml:5:28 error: unknown policy `lockup`",
    ],
    ok: { "grants/lookup-bot.yaml": GRANT },
  },
  *check({ loaded, names }) {
    for (const { located } of loaded.grants.values()) {
      for (const [index, { server, policy }] of located.value.access.entries()) {
        if (server !== undefined && !names.servers.has(server)) {
          yield {
            message: `unknown server ${quoted(server)}`,
            help: didYouMean(server, names.servers),
            place: located.place(["access", index, "server"]),
          };
        }
        if (policy !== undefined && !names.policies.has(policy)) {
          yield {
            message: `unknown policy ${quoted(policy)}`,
            help: didYouMean(policy, names.policies),
            place: located.place(["access", index, "policy"]),
          };
        }
      }
    }
  },
};
