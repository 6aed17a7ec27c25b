import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { link, readLink } from "../../engine/audit/chain.ts";
import { type AuditRecord, reasonCode, recordText } from "../../engine/audit/record.ts";
import { canonical, type Json, type JsonObject } from "../../engine/json/value.ts";
import { anyEntry } from "./arbitrary.ts";
import { GENESIS, NODE, uuid } from "./generate.ts";

const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false });
ajv.addKeyword("says");
ajv.addKeyword("tsType");
const isRecord = ajv.compile(
  JSON.parse(readFileSync(new URL("../../schemas/record.schema.json", import.meta.url), "utf8")),
);

const HEAD = { seq: 41, hash: GENESIS, at: 0 };
const OWNER = { node: NODE, dev: undefined };

describe("every record", () => {
  test("is written in its canonical form", () => {
    fc.assert(
      fc.property(anyEntry, fc.constantFrom(true as const, undefined), (entry, dev) => {
        const place = { node: NODE, seq: 42, prev: GENESIS, dev };
        const text = recordText(entry, uuid(1), place);
        expect(text).toBe(canonical(JSON.parse(text) as Json));
        const { line } = link(entry, uuid(1), { node: NODE, dev }, HEAD)!;
        expect(line).toBe(canonical(JSON.parse(line) as Json));
      }),
    );
  });

  test("satisfies the schema", () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const record = JSON.parse(link(entry, entry.id ?? uuid(1), OWNER, HEAD)!.line);
        expect(isRecord(record), JSON.stringify(isRecord.errors)).toBe(true);
        // A member that nobody described is refused: the schema is closed for every kind.
        expect(isRecord({ ...record, arguments: {} })).toBe(false);
      }),
    );
  });

  test("says what its entry said", () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const { at, id, ...said } = entry;
        const record = JSON.parse(link(entry, uuid(1), OWNER, HEAD)!.line) as AuditRecord;
        // What is undefined is left out.
        expect(record).toMatchObject(JSON.parse(JSON.stringify(said)));
        expect(Date.parse(record.at)).toBe(at);
      }),
    );
  });

  test("has the hash of its canonical form without the hash, and the reader finds it in the bytes", () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const { line, head } = link(entry, uuid(1), OWNER, HEAD)!;
        const { hash, ...rest } = JSON.parse(line) as JsonObject;
        // Computed by a reader that parses and writes anew, as ours never does.
        const expected = createHash("sha256").update(canonical(rest)).digest("hex");
        expect(hash).toBe(expected);
        expect(readLink(Buffer.from(line))).toMatchObject({
          seq: 42,
          prev: GENESIS,
          hash: expected,
          genuine: true,
        });
        expect(head).toEqual({ seq: 42, hash: expected, at: entry.at });
      }),
    );
  });

  test("is seen to be changed when any of its bytes is", () => {
    fc.assert(
      fc.property(anyEntry, fc.nat(), fc.integer({ min: 1, max: 255 }), (entry, n, change) => {
        const bytes = Buffer.from(link(entry, uuid(1), OWNER, HEAD)!.line);
        const at = n % bytes.length;
        bytes[at] = bytes[at]! ^ change;
        expect(readLink(bytes)?.genuine ?? false).toBe(false);
      }),
    );
  });
});

test.each([
  ["", "allowed"],
  ["(default deny)", "default_deny"],
  ["(not yet valid)", "not_yet_valid"],
  ["(expired)", "expired"],
  ["/tools/get_patient_record/args", "args"],
  ["/tools/get_patient_record/require/0", "require"],
  ["/all_tools/deny_if/12", "deny_if"],
  ["/all_tools/limits/0", "limit"],
  // A tool may be called like a part of a policy.
  ["/tools/limits/require/0", "require"],
  ["/tools/args/args", "args"],
  ["/methods/resources~1read/limits/1", "limit"],
  ["/somewhere/else", "other"],
])("the rule `%s` has the code %s", (rule, code) => {
  expect(reasonCode(rule)).toBe(code);
});

test.each([
  ["no line", ""],
  ["an array", "[]"],
  ["an object that is no record", '{"a":1}'],
  ["a hash that is too short", `{"a":1,"hash":"00","id":"x","prev":"${GENESIS}","seq":1}`],
  ["no number", `{"a":1,"hash":"${GENESIS}","id":"x","prev":"${GENESIS}"}`],
  ["a number with a zero before it", `{"a":1,"hash":"${GENESIS}","prev":"${GENESIS}","seq":01}`],
  ["a number that is none", `{"a":1,"hash":"${GENESIS}","prev":"${GENESIS}","seq":"1"}`],
  [
    "a number too large to count",
    `{"a":1,"hash":"${GENESIS}","prev":"${GENESIS}","seq":${"9".repeat(17)}}`,
  ],
  ["text after the record", `{"a":1,"hash":"${GENESIS}","prev":"${GENESIS}","seq":1} `],
])("%s is not read as a record", (_, line) => {
  expect(readLink(Buffer.from(line))).toBeUndefined();
});
