/** What a token is worth: a table of tokens and of what became of their grants. */
import { expect, test } from "vitest";
import { judgeToken } from "../../engine/grant/store.ts";
import { entryOf, grantOf, grantsOf, ISSUED, NOW } from "./world.ts";

const there = grantsOf(grantOf());
const person = { kind: "person", id: "person:b.example" } as const;

test.each([
  ["a live token", entryOf(), there, "ok"],
  ["a token that nobody issued", undefined, there, "unknown_token"],
  ["the last millisecond of its life", entryOf({ expiresAt: NOW + 1 }), there, "ok"],
  ["the first millisecond after it", entryOf({ expiresAt: NOW }), there, "expired_token"],
  ["a revoked token", entryOf({ revokedAt: NOW - 1 }), there, "revoked_token"],
  // A clock that goes back must not give a revoked token its life back.
  ["a token revoked in the future", entryOf({ revokedAt: NOW + 1 }), there, "revoked_token"],
  ["revoked and expired", entryOf({ revokedAt: 1, expiresAt: 2 }), there, "revoked_token"],
  ["its grant is gone", entryOf(), grantsOf(), "orphaned_token"],
  ["another grant is there", entryOf(), grantsOf(grantOf({ id: "g2" })), "orphaned_token"],
  ["another principal", entryOf(), grantsOf(grantOf({ principal: person })), "orphaned_token"],
  [
    "a principal of another kind with the same id",
    entryOf(),
    grantsOf(grantOf({ principal: { kind: "service", id: "agent:bot-1" } })),
    "orphaned_token",
  ],
  ["issued anew", entryOf(), grantsOf(grantOf({ issued: ISSUED + 1 })), "orphaned_token"],
  ["orphaned once", entryOf({ orphanedAt: NOW - 1 }), there, "orphaned_token"],
  // Who answers for an agent may change; the agent is still the same.
  [
    "another person answers for it",
    entryOf(),
    grantsOf(
      grantOf({ principal: { kind: "agent", id: "agent:bot-1", responsible: "person:b.example" } }),
    ),
    "ok",
  ],
  // The decision denies it, `(expired)`, and its record names the grant.
  ["its grant expired", entryOf(), grantsOf(grantOf({ expires: NOW - 1 })), "ok"],
  [
    "a grant named like an inherited property",
    entryOf({ grant: "constructor" }),
    there,
    "orphaned_token",
  ],
])("%s", (_, entry, repository, code) => {
  const known = entry === undefined ? {} : { grant: entry.grant, tokenId: entry.id };
  expect(judgeToken(entry, repository, NOW)).toEqual(
    code === "ok" ? { ok: true, ...known } : { ok: false, code, ...known },
  );
});
