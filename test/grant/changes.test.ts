/** Issue, rotate and revoke as plans: which tokens there are afterwards, and which events tell of it. */
import { describe, expect, test } from "vitest";
import { issueToken } from "../../engine/grant/issue.ts";
import { listTokens } from "../../engine/grant/list.ts";
import { revokeTokens } from "../../engine/grant/revoke.ts";
import { rotateToken } from "../../engine/grant/rotate.ts";
import { hashToken } from "../../engine/grant/token.ts";
import { DAY, HOUR } from "../../engine/policy/time.ts";
import { changeAt, entryOf, grantOf, grantsOf, ISSUED, NOW } from "./world.ts";

const grant = grantOf();
const all = () => true;

describe("a new token", () => {
  test("is kept as its hash alone, bound to its grant, and told of", () => {
    const { entries, events, result } = issueToken(grant, undefined, changeAt())([]);
    expect(entries).toEqual([
      {
        id: hashToken(result.token)?.slice(0, 12),
        hash: hashToken(result.token),
        grant: "g1",
        principal: "agent:bot-1",
        kind: "agent",
        issued: ISSUED,
        createdAt: NOW,
        createdBy: "person:a.example",
        expiresAt: NOW + 90 * DAY,
      },
    ]);
    expect(events).toEqual([
      {
        event: expect.stringMatching(/^[0-9a-f-]{36}$/),
        action: "token.issued",
        at: NOW,
        by: "person:a.example",
        grant: "g1",
        principal: "agent:bot-1",
        token: result.entry.id,
        expires: NOW + 90 * DAY,
      },
    ]);
    expect(JSON.stringify({ entries, events })).not.toContain(result.token.slice(4));
  });

  test.each([
    ["90 days when nobody says otherwise", undefined, NOW + 90 * DAY],
    ["as long as asked", NOW + HOUR, NOW + HOUR],
    ["no longer than its grant", NOW + 365 * DAY, grant.expires],
  ])("lives %s", (_, wanted, expected) => {
    const { result } = issueToken(grant, wanted, changeAt())([]);
    expect(result.entry.expiresAt).toBe(expected);
  });

  test("is refused from the moment its grant expires", () => {
    const at = (time: number) => () => issueToken(grant, undefined, changeAt(time))([]);
    expect(at(grant.expires - 1)).not.toThrow();
    expect(at(grant.expires)).toThrow(expect.objectContaining({ code: "GRANT_EXPIRED" }));
  });

  test("drives out tokens that ended long ago, and no other", () => {
    const old = entryOf({ hash: "01".repeat(32), expiresAt: NOW - 90 * DAY });
    const dead = entryOf({ hash: "02".repeat(32), expiresAt: NOW - 90 * DAY + 1, revokedAt: 5 });
    const { entries, result } = issueToken(grant, undefined, changeAt())([old, dead]);
    expect(entries).toEqual([dead, result.entry]);
  });
});

describe("a rotation", () => {
  const old = entryOf({ expiresAt: NOW + 30 * DAY });
  const times = { expiresAt: undefined, overlapMs: HOUR };
  const rotate = (entries = [old], which: typeof isOld = all, grants = grantsOf(grant)) =>
    rotateToken(which, grants, times, changeAt())(entries);
  const isOld = (entry: typeof old): boolean => entry.id === old.id;

  test("makes a new token and lets the old one go on for the overlap", () => {
    const { entries, events, result } = rotate();
    expect(entries).toEqual([{ ...old, expiresAt: NOW + HOUR }, result.entry]);
    expect(result.entry).toMatchObject({ rotatedFrom: old.id, expiresAt: NOW + 90 * DAY });
    expect(events).toMatchObject([
      {
        action: "token.rotated",
        token: result.entry.id,
        details: { replaces: old.id, replacedUntil: new Date(NOW + HOUR).toISOString() },
      },
    ]);
  });

  test("never lengthens the old token's life", () => {
    const { entries } = rotate([entryOf({ expiresAt: NOW + 5 })]);
    expect(entries[0]?.expiresAt).toBe(NOW + 5);
  });

  test("can be repeated: the token that was replaced is not meant any more", () => {
    const first = rotate();
    const second = rotateToken(all, grantsOf(grant), times, changeAt(NOW + 1))([...first.entries]);
    expect(second.result.old.id).toBe(first.result.entry.id);
  });

  const other = entryOf({ hash: "cd".repeat(32) });
  test.each([
    ["there is none", [], grantsOf(grant), "UNKNOWN_NAME"],
    ["it is revoked", [entryOf({ revokedAt: NOW })], grantsOf(grant), "UNKNOWN_NAME"],
    ["it has expired", [entryOf({ expiresAt: NOW })], grantsOf(grant), "UNKNOWN_NAME"],
    ["its grant is gone", [old], grantsOf(), "UNKNOWN_NAME"],
    // To end a token that somebody else uses would be a surprise.
    ["two could be meant", [old, other], grantsOf(grant), "USAGE"],
  ])("is refused when %s", (_, entries, grants, code) => {
    expect(() => rotate(entries, all, grants)).toThrow(expect.objectContaining({ code }));
  });

  test("takes the one that is named", () => {
    expect(rotate([old, other], isOld).result.old.id).toBe(old.id);
  });
});

describe("a revocation", () => {
  const a = entryOf({ hash: "0a".repeat(32) });
  const b = entryOf({ hash: "0b".repeat(32), revokedAt: 7, revokedBy: "person:b.example" });
  const c = entryOf({ hash: "0c".repeat(32), grant: "g2" });

  test("ends what is meant, tells of each, and leaves the first revocation as it was", () => {
    const change = changeAt();
    const { entries, events, result } = revokeTokens(
      ({ grant }) => grant === "g1",
      change,
    )([a, b, c]);
    const revoked = { ...a, revokedAt: NOW, revokedBy: "person:a.example" };
    expect(entries).toEqual([revoked, b, c]);
    expect(events).toMatchObject([{ action: "token.revoked", token: a.id, grant: "g1" }]);
    expect(result).toEqual({ revoked: [revoked], already: [b] });
  });

  test("of nothing is a slip, not a success", () => {
    expect(() => revokeTokens(() => false, changeAt())([a])).toThrow(
      expect.objectContaining({ code: "UNKNOWN_NAME" }),
    );
  });
});

test("a list shows each token's state and no hash", () => {
  const entries = [
    entryOf({ hash: "01".repeat(32), grant: "g2" }),
    entryOf({ hash: "02".repeat(32), createdAt: 5, expiresAt: 6 }),
    entryOf({ hash: "03".repeat(32), revokedAt: 5, createdBy: "person:a.example" }),
  ];
  const states = (repository: ReturnType<typeof grantsOf> | undefined) =>
    listTokens(entries, repository, NOW).map(({ id, state }) => [id.slice(0, 2), state]);
  expect(states(grantsOf(grant))).toEqual([
    ["03", "revoked"],
    ["02", "expired"],
    ["01", "orphaned"],
  ]);
  // Without a repository nobody can tell that the grant is gone.
  expect(states(undefined)[2]).toEqual(["01", "live"]);
  expect(JSON.stringify(listTokens(entries, undefined, NOW))).not.toContain("010101010101010");
});
