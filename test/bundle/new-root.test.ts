/** The next list of signers: what it keeps of the one before, and what a revoked key can still do. */
import { describe, expect, test } from "vitest";
import { Refused } from "../../engine/bundle/checks.ts";
import { withSignature, wrap, writeEnvelope } from "../../engine/bundle/dsse.ts";
import { nextRoot } from "../../engine/bundle/new-root.ts";
import { pemSigner } from "../../engine/bundle/signer/pem.ts";
import { takeRoot } from "../../engine/bundle/store.ts";
import { followRoots, verifyRelease } from "../../engine/bundle/verify.ts";
import type { RootFile } from "../../engine/schema/types.ts";
import {
  DAY,
  demand,
  KEYS,
  type Name,
  NOW,
  newKey,
  ROOT,
  release,
  rootBytes,
  signedBy,
  TRUST,
} from "./world.ts";

const OLD = KEYS["m.chen"].publicKey;
const fresh = newKey();
const times = { now: NOW, lifeMs: 365 * DAY };
const none = { add: [], remove: [], revoke: [], ...times };
const again = { name: "m.chen", group: "privacy", key: fresh.publicKey };
const cut = (lastVersion: number) => [{ keyid: OLD.id, lastVersion }];

describe("somebody", () => {
  test.each<[string, Partial<Parameters<typeof nextRoot>[1]>, readonly string[] | undefined]>([
    ["who is added again has the new key alone", { add: [again] }, [fresh.publicKey.id]],
    // What it signed up to that version must still count.
    [
      "whose key is revoked from a version on keeps it beside the new one",
      { add: [again], revoke: cut(12) },
      [OLD.id, fresh.publicKey.id],
    ],
    [
      "whose key never counts has the new one alone",
      { add: [again], revoke: cut(0) },
      [fresh.publicKey.id],
    ],
    ["who leaves is gone", { remove: ["m.chen"] }, undefined],
    ["who leaves stays for what they signed", { remove: ["m.chen"], revoke: cut(12) }, [OLD.id]],
  ])("%s", (_, change, keys) => {
    const { people, keys: listed } = nextRoot(ROOT, { ...none, ...change });
    expect(people["m.chen"]?.keys).toEqual(keys);
    expect(Object.keys(listed).sort()).toEqual(
      Object.values(people)
        .flatMap((person) => person.keys)
        .sort(),
    );
  });
});

test("what is not named stays as it is, and `null` takes extra signers away", () => {
  const halt = { anyOf: [{ group: "security", threshold: 1 }] };
  const seats = { roles: { halt }, extraFor: { unknown: null } };
  const next = nextRoot(ROOT, { ...none, seats });
  expect(next.roles).toEqual({ ...ROOT.roles, halt });
  expect(next.extraFor).toEqual({ broader: ROOT.extraFor.broader });
});

/** The root signed by these, and by m.chen's new key. */
async function signed(file: RootFile, names: readonly Name[]): Promise<Buffer> {
  const envelope = await signedBy(wrap("root", file), names);
  const own = await pemSigner(fresh.privateKey, fresh.publicKey).sign(envelope);
  return Buffer.from(writeEnvelope(withSignature(envelope, own)));
}

describe("a key that is revoked from a version on", async () => {
  const second = nextRoot(ROOT, { ...none, add: [again], revoke: cut(1) });
  const roots = new Map([
    [1, await rootBytes()],
    [2, await signed(second, ["m.chen", "r.ode", "s.park"])],
  ]);
  const options = { trust: TRUST, now: NOW };

  test("still counts for a release that it signed before", async () => {
    const files = { ...(await release()), roots };
    expect(await verifyRelease(files, options)).toMatchObject({
      verdict: "trusted",
      rootVersion: 2,
    });
  });

  test("does not choose who signs next", async () => {
    const store = followRoots({ roots }, options, demand);
    const third = nextRoot(second, none);
    const stolen = await rootBytes(third, ["m.chen", "r.ode", "s.park"]);
    expect(() => takeRoot(store, stolen, demand)).toThrow(Refused);
    expect(() => takeRoot(store, stolen, demand)).toThrow(
      expect.objectContaining({ check: "revoked" }),
    );
    const own = await signed(third, ["r.ode", "s.park"]);
    expect(takeRoot(store, own, demand).root.file.version).toBe(3);
  });
});
