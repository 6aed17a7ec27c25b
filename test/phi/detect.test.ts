/** What looks like an identifier is found; what says of itself that it is made up is not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReceivedObject } from "../../engine/json/value.ts";
import { type IdentifierKind, identifiersIn } from "../../engine/phi/detect.ts";
import { corpus } from "./corpus.ts";

const kinds = (args: object): readonly IdentifierKind[] =>
  identifiersIn(args as ReceivedObject).map(({ kind }) => kind);

describe("found", () => {
  test.each<[kind: IdentifierKind, args: object]>([
    ["a social security number", { note: "his number is 412-55-7391." }],
    ["a social security number", { ssn: "412557391" }],
    // The word is about the laboratory.
    ["a social security number", { note: "test sample of 412-55-7391, donor unknown" }],
    ["a telephone number", { text: "call (212) 867-5309 now" }],
    ["a telephone number", { text: "+44 20 7946 1234" }],
    ["a telephone number", { homePhone: "2128675309" }],
    ["an email address", { contact: "ada.lovelace@mercy.org" }],
    ["an IP address", { from: "81.92.203.17" }],
    ["an IP address", { from: "2a02:8109:9a40:1778:4d2:8a1e:2f4f:77aa" }],
    ["a web address with an id", { link: "https://portal.mercy.org/patients/88213" }],
    ["a medical record number", { text: "MRN: 00482913 seen today" }],
    ["a medical record number", { mrn: "A-482913" }],
    ["a medical record number", { identifier: "http://mercy.org/mrn|S6535936" }],
    ["a health plan number", { memberId: "XQK882913746" }],
    ["a health plan number", { text: "Medicare 2AC5-HJ8-KT37" }],
    ["an account number", { text: "acct #: 4829-1137-22" }],
    ["a licence number", { driversLicenseNumber: "F2552924" }],
    ["a vehicle's number", { car: "1HGCM82633A004352" }],
    [
      "a device's number",
      { udi: "(01)00844588003288(17)141120(10)7654321D(21)10987654d321".toUpperCase() },
    ],
    ["a device's number", { serialNumber: "GX-88213A7" }],
    ["a date of a person's life", { birthDate: "1971-02-03" }],
    ["a date of a person's life", { parameters: { birthdate: "ge1971-02-03" } }],
    ["a date of a person's life", { text: "DOB 02/03/1971, alert" }],
    ["an age over 89", { age: 94 }],
    ["a person's name", { patientName: "Ada Lovelace" }],
    ["a person's name", { family: "Lovelace", birthDate: "1971" }],
    ["a person's name", { resourceType: "Patient", name: [{ given: ["Ada"] }] }],
    ["an address", { text: "lives at 88 Harbour Hill Road" }],
    ["an address", { text: "Springfield, IL 62704" }],
    ["an address", { patient: { postalCode: "62704" } }],
    ["a patient's id", { patient: "Patient/e63x82b19-77" }],
    ["a patient's id", { patient_id: "7f9c24e8-3b12-4fef-91d0-9a2d3c5b7e11" }],
    // A condition is about what its path names.
    ["a date of a person's life", { path: "args.birthdate", op: "eq", value: "1971-02-03" }],
  ])("%s in %j", (kind, args) => expect(kinds(args)).toContain(kind));
});

describe("left alone", () => {
  test.each<[object]>([
    // As a prover fills the pattern of an id in a test that it writes.
    [{ patient: "AAaaaa0000", identifier: "Patient/00000000" }],
    [{ patient: "AAaaaa0001", _id: 100000 }],
    [{ ssn: "000-00-0000", note: "666-12-3456 and 078-05-1120 and 900-11-2222" }],
    [{ phone: "212-555-0100", text: "(555) 123-4567" }],
    [{ email: "nobody@example.org", other: "a@hospital.example", more: "b@x.test" }],
    [{ from: "192.0.2.7", to: "10.1.2.3", lo: "127.0.0.1", v6: "2001:db8:0:0:0:0:0:1" }],
    [{ system: "http://hl7.org/fhir/sid/us-ssn", link: "https://ehr.example.org/patients/88213" }],
    [{ url: "https://github.com/owner/name/issues/123456" }],
    [{ mrn: "123456", patient: "Patient/p-100", id: "p-1010", identifier: "p-31000" }],
    [{ birthDate: "1971-01-01", issued: "2026-09-30", at: "2026-10-01T12:00:00Z" }],
    [{ name: "Observation lookup", family: "Example", patient: "John Doe" }],
    // A name by itself is of anything.
    [{ name: "Lovelace" }],
    [{ code: "2823-3", system: "http://loinc.org", version: "1.14.1.2" }],
    [{ oid: "2.16.840.1.113883.4.1", digest: `sha256:${"0123456789abcdef".repeat(4)}` }],
    [{ max: 100, count: 12345678, age: 42, window: "hour" }],
    [{ value: "(Patient/)?[A-Za-z0-9-]{1,64}", op: "matches", path: "args.patient" }],
    [{ patient_id: "p-{i}", text: "a vehicle of seventeen letters ABCDEFGHJKLMNPRST" }],
    [{ on_deny: "Name exactly one patient in `parameters.patient`." }],
    [{ rule: "/tools/fhir_search/require/0", id: "medagentbench-efe7de1c6b51-1" }],
  ])("%j", (args) => expect(kinds(args)).toEqual([]));
});

test("a place says where, and nothing of a hit says what", () => {
  const hits = identifiersIn({ a: [{ ssn: "412-55-7391" }] });
  expect(hits).toEqual([{ kind: "a social security number", pointer: ["a", 0, "ssn"] }]);
});

test("of a generated corpus nearly everything is found, and nearly nothing else", () => {
  const { people, nobody } = corpus(20261124, 200);
  const missed = people.filter(({ args }) => kinds(args).length === 0);
  const alarms = nobody.filter(({ args }) => kinds(args).length > 0);
  // What was measured when this was written: all 2,400 found, no alarm among 2,000.
  expect(missed.length / people.length).toBeLessThanOrEqual(0.02);
  expect(alarms.length / nobody.length).toBeLessThanOrEqual(0.01);
});

test("whatever is read, it ends soon and does not throw", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      identifiersIn(value as ReceivedObject);
    }),
    { numRuns: 200, seed: 1 },
  );
  for (const piece of ["1-", "a.", "+1 ", "A1 ", "1:", "Ab ", "https://a/"]) {
    identifiersIn({ text: piece.repeat(100_000) });
  }
}, 20_000);
