import { subjectPaths } from "../../decide/label.ts";
import { isObject, type Json, own } from "../../json/value.ts";
import { formatPath } from "../../policy/path.ts";
import type { Pointer } from "../../source.ts";
import type { Reach, ServerFacts } from "../context.ts";
import { lockText, REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

const lock = (header: boolean): string =>
  lockText("ehr", [
    {
      name: "get_patient_record",
      inputSchema: {
        type: "object",
        properties: {
          patient_id: { type: "string", ...(header ? { "x-mcp-header": "Patient" } : {}) },
        },
        required: ["patient_id"],
        additionalProperties: false,
      },
    },
  ]);

export const patientInHeader: LintRule = {
  id: "patient-in-header",
  severity: "warning",
  otherwise: [
    { severity: "info", when: "the argument may hold patient data, and does not name the patient" },
  ],
  summary: "A server asks that an argument with patient data is repeated in an HTTP header.",
  why: "A property of an input schema with `x-mcp-header` travels as `Mcp-Param-…` beside the body (MCP 2026-07-28, Streamable HTTP). Headers are what proxies, load balancers and web servers write into their logs, so a patient's identifier ends up where nobody protects or deletes it (45 CFR 164.312(e)(1), transmission security).",
  fix: "Ask the server's owner to mark no argument that holds patient data. Until then see that nothing on the way logs headers, and say so in a suppression.",
  examples: {
    given: {
      ...REGISTRY,
      "servers/ehr.yaml": `version: "1"
id: ehr
vendor: { name: Example EHR Inc., baa: { status: signed, signed: 2026-02-01 } }
tools:
  get_patient_record: { effect: read, ephi: true, volume: single, subject: args.patient_id }
`,
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
`,
    },
    bad: { "servers/ehr.lock.json": lock(true) },
    findings: [
      "servers/ehr.lock.json:5:124 warning: `args.patient_id` of `get_patient_record` names the patient, and is sent in the header `Mcp-Param-Patient` too",
    ],
    ok: { "servers/ehr.lock.json": lock(false) },
  },
  *check({ reaches, servers }) {
    const done = new Set<string>();
    for (const reach of reaches) {
      const { server, tool, label } = reach;
      const key = JSON.stringify([server.id, tool]);
      if (done.has(key) || label.ephi === false) continue;
      done.add(key);
      const facts = servers.get(server.id);
      if (facts?.lock === undefined) continue;
      for (const { steps, header, pointer } of mirrored(facts, tool)) {
        const patient = namesPatient(reach, steps);
        const argument = quoted(formatPath({ root: "args", steps }));
        yield {
          ...(patient ? {} : { severity: "info" as const }),
          message: `${argument} of ${quoted(tool)} ${patient ? "names the patient" : "may hold patient data"}, and is sent in the header ${quoted(`Mcp-Param-${header}`)} too`,
          help: "ask the server's owner to take `x-mcp-header` away; see meanwhile that no proxy logs headers",
          place: facts.lock.place(pointer),
        };
      }
    }
  },
};

interface Mirrored {
  readonly steps: readonly string[];
  readonly header: string;
  readonly pointer: Pointer;
}

/** The arguments that are repeated in a header: as the gateway reads the schema, through `properties` alone. */
function mirrored({ lock }: ServerFacts, tool: string): Mirrored[] {
  const tools = lock?.value.tools ?? [];
  const index = tools.findIndex(({ name }) => name === tool);
  const under = (schema: unknown, steps: readonly string[], pointer: Pointer): Mirrored[] => {
    const properties = isObject(schema as Json)
      ? own(schema as Record<string, Json>, "properties")
      : undefined;
    if (!isObject(properties)) return [];
    return Object.entries(properties as Record<string, Json>).flatMap(([name, property]) => {
      if (!isObject(property)) return [];
      const header = own(property as Record<string, Json>, "x-mcp-header");
      const at = [...pointer, "properties", name];
      const to = [...steps, name];
      return [
        ...(typeof header === "string" && !isFixed(property as Record<string, Json>)
          ? [{ steps: to, header, pointer: [...at, "x-mcp-header"] }]
          : []),
        ...under(property, to, at),
      ];
    });
  };
  return under(tools[index]?.inputSchema, [], ["tools", index, "inputSchema"]);
}

/** One of a few words, a number to count by, or yes and no: nobody's data. */
function isFixed(property: Readonly<Record<string, Json>>): boolean {
  const type = own(property, "type");
  return (
    own(property, "enum") !== undefined ||
    own(property, "const") !== undefined ||
    type === "boolean"
  );
}

function namesPatient({ label }: Reach, steps: readonly string[]): boolean {
  const path = formatPath({ root: "args", steps });
  return subjectPaths(label).some(
    (subject) =>
      subject === path || subject.startsWith(`${path}.`) || subject.startsWith(`${path}[`),
  );
}
