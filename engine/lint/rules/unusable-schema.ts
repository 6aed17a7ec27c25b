import { GRANT, lockText, SERVER } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

const TOOLS = ["get_patient_record", "search_patients", "delete_patient", "list_departments"];

function lock(pattern: string): string {
  return lockText(
    "ehr",
    TOOLS.map((name) => ({
      name,
      inputSchema: {
        type: "object",
        properties: name === "search_patients" ? { query: { type: "string", pattern } } : {},
      },
    })),
  );
}

export const unusableSchema: LintRule = {
  id: "unusable-schema",
  severity: "warning",
  summary: "The pinned input schema of a tool cannot be used, so the tool is quarantined.",
  why: "Arguments are checked against the schema that was reviewed. A schema that does not compile, refers to something outside itself, has an expression that is not RE2 or is too large checks nothing, so its tool is hidden and denied, whatever a policy says.",
  fix: "Ask the server's vendor for a schema in JSON Schema 2020-12 or draft-07 without remote references and look-around, then scan again. Until then, leave the tool out of policies.",
  examples: {
    given: {
      "grants/lookup-bot.yaml": GRANT,
      "servers/ehr.yaml": SERVER,
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\n',
    },
    bad: { "servers/ehr.lock.json": lock("^(?!.*[*]).+$") },
    findings: [
      "servers/ehr.lock.json:6:31 warning: `search_patients` is quarantined: its pinned schema cannot be used",
    ],
    ok: { "servers/ehr.lock.json": lock("^[^*]+$") },
  },
  *check({ servers }) {
    for (const { lock: file, problemOf } of servers.values()) {
      for (const [index, { name }] of (file?.value.tools ?? []).entries()) {
        const problem = problemOf(name);
        if (problem === undefined) continue;
        yield {
          message: `${quoted(name)} is quarantined: its pinned schema cannot be used`,
          help: `${problem}; have it mended at the server, then run \`phiward scan\``,
          place: file!.place(["tools", index, "inputSchema"], "key"),
        };
      }
    }
  },
};
