/** What is written in the place of a value: nobody's, of the same form, and the same every time. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InexactNumber, type Received, type ReceivedObject } from "../../engine/json/value.ts";
import { offsetOf, shiftDate } from "../../engine/phi/dates.ts";
import { pseudonymiser } from "../../engine/phi/pseudonymise.ts";
import { type Vocabulary, vocabularyOf } from "../../engine/phi/vocabulary.ts";
import { repository } from "../record/world.ts";

const KEY = Buffer.alloc(32, 7);
const words = vocabularyOf({ repository: repository().source, server: "ehr", policies: ["care"] });
const { text, args } = pseudonymiser(KEY, words);

describe("a text keeps its form", () => {
  test.each<[raw: string, form: RegExp]>([
    ["S6535936", /^[A-Z][0-9]{7}$/],
    ["412-55-7391", /^[0-9]{3}-[0-9]{2}-[0-9]{4}$/],
    ["(212) 867-5309", /^\([0-9]{3}\) [0-9]{3}-[0-9]{4}$/],
    ["Ada Lovelace", /^[A-Z][a-z]{2} [A-Z][a-z]{7}$/],
    ["12 Harbour Road, Springfield", /^[0-9]{2} [A-Z][a-z]{6} [A-Z][a-z]{3}, [A-Z][a-z]{10}$/],
    ["a81bc81b-dead-4e5d-abff-90865d1e13b1", /^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}$/],
    // An address that nobody can own.
    ["ada@mercy.org", /^[a-z]{3}@[a-z]{5}\.[a-z]{3}\.example$/],
    // Letters of other alphabets become letters of them.
    ["Γιώργος", /^\p{Script=Greek}{7}$/u],
    ["M", /^[A-Z]$/],
    ["1980-05-17", /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/],
    ["ge1980-05", /^ge[0-9]{4}-[0-9]{2}$/],
    ["05/17/1980", /^[0-9]{2}\/[0-9]{2}\/[0-9]{4}$/],
    ["19800517", /^19[0-9]{6}$/],
    ["2023-11-13T10:15:00.250+01:00", /^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{5}:00\.250\+01:00$/],
    ["-12", /^-[1-9][0-9]$/],
    ["98.6", /^[1-9][0-9]\.[1-9]$/],
  ])("%s", (raw, form) => {
    expect(text(raw)).toMatch(form);
    expect(text(raw)).not.toBe(raw);
  });
});

describe("what names nobody stays", () => {
  test.each([
    "",
    "*",
    "0",
    "true",
    "Observation",
    "Patient/$everything",
    "http://loinc.org",
    // The policy names it in `in`, the schema in `enum`, the grant as an attribute, the label in `cases`.
    "potassium",
    "summary",
    "north",
    "POST",
  ])("`%s`", (raw) => expect(text(raw)).toBe(raw));
});

describe("one patient stays one patient, however it is spelled", () => {
  const id = text("p-100");
  test.each([
    ["Patient/p-100", `Patient/${id}`],
    ["Patient/p-100/_history/2", `Patient/${id}/_history/${text("2")}`],
    ["p-100,p-101", `${id},${text("p-101")}`],
    ["?patient=p-100&birthdate=ge1980-05-17", `?patient=${id}&birthdate=ge${text("1980-05-17")}`],
    ["Observation?subject=Patient/p-100", `Observation?subject=Patient/${id}`],
    ["http://loinc.org|p-100", `http://loinc.org|${id}`],
  ])("%s", (raw, expected) => expect(text(raw)).toBe(expected));

  test("in an address too, and as a number as in digits", () => {
    expect(text("https://mercy.org/fhir/Patient/p-100")).toMatch(
      new RegExp(`^https://[a-z]{5}\\.[a-z]{3}/[a-z]{4}/Patient/${id}$`),
    );
    expect(args({ zz: 4711 }).args).toEqual({ [text("zz")]: Number(text("4711")) });
  });
});

describe("dates move together", () => {
  const days = (date: string): number => Date.parse(date) / 86_400_000;
  test("by the same number of days, in every form", () => {
    const moved = days(text("1980-05-17")) - days("1980-05-17");
    expect(days(text("2001-09-30")) - days("2001-09-30")).toBe(moved);
    const [m, d, y] = text("05/17/1980").split("/");
    expect(`${y}-${m}-${d}`).toBe(text("1980-05-17"));
    expect(text("19800517")).toBe(text("1980-05-17").replaceAll("-", ""));
  });

  test.each(["1980-02-30", "1980-13-01", "25:00", "2023-11-13T24:00:00Z"])(
    "%s is no date, and is replaced all the same",
    (raw) => {
      expect(shiftDate(raw, offsetOf(KEY))).toBeUndefined();
      expect(text(raw)).not.toBe(raw);
    },
  );

  test.each(["0001-01-01", "9999-12-31", "1850", "2100"])("%s has somewhere to go", (raw) => {
    expect(text(raw)).toHaveLength(raw.length);
    expect(text(raw)).not.toBe(raw);
  });
});

describe("what the policy asks is answered alike", () => {
  test.each([
    // matches "(Patient/)?[A-Za-z0-9-]{1,20}"
    ["p-100", "p.100"],
    // starts_with "MRN"
    ["MRN4711", "NRM4711"],
    // regex "(?i)^select", which keeps its word
    ["SELECT a FROM b", "EXPLAIN a FROM b"],
  ])("of `%s` and of `%s`", (yes, no) => {
    for (const raw of [yes, no]) expect(words.signature(text(raw))).toBe(words.signature(raw));
    expect(words.signature(text(yes))).not.toBe(words.signature(text(no)));
  });

  test.each([3, 50, 51, 400])("of the number %d, which a limit of 50 divides", (raw) => {
    expect(Number(text(String(raw))) <= 50).toBe(raw <= 50);
  });
});

test("keys that nothing names are replaced and counted, the others stay", () => {
  const {
    args: replaced,
    keys,
    paths,
  } = args({
    patient_id: "p-100",
    resource: { birthDate: "1980-05-17", "Ada Lovelace": true, name: [{ family: "Lovelace" }] },
  });
  const [made] = Object.keys(replaced.resource as object).filter((key) => !/^[a-z]/.test(key));
  expect(keys).toBe(1);
  expect(Object.keys(replaced.resource as object)).toEqual(["birthDate", made, "name"]);
  expect(paths).toEqual([
    "args.patient_id",
    "args.resource.birthDate",
    "args.resource.name[*].family",
    `args.resource[${JSON.stringify(made)}]`,
  ]);
});

test("another key makes other values of it", () => {
  const other = pseudonymiser(Buffer.alloc(32, 8), words);
  for (const raw of ["S6535936", "1980-05-17", "Lovelace"]) {
    expect(other.text(raw)).not.toBe(text(raw));
  }
});

/** No questions and no words: every text is somebody's. */
const nothing: Vocabulary = {
  has: () => false,
  hasKey: () => false,
  signature: () => "",
  pieces: () => [],
  hasDomain: () => false,
};
const plain = pseudonymiser(KEY, nothing);
const identifier = fc.oneof(
  fc.stringMatching(/^[A-Z]?[0-9]{1,9}$/),
  fc.stringMatching(/^[a-z]{1,3}-[0-9]{1,4}$/),
  fc.stringMatching(/^(Patient\/)?[A-Za-z0-9-]{1,12}(,[A-Za-z0-9]{1,4})?$/),
  fc.stringMatching(/^[a-z]{1,4}@[a-z]{1,3}\.(org|com)$/),
  fc
    .date({ min: new Date("1851-01-01"), max: new Date("2099-12-31"), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
const RUNS = { numRuns: 300, seed: 20261124 };

describe("for any values", () => {
  test("two different values never become the same", () => {
    fc.assert(
      fc.property(fc.uniqueArray(identifier, { maxLength: 40 }), (raw) => {
        expect(new Set(raw.map(plain.text)).size).toBe(raw.length);
      }),
      { ...RUNS, numRuns: 60 },
    );
  });

  test("small worlds are walked whole: a thousand numbers become a thousand numbers", () => {
    const all = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, "0"));
    expect(new Set(all.map(plain.text)).size).toBe(1000);
  });

  test("years stay among years, so that no other number becomes one", () => {
    const all = Array.from({ length: 1000 }, (_, i) => String(1500 + i));
    expect(new Set(all.map(plain.text)).size).toBe(1000);
  });

  test("what stays is not what another becomes", () => {
    const digits = [..."123456789"];
    const kept = pseudonymiser(KEY, { ...nothing, has: (word) => word === "5" });
    expect(kept.text("5")).toBe("5");
    expect(new Set(digits.map(kept.text)).size).toBe(9);
    // A beginning that the policy names stays, and no other text comes to have it.
    const piece = [0, 1] as const;
    const begun = pseudonymiser(KEY, {
      ...nothing,
      pieces: (word) => (word.startsWith("q") ? [piece] : []),
    });
    const all = [..."abcdefghijklmnopqrstuvwxyz"].flatMap((a) => digits.map((b) => a + b));
    expect(begun.text("q1")).toMatch(/^q[02-9]$/);
    expect(new Set(all.map(begun.text)).size).toBe(all.length);
  });

  test("a value with a letter or a digit never stays, and its length class does", () => {
    fc.assert(
      fc.property(identifier, (raw) => {
        fc.pre(/[A-Za-z1-9]/.test(raw));
        const made = plain.text(raw);
        expect(made).not.toBe(raw);
        if (!raw.includes("@")) expect([...made].length).toBe([...raw].length);
      }),
      RUNS,
    );
  });

  test("the same key says the same, whatever was asked before", () => {
    fc.assert(
      fc.property(identifier, (raw) => {
        expect(pseudonymiser(KEY, nothing).text(raw)).toBe(plain.text(raw));
      }),
      RUNS,
    );
  });

  const json = fc.letrec<{ value: Received }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      identifier,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constant(new InexactNumber("9007199254740993")),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,6}$/), tie("value"), { maxKeys: 4 }),
    ),
  })).value;

  test("structure, types, signs and magnitudes stay", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), json), (raw) => {
        const made = plain.args(raw as ReceivedObject).args;
        expect(outline(made)).toEqual(outline(raw as Received));
      }),
      RUNS,
    );
  });
});

/** What may be seen of a value: kinds, sizes, signs and numbers of digits. */
function outline(value: Received): unknown {
  if (typeof value === "string") return "text";
  if (value instanceof InexactNumber) return ["inexact", value.text.length];
  if (typeof value === "number") {
    return [Math.sign(value), String(Math.abs(value)).length, Number.isInteger(value)];
  }
  if (Array.isArray(value)) return value.map((item) => outline(item as Received));
  if (typeof value !== "object" || value === null) return value;
  return Object.values(value as ReceivedObject).map(outline);
}
