import { didYouMean } from "../../suggest.ts";
import { GRANT, LOCK, SERVER } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const unlabelledTool: LintRule = {
  id: "unlabelled-tool",
  severity: "warning",
  summary: "A pinned tool is not described, or a described tool is not pinned.",
  why: "A tool that nobody described is treated as the worst: `execute`, ePHI, `bulk`. That is safe, and says nothing to whoever has to list the systems and tools that touch ePHI (45 CFR 164.308(a)(1)(ii)(A), risk analysis). A described tool that is not in the lock is quarantined: hidden and denied.",
  fix: "Describe the tool in servers/NAME.yaml after reading its definition; remove a label whose tool is gone, or scan the server again.",
  examples: {
    given: {
      "grants/lookup-bot.yaml": GRANT,
      "servers/ehr.lock.json": LOCK,
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\n',
    },
    bad: { "servers/ehr.yaml": SERVER.replace("list_departments:", "list_department:") },
    findings: [
      "servers/ehr.lock.json:8:13 warning: `list_departments` is not described, so it counts as the worst: execute, ePHI, bulk",
      "servers/ehr.yaml:8:3 warning: `list_department` is described but not pinned, so it is quarantined",
    ],
    ok: { "servers/ehr.yaml": SERVER },
  },
  *check({ servers }) {
    for (const { server, file, lock, catalogue } of servers.values()) {
      if (lock === undefined || catalogue === undefined) continue;
      for (const [index, { name }] of lock.value.tools.entries()) {
        if (Object.hasOwn(server.tools, name)) continue;
        yield {
          message: `${quoted(name)} is not described, so it counts as the worst: execute, ePHI, bulk`,
          help: `in servers/${server.id}.yaml, under \`tools\`, say its effect, ephi, volume and subject`,
          place: lock.place(["tools", index, "name"]),
        };
      }
      for (const tool of Object.keys(file.value.tools ?? {})) {
        if (catalogue.has(tool)) continue;
        yield {
          message: `${quoted(tool)} is described but not pinned, so it is quarantined`,
          help: `run \`phiward scan\`, or remove it; in the lock: ${didYouMean(tool, catalogue)}`,
          place: file.place(["tools", tool], "key"),
        };
      }
    }
  },
};
