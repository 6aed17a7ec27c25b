/** Who may read and who may sign: a table; and what a note may not hold. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import type { Index } from "../../engine/audit/index/schema.ts";
import { loadOrCreateSubjectKey, pseudonyms } from "../../engine/audit/pseudonym.ts";
import type { PhiwardError } from "../../engine/errors.ts";
import type { LookupProblem } from "../../engine/grant/store.ts";
import { mintToken } from "../../engine/grant/token.ts";
import { digestOf } from "../../engine/json/value.ts";
import type { Grant } from "../../engine/policy/ir.ts";
import { DAY } from "../../engine/policy/time.ts";
import { allPseudonyms, cleanNote } from "../../engine/review/note.ts";
import { mustSign, reviewerOf, reviewerWith } from "../../engine/review/reviewer.ts";
import { ownFindings } from "../../engine/review/self-review.ts";
import { signAccess, signActivity, signEmergency } from "../../engine/review/sign-off.ts";
import { writeLog } from "../audit/generate.ts";
import { grantOf, grantsOf, NOW } from "../grant/world.ts";
import { call, calls, october, reportOn } from "./world.ts";

const person = { kind: "person", id: "person:m.chen" } as const;
const agent = { kind: "agent", id: "agent:bot-1" } as const;

describe("reviewerOf", () => {
  test.each<[string, Partial<Grant>, "read" | "sign" | undefined]>([
    ["a person who may sign", { principal: person, audit: "sign" }, "sign"],
    ["a person who may read", { principal: person, audit: "read" }, "read"],
    ["a person without a part in it", { principal: person }, undefined],
    // A signature is a person's word, whatever the grant says.
    ["an agent who may sign", { principal: agent, audit: "sign" }, "read"],
    [
      "a service who may sign",
      { principal: { kind: "service", id: "service:x" }, audit: "sign" },
      "read",
    ],
    ["whose grant ends now", { principal: person, audit: "sign", expires: NOW }, undefined],
    ["whose grant begins later", { principal: person, audit: "sign", issued: NOW + 1 }, undefined],
    // Emergency access is for patients, and dormant.
    [
      "with an emergency grant",
      { principal: person, audit: "sign", breakGlass: { openers: [], maxMs: DAY } },
      undefined,
    ],
  ])("%s", (_, fields, may) => {
    expect(reviewerOf(grantsOf(grantOf(fields)), "g1", NOW)?.may).toBe(may);
  });

  test("a grant that is not there, under a name that objects have", () => {
    expect(reviewerOf(grantsOf(grantOf({ audit: "read" })), "constructor", NOW)).toBeUndefined();
  });
});

describe("reviewerWith", () => {
  const { token } = mintToken((bytes) => new Uint8Array(bytes).fill(3));
  const repository = grantsOf(grantOf({ principal: person, audit: "sign" }), grantOf({ id: "g2" }));
  const store = (answer: { grant: string } | { code: LookupProblem }) => ({
    refresh: () => false,
    lookup: () =>
      "grant" in answer
        ? ({ ok: true, grant: answer.grant, tokenId: "0123456789ab" } as const)
        : ({ ok: false, code: answer.code } as const),
  });
  const ask = (text: string | undefined, answer: Parameters<typeof store>[0]) =>
    reviewerWith(text, { tokens: store(answer), repository, at: NOW });

  test("knows the person by the token", async () => {
    expect(await ask(token, { grant: "g1" })).toEqual({
      grant: "g1",
      principal: "person:m.chen",
      may: "sign",
    });
  });

  test.each<[string, string | undefined, Parameters<typeof store>[0], string]>([
    ["nobody", undefined, { grant: "g1" }, "nobody says who they are"],
    ["an empty token", "", { grant: "g1" }, "nobody says who they are"],
    ["what is no token", "hunter2", { grant: "g1" }, "not of a token's form"],
    ["a revoked token", token, { code: "revoked_token" }, "revoked token"],
    ["an expired token", token, { code: "expired_token" }, "expired token"],
    ["somebody without a part in the audit", token, { grant: "g2" }, "has no part in the audit"],
  ])("refuses %s, and repeats no token", async (_, text, answer, says) => {
    const error = await ask(text, answer).catch((error: PhiwardError) => error);
    expect(error).toMatchObject({ code: "NOT_PERMITTED", message: expect.stringContaining(says) });
    if (text) expect(JSON.stringify(error)).not.toContain(text);
  });
});

describe("a signature", () => {
  const reader = { grant: "g1", principal: "person:m.chen", may: "read" } as const;
  const signer = { ...reader, may: "sign" } as const;
  const digest = digestOf("a report");
  const SIGN = {
    activity: (who: typeof reader | typeof signer) =>
      signActivity(who, { from: "a", to: "b", report: digest, numbers: digest, findings: 2 }),
    access: (who: typeof reader | typeof signer) =>
      signAccess(who, { commit: "c", grants: 1, revoke: 0, narrow: 0, digest }),
    emergency: (who: typeof reader | typeof signer) =>
      signEmergency(who, { opening: "o-1", grant: "er", note: "seen" }),
  };

  test.each(Object.entries(SIGN))("under %s is refused to a reader", (_, sign) => {
    expect(() => sign(reader)).toThrow("may read, and not sign");
    expect(sign(signer)).toMatchObject({ by: "person:m.chen" });
  });

  test("names the opening and the emergency grant", () => {
    expect(SIGN.emergency(signer)).toEqual({
      action: "review.emergency",
      by: "person:m.chen",
      grant: "er",
      principal: "person:m.chen",
      details: { opening: "o-1", note: "seen" },
    });
    expect(() => mustSign(signer)).not.toThrow();
  });

  test("of one's own activity, or of what one answers for, is noticed", () => {
    const burst = { rule: "(default deny)" };
    const report = reportOn([
      ...calls(30, october(3), { ...burst, responsible: "person:m.chen" }),
      ...calls(30, october(4), {
        ...{ ...burst, responsible: undefined },
        ...{ grant: "g", principal: "person:m.chen" },
      }),
      ...calls(30, october(5), {
        ...{ ...burst, responsible: "person:t.nakamura" },
        ...{ grant: "b2", principal: "agent:b2" },
      }),
    ]);
    const own = (principal: string) => ownFindings(report, { principal }).map(({ id }) => id);
    expect(own("person:m.chen")).toEqual(["denied-burst/agent:bot", "denied-burst/person:m.chen"]);
    expect(own("person:nobody")).toEqual([]);
  });
});

describe("a note", () => {
  let state = "";
  let index: Index;
  const clean = (text: string): string =>
    cleanNote(text, index, allPseudonyms({ keys: join(state, "keys") }));
  beforeAll(() => {
    state = mkdtempSync(join(tmpdir(), "phiward-note-"));
    const key = loadOrCreateSubjectKey(join(state, "keys"), "v1");
    const { of } = pseudonyms(new Map([["v1", key]]), "v1");
    writeLog(join(state, "audit"), [call(october(1), { subjects: [of("zq-4711")] })]);
    index = freshIndex(join(state, "audit"));
  });
  afterAll(() => {
    index.close();
    rmSync(state, { recursive: true, force: true });
  });

  test.each([
    ["  agreed with the ward, ticket SEC-1300 ", "agreed with the ward, ticket SEC-1300"],
    ["the export of 2026-10-14 was ordered", "the export of 2026-10-14 was ordered"],
    // An id of the right form that the log does not know is nobody's.
    ["see record zq-4712", "see record zq-4712"],
  ])("`%s` passes", (text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  test.each([
    ["ssn 412-55-7391", "a social security number"],
    ["call 212-867-5309", "a telephone number"],
    ["about zq-4711", "the id of a patient"],
    ["about (zq-4711).", "the id of a patient"],
    ["about Patient/zq-4711", "the id of a patient"],
    ["two\nlines", "control characters"],
    ["x".repeat(501), "longer than 500"],
  ])("`%s` is refused: %s", (text, says) => {
    let error: unknown;
    try {
      clean(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "USAGE", message: expect.stringContaining(says) });
    expect(`${(error as PhiwardError).message} ${(error as PhiwardError).help}`).not.toMatch(
      /4711|7391|5309/,
    );
  });
});
