/**
 * Words that name a person in an argument: the identifiers of 45 CFR §164.514(b)(2)(i) that stand for
 * one patient by themselves, and those that only describe one.
 */

/** Alone, or followed by a word of `KEY_WORDS`, they name a patient. */
export const PATIENT_WORDS: ReadonlySet<string> = new Set([
  "patient",
  "pat",
  "pt",
  "beneficiary",
  "enrollee",
  "insured",
  "resident",
  "newborn",
  "subscriber",
]);

/** They name a patient with a key word behind them, never alone. */
export const PERSON_WORDS: ReadonlySet<string> = new Set(["member", "subject", "participant"]);

/** Persons in general: patients where a server of health care knows no other word for them. */
export const ANY_PERSON: ReadonlySet<string> = new Set([
  "client",
  "customer",
  "individual",
  "person",
  "user",
]);

export const KEY_WORDS: ReadonlySet<string> = new Set([
  "fhir",
  "id",
  "ident",
  "identifier",
  "key",
  "logical",
  "mrn",
  "no",
  "num",
  "number",
  "ref",
  "reference",
  "uid",
  "uri",
  "url",
  "uuid",
]);

/** Words around a name that do not change what it names. */
export const QUALIFIERS: ReadonlySet<string> = new Set([
  "1",
  "2",
  "a",
  "b",
  "current",
  "duplicate",
  "existing",
  "external",
  "first",
  "from",
  "internal",
  "new",
  "old",
  "other",
  "primary",
  "second",
  "source",
  "surviving",
  "survivor",
  "target",
  "the",
  "to",
]);

/** Numbers that are given to one person: (B)(7) social security, (8) record, (9) plan, and other countries'. */
export const PERSONAL_NUMBERS: readonly string[] = [
  "mrn",
  "ssn",
  "social security number",
  "medical record number",
  "health plan number",
  "insurance number",
  "policy holder id",
  "nhs number",
  "medicare number",
  "medicare id",
  "medicaid id",
  "mbi",
  "hicn",
  "ihi",
  "chi number",
  "empi",
  "eid",
  "health card number",
  "national id",
];

/** They describe a patient, and many people may have the same. */
export const DESCRIBES: readonly (readonly string[])[] = [
  ["name", "patient name", "full name", "name pattern"],
  [
    "given",
    "family",
    "birthdate",
    "birth date",
    "first name",
    "last name",
    "given name",
    "family name",
    "dob",
    "date of birth",
  ],
  ["query", "search", "search term", "q", "term", "criteria"],
];
