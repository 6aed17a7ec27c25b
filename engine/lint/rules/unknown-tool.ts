import { didYouMean } from "../../suggest.ts";
import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const unknownTool: LintRule = {
  id: "unknown-tool",
  severity: "error",
  summary: "A policy lists or hides a tool that none of the servers under it has.",
  why: "Rules for a misspelled tool guard nothing: under `tools` the real one stays denied, and under `hide` it stays visible. A server's tools are those of its lock, or the described ones where it has no lock.",
  fix: "Write the tool's name as the server lists it. After a server renamed a tool, run `phiward scan` and review the new pin first.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
hide: [delete_patients]
tools:
  list_department: {}
`,
    },
    findings: [
      "policies/lookup.yaml:3:8 error: no server under this policy has a tool `delete_patients`",
      "policies/lookup.yaml:5:3 error: no server under this policy has a tool `list_department`",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
hide: [delete_patient]
tools:
  list_departments: {}
`,
    },
  },
  *check({ policies, servers, unreadGrants }) {
    if (unreadGrants) return;
    for (const { file, servers: ids } of policies) {
      const catalogues = ids.map((id) => servers.get(id)?.catalogue);
      // A server of which nothing is known may have any tool.
      if (catalogues.length === 0 || catalogues.includes(undefined)) continue;
      const known = new Set(catalogues.flatMap((tools) => [...(tools ?? [])]));
      const { tools = {}, hide = [] } = file.value;
      const named = [
        ...Object.keys(tools).map((tool) => ({ tool, place: file.place(["tools", tool], "key") })),
        // "*" hides everything; as the name of a tool it is no wildcard, whatever its author believes.
        ...[hide]
          .flat()
          .map((tool, index) => ({ tool, place: file.place(["hide", index]) }))
          .filter(({ tool }) => tool !== "*"),
      ];
      for (const { tool, place } of named) {
        if (known.has(tool)) continue;
        yield {
          message: `no server under this policy has a tool ${quoted(tool)}`,
          help: didYouMean(tool, known),
          place,
        };
      }
    }
  },
};
