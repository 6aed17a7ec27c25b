/** Reasons that people write, and what must not get into the log by them. */
import { describe, expect, test } from "vitest";
import { reasonProblem } from "../../engine/emergency/reason.ts";

const GOOD: readonly string[] = [
  "the ward's record server is the only source tonight, INC-7",
  // Tickets have letters before a long number.
  "mass casualty, ticket INC0012345, all hands",
  "0123456789".replace(/[0-9]/g, "ä"),
  "x".repeat(500),
  "3 patients from the ferry, bed 12, floor 4",
];

const BAD: readonly [string, string, RegExp][] = [
  ["too short", "help", /10 to 500 characters/],
  ["too short without its blanks", `help${" ".repeat(20)}`, /10 to 500/],
  ["too long", "x".repeat(501), /10 to 500/],
  ["of two lines", "the first line\nthe second", /one line/],
  // Text that reads in another direction than it is written can hide what it says.
  ["with a character that turns the direction", "open it now \u202e please", /visible/],
  ["a social security number", "chart of 412-55-7391 is needed", /social security/],
  ["the same without its hyphens", "chart of 412557391 is needed", /long number/],
  ["a record number", "MRN 4471 0392 arrived unconscious", /long number|medical record/],
  ["a telephone number", "call back at 212-867-5309 at once", /telephone/],
  ["a day of birth", "unconscious, born 1971-02-03, no papers", /date/],
  ["a day", "unconscious, 02/03/1971, no papers", /date/],
  ["a name with its title", "Mrs. Hawking arrived unconscious", /name/],
  ["a patient's name", "patient Hawking arrived unconscious", /name/],
  ["a FHIR reference", "needs all of Patient/h81 at once", /patient's id/],
  ["an address of email", "ask hawking@cambridge-clinic.org for consent", /email/],
];

describe("a reason", () => {
  test.each(GOOD)("is taken: %s", (text) => {
    expect(reasonProblem(text)).toBeUndefined();
  });

  test.each(BAD)("is refused when it holds %s, and is not repeated", (_, text, says) => {
    const problem = reasonProblem(text);
    expect(problem).toMatch(says);
    for (const word of text.match(/[A-Za-z0-9-]{6,}/g) ?? []) {
      if (!/^(patient|visible)/i.test(word)) expect(problem).not.toContain(word);
    }
  });
});
