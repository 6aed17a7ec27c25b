/** Which patients a call names, and that one patient has one name. */
import { describe, expect, test } from "vitest";
import { subjectPaths, subjectsOf, subjectText } from "../../engine/decide/label.ts";
import { InexactNumber } from "../../engine/json/value.ts";
import { serverOf } from "../support/compile.ts";
import { serverFile } from "../support/world.ts";

const labelOf = (subject: unknown) =>
  serverOf(serverFile({ tools: { t: { effect: "read", ephi: true, subject } } })).tools.t!;
const named = (subject: unknown, args: object) => subjectsOf(labelOf(subject), args as never);

describe("one value, one patient", () => {
  test.each<[value: unknown, patients: string[] | undefined]>([
    ["p-1", ["p-1"]],
    ["Patient/p-1", ["p-1"]],
    ["https://ehr.example.org/fhir/Patient/p-1", ["p-1"]],
    ["/Patient/p-1", ["p-1"]],
    ["Patient/p-1/_history/2", ["p-1"]],
    ["https://ehr.example.org/fhir/Patient/p-1/_history/2", ["p-1"]],
    ["p-1/_history/2", ["p-1"]],
    ["  p-1\t", ["p-1"]],
    [
      "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
      ["urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"],
    ],
    // An id is compared as it is written.
    ["P-1", ["P-1"]],
    ["Patient", ["Patient"]],
    ["constructor", ["constructor"]],
    [100, ["100"]],
    [0, ["0"]],
    [-0, ["0"]],
    // A list in one text, as a search by reference takes it.
    ["p-1,p-2", ["p-1", "p-2"]],
    ["Patient/p-1, p-2 ,https://ehr.example.org/Patient/p-3", ["p-1", "p-2", "p-3"]],
    ["p-1,Patient/p-1,p-1/_history/3", ["p-1"]],
    // Whose data it is cannot be told from these.
    ["", undefined],
    [" ", undefined],
    [",", undefined],
    ["p-1,", undefined],
    [",p-1", undefined],
    ["Patient/", undefined],
    ["Patient/p-1/", undefined],
    ["Patient/p-1/Observation", undefined],
    ["Patient/p-1/everything/now", undefined],
    ["patient/p-1", undefined],
    ["Group/g-1", undefined],
    ["https://ehr.example.org/fhir/Group/g-1", undefined],
    ["Encounter/e-1/_history/1", undefined],
    ["p-1,Group/g-1", undefined],
    ["Patient/p-1/Group/g-1", undefined],
    [null, undefined],
    [true, undefined],
    [["p-1"], undefined],
    [[], undefined],
    [{ reference: "Patient/p-1" }, undefined],
    [new InexactNumber("9007199254740993"), undefined],
  ])("%j names %j", (value, patients) => {
    expect(named("args.patient", { patient: value })).toEqual(patients);
  });
});

describe("an argument that holds a list", () => {
  const entries = "args.entries[*].subject.reference";
  const entry = (reference: unknown) => ({ subject: { reference } });

  test.each<[subject: string, args: object, patients: string[] | undefined]>([
    ["args.ids[*]", { ids: ["p-1", "Patient/p-2", 3] }, ["p-1", "p-2", "3"]],
    ["args.ids[*]", { ids: ["p-1", "Patient/p-1"] }, ["p-1"]],
    ["args.ids[*]", { ids: ["p-1,p-2"] }, ["p-1", "p-2"]],
    ["args.ids[*]", { ids: "p-1,p-2" }, ["p-1", "p-2"]],
    ["args.ids[*]", { ids: ["p-1", null] }, undefined],
    ["args.ids[*]", { ids: ["p-1", ["p-2"]] }, undefined],
    ["args.ids[*]", { ids: ["p-1", ""] }, undefined],
    // An empty list often means "all of them".
    ["args.ids[*]", { ids: [] }, undefined],
    ["args.ids[*]", {}, undefined],
    ["args.ids[*]", { ids: { 0: "p-1" } }, undefined],
    [entries, { entries: [entry("Patient/p-1"), entry("p-2")] }, ["p-1", "p-2"]],
    [entries, { entries: [entry("p-1"), entry("Group/g-1")] }, undefined],
    [entries, { entries: [entry("p-1"), { subject: "p-2" }] }, undefined],
    [entries, { entries: [entry("p-1"), "p-2"] }, undefined],
    [entries, { entries: entry("p-1") }, undefined],
    // A text where an object is expected is nobody's id.
    [entries, { entries: "p-1" }, undefined],
    [entries, { entries: 7 }, undefined],
    ["args.ids[0]", { ids: ["p-1", "p-2"] }, ["p-1"]],
    ["args.ids[1]", { ids: ["p-1"] }, undefined],
  ])("%s of %j names %j", (subject, args, patients) => {
    expect(named(subject, args)).toEqual(patients);
  });
});

describe("several arguments that may name the patient", () => {
  const subject = ["args.patient", "args.subject.reference", "args.ids[*]"];

  test.each<[args: object, patients: string[] | undefined]>([
    [{ patient: "p-1" }, ["p-1"]],
    [{ subject: { reference: "Patient/p-2" } }, ["p-2"]],
    [{ patient: "p-1", subject: {} }, ["p-1"]],
    [{ patient: "p-1", subject: { reference: "Patient/p-1" }, ids: ["p-1"] }, ["p-1"]],
    [
      { patient: "p-1", subject: { reference: "Patient/p-2" }, ids: ["p-3"] },
      ["p-1", "p-2", "p-3"],
    ],
    [{ patient: "p-1", ids: [] }, ["p-1"]],
    [{}, undefined],
    [{ other: "p-1" }, undefined],
    // One that is there must be readable: it may name somebody else.
    [{ patient: "p-1", subject: { reference: "Group/g-1" } }, undefined],
    [{ patient: "p-1", subject: "Patient/p-2" }, undefined],
    [{ patient: "p-1", subject: null }, undefined],
    [{ patient: null, ids: ["p-1"] }, undefined],
    [{ patient: "", ids: ["p-1"] }, undefined],
  ])("%j names %j", (args, patients) => {
    expect(named(subject, args)).toEqual(patients);
  });

  test("an own name only", () => {
    expect(named("args.constructor", {})).toBeUndefined();
    expect(named("args.constructor", { constructor: "p-1" })).toEqual(["p-1"]);
    expect(named("args.a.toString", { a: {} })).toBeUndefined();
  });
});

describe("a subject that hangs on another argument", () => {
  const cases = {
    Patient: "args.id",
    Group: ["args.id", "args.ids[*]"],
    Ward: "none",
    X: "unknown",
  };
  const subject = { by: "args.type", cases };

  test.each<[args: object, patients: string[] | undefined]>([
    [{ type: "Patient", id: "p-1" }, ["p-1"]],
    [{ type: "Patient", id: "Patient/p-1" }, ["p-1"]],
    [{ type: "Group", ids: ["p-1", "p-2"] }, ["p-1", "p-2"]],
    [{ type: "Group", id: "p-1", ids: ["p-1"] }, ["p-1"]],
    [{ type: "Ward", id: "p-1" }, []],
    // The case says where to look, not that something is there.
    [{ type: "Patient" }, undefined],
    [{ type: "Patient", ids: ["p-1"] }, undefined],
    // A path that leads out of the type that the call claims to be about.
    [{ type: "Patient", id: "../Group/g-1" }, undefined],
    [{ type: "X", id: "p-1" }, undefined],
    // Whatever is no case: nobody can tell.
    [{ type: "Observation", id: "p-1" }, undefined],
    [{ type: "patient", id: "p-1" }, undefined],
    [{ type: "Patient ", id: "p-1" }, undefined],
    [{ type: "", id: "p-1" }, undefined],
    [{ type: null, id: "p-1" }, undefined],
    [{ type: ["Patient"], id: "p-1" }, undefined],
    [{ type: 1, id: "p-1" }, undefined],
    [{ id: "p-1" }, undefined],
    [{ type: "constructor", id: "p-1" }, undefined],
  ])("%j names %j", (args, patients) => {
    expect(named(subject, args)).toEqual(patients);
  });

  test("every argument of every case is one that names the patient in some call", () => {
    expect(subjectPaths(labelOf(subject))).toEqual(["args.id", "args.ids[*]"]);
    expect(subjectPaths(labelOf({ by: "args.type", cases: { Ward: "none" } }))).toEqual([]);
    expect(subjectPaths(labelOf(["args.a", "args.b"]))).toEqual(["args.a", "args.b"]);
  });
});

describe("what the label itself says", () => {
  test("none: no patient, whatever the arguments are", () => {
    expect(named("none", { patient: "p-1" })).toEqual([]);
  });

  test("unknown: nobody can tell", () => {
    expect(named("unknown", { patient: "p-1" })).toBeUndefined();
    expect(named(undefined, { patient: "p-1" })).toBeUndefined();
  });

  test.each<[subject: unknown, text: string | string[]]>([
    ["none", "none"],
    ["unknown", "unknown"],
    ['args["a b"][0].c', 'args["a b"][0].c'],
    [
      ["args.a", "args.b[*].c"],
      ["args.a", "args.b[*].c"],
    ],
  ])("%j is written %j", (subject, text) => {
    expect(subjectText(labelOf(subject))).toEqual(text);
  });
});
