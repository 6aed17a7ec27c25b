/** What must be refused, each with its own reason. Every row is signed and stored as an attacker could. */
import { describe, expect, test } from "vitest";
import { Refused } from "../../engine/bundle/checks.ts";
import { redoDraft } from "../../engine/bundle/draft.ts";
import { signedBytes, wrap, writeEnvelope } from "../../engine/bundle/dsse.ts";
import type { ReleaseFiles } from "../../engine/bundle/files.ts";
import { nextRoot } from "../../engine/bundle/new-root.ts";
import { openStore } from "../../engine/bundle/store.ts";
import { type VerifyOptions, verifyRelease } from "../../engine/bundle/verify.ts";
import { digestOf } from "../../engine/json/value.ts";
import type { RootFile, TrustFile } from "../../engine/schema/types.ts";
import {
  ALL,
  DAY,
  demand,
  draftOf,
  KEYS,
  type Name,
  NEXT_COMMIT,
  NOW,
  newKey,
  ROOT,
  ROOT_SIGNERS,
  release,
  rootBytes,
  saying,
  TRUST,
  treeAt,
} from "./world.ts";

type Setup = readonly [files: ReleaseFiles, options?: Partial<VerifyOptions>];

const bytes = (text: string): Buffer => Buffer.from(text);
const text = (file: Uint8Array | undefined): string => Buffer.from(file!).toString("utf8");
const withTrust = (change: Partial<TrustFile>) => ({ trust: { ...TRUST, ...change } });

async function reached(version: number, statement: string, epoch = 1): Promise<Setup> {
  return [await release(), { reached: { epoch, version, statement: statement as never } }];
}

async function afterRoot(file: unknown, names: readonly Name[] = ROOT_SIGNERS): Promise<Setup> {
  const files = await release();
  return [{ ...files, roots: new Map([...files.roots, [2, await rootBytes(file, names)]]) }];
}

/** A root as an attacker writes it, without its types. */
type Loose = Record<"keys" | "people" | "roles" | "extraFor", Record<string, unknown>>;

/** A trust file that names a root with this sense, and that root. */
async function firstRootOf(change: (file: Loose) => void): Promise<Setup> {
  const file = structuredClone(ROOT);
  change(file as unknown as Loose);
  const root = { version: 1, digest: digestOf(file) };
  const files = { ...(await release()), roots: new Map([[1, await rootBytes(file)]]) };
  return [files, withTrust({ root })];
}

const root2 = (change: Partial<Parameters<typeof nextRoot>[1]> = {}): RootFile =>
  nextRoot(ROOT, { add: [], remove: [], revoke: [], now: NOW, lifeMs: 365 * DAY, ...change });
const OTHER_DIGEST = `sha256:${"a".repeat(64)}`;

// biome-ignore format: one row a line is a table
const ROWS: readonly (readonly [name: string, check: string, setup: () => Promise<Setup>])[] = [
  ["no release at all", "unsigned", async () => [{ roots: (await release()).roots }]],
  ["a draft", "unsigned", async () => [await release([])]],
  ["a stranger's signature", "signer", async () => [await release(["stranger"])]],
  ["no builder", "too-few", async () => [await release(["m.chen", "r.ode", "s.park"])]],
  // Two of one group do not make up for none of the other.
  ["two privacy officers and no security officer", "too-few", async () => [await release(["ci", "m.chen", "r.ode"])]],
  ["a broader policy with the usual people only", "extra-signers", async () => [await release(["ci", "m.chen", "s.park"])]],
  ["a statement that was changed", "tampered", async () => {
    const [files, other] = [await release(), await saying((p) => { p.graceSeconds = 9 })];
    const envelope = JSON.parse(text(files.release));
    envelope.payload = JSON.parse(text(other.release)).payload;
    return [{ ...files, release: bytes(`{"payload":${JSON.stringify(envelope.payload)},"payloadType":${JSON.stringify(envelope.payloadType)},"signatures":[${envelope.signatures.map(({ keyid, sig }: { keyid: string; sig: string }) => `{"keyid":"${keyid}","sig":"${sig}"}`)}]}`) }];
  }],
  ["another payload type", "purpose", async () => {
    const files = await release();
    return [{ ...files, release: bytes(text(files.release).replace("application/vnd.in-toto+json", "text/plain")) }];
  }],
  ["a root in the place of a release", "purpose", async () => [{ ...(await release()), release: await rootBytes() }]],
  ["white space in the envelope", "canonical", async () => {
    const files = await release();
    return [{ ...files, release: bytes(`${text(files.release)}\n`) }];
  }],
  ["a byte order mark", "canonical", async () => {
    const files = await release();
    return [{ ...files, release: bytes(`\uFEFF${text(files.release)}`) }];
  }],
  ["a key of the envelope twice", "canonical", async () => {
    const files = await release();
    return [{ ...files, release: bytes(text(files.release).replace("{", '{"payload":"",')) }];
  }],
  ["a field more in the envelope", "form", async () => {
    const files = await release();
    return [{ ...files, release: bytes(text(files.release).replace(/}$/, ',"zone":1}')) }];
  }],
  ["a field more in the statement", "form", () => saying((p) => { p.zone = 1 }).then((files) => [files])],
  ["a version that is no whole number", "form", () => saying((p) => { p.version = 1.5 }).then((files) => [files])],
  ["an envelope without end", "size", async () => [{ ...(await release()), release: Buffer.alloc(3_000_000, 32) }]],
  ["another stream", "stream", () => saying((p) => { p.stream = "lab" }).then((files) => [files])],
  ["another organisation", "stream", () => saying((p) => { p.domain = "clinic" }).then((files) => [files])],
  ["another repository", "repository", () => saying((p) => { (p.source as Record<string, string>).repository = "https://git.example.org/fork.git" }).then((files) => [files])],
  ["a root that this engine was not shown", "root-withheld", () => saying((p) => { p.rootVersion = 2 }).then((files) => [files])],
  ["another epoch", "epoch", () => saying((p) => { p.epoch = 2 }).then((files) => [files])],
  ["an expired release", "expired", async () => [await release(), { now: NOW + 91 * DAY }]],
  ["a release from the future", "future", async () => [await release(), { now: NOW - DAY / 2 }]],
  ["a release that expires before it begins", "form", () => saying((p) => { p.expires = "2026-01-01T00:00:00Z" }).then((files) => [files])],
  ["a release below the trust file's floor", "floor", async () => [await release(), withTrust({ floor: { epoch: 1, version: 2 } })]],
  ["a rollback", "rollback", () => reached(2, OTHER_DIGEST)],
  ["a rollback to an epoch before", "rollback", () => reached(1, OTHER_DIGEST, 2)],
  ["two releases under one version", "fork", () => reached(1, OTHER_DIGEST)],
  ["a version that no other can follow", "jump", async () => [await saying((p) => { p.version = 20_000 }), { reached: { epoch: 1, version: 1, statement: OTHER_DIGEST as never } }]],
  ["a second release that follows another first one", "lineage", async () => [await saying((p) => { p.version = 2; p.previous = { version: 1, statement: `sha256:${"b".repeat(64)}` } }), { reached: { epoch: 1, version: 1, statement: OTHER_DIGEST as never } }]],
  ["another release than the pinned one", "pin", async () => [await release(), withTrust({ pin: { version: 2, digest: OTHER_DIGEST } })]],
  ["the pinned version with another content", "pin", async () => [await release(), withTrust({ pin: { version: 1, digest: OTHER_DIGEST } })]],
  ["a bundle that was changed", "bundle", async () => {
    const files = await release();
    return [{ ...files, bundle: bytes(text(files.bundle).replace("max: 20", "max: 99")) }];
  }],
  ["a bundle of another release", "bundle", async () => [{ ...(await release()), bundle: bytes((await draftOf(NEXT_COMMIT)).bundle.text) }]],
  ["no bundle", "bundle", async () => [{ roots: (await release()).roots, release: (await release()).release! }]],
  ["no root", "root-pin", async () => [{ ...(await release()), roots: new Map() }]],
  ["another root", "root-pin", async () => [{ ...(await release()), roots: new Map([[1, await rootBytes(root2())]]) }]],
  ["a first root that is not signed", "unsigned", async () => [{ ...(await release()), roots: new Map([[1, await rootBytes(ROOT, [])]]) }]],
  ["a first root without enough of its people", "too-few", async () => [{ ...(await release()), roots: new Map([[1, await rootBytes(ROOT, ["m.chen"])]]) }]],
  ["a root that has expired", "root-expired", async () => [await release(), { now: NOW + 366 * DAY }]],
  ["a root of another domain than the trust file's", "root-domain", async () => [await release(), withTrust({ domain: "clinic" })]],
  ["a next root that skips a version", "root-version", () => afterRoot({ ...root2(), version: 3 })],
  ["an old root as the next", "root-version", () => afterRoot(ROOT)],
  ["a next root of another domain", "root-domain", () => afterRoot({ ...root2(), domain: "clinic" })],
  ["a next root that its new people alone signed", "signer", () => afterRoot(root2({ add: [{ name: "x.mal", group: "privacy", key: KEYS.stranger.publicKey }] }), ["stranger"])],
  ["a next root that the old people signed, and not the new", "too-few", () => afterRoot({ ...root2({ add: [{ name: "x.mal", group: "audit", key: KEYS.stranger.publicKey }] }), roles: { ...ROOT.roles, root: { allOf: [{ group: "audit", threshold: 1 }] } } })],
  ["a key that is revoked before this version", "revoked", () => afterRoot(root2({ revoke: [{ keyid: KEYS.ci.publicKey.id, lastVersion: 0 }] }))],
  ["somebody who is no longer in the root", "signer", () => afterRoot(root2({ add: [{ name: "ci", group: "builder", key: newKey().publicKey }] }))],
  ["a key under another key's id", "root-key-id", () => firstRootOf((f) => { const keys = f.keys; const [a, b] = Object.keys(keys); keys[a!] = keys[b!] })],
  ["one key for two people", "root-key-shared", () => firstRootOf((f) => { f.people["x.mal"] = { group: "privacy", keys: [KEYS["m.chen"].publicKey.id] } })],
  ["a key of nobody", "root-person", () => firstRootOf((f) => { const { id, key } = KEYS.stranger.publicKey; f.keys[id] = { scheme: "ed25519", public: key.export({ format: "der", type: "spki" }).toString("base64") } })],
  ["a person without their key", "root-person", () => firstRootOf((f) => { f.people["x.mal"] = { group: "privacy", keys: [KEYS.stranger.publicKey.id] } })],
  ["a threshold of nobody", "form", () => firstRootOf((f) => { f.roles.release = { allOf: [{ group: "privacy", threshold: 0 }] } })],
  ["a threshold that cannot be met", "root-threshold", () => firstRootOf((f) => { f.roles.release = { allOf: [{ group: "privacy", threshold: 3 }] } })],
  ["a group that is asked twice", "root-threshold", () => firstRootOf((f) => { f.roles.release = { allOf: [{ group: "privacy", threshold: 1 }, { group: "privacy", threshold: 1 }] } })],
  ["a root without a word on what is broader", "extra-signers", () => firstRootOf((f) => { f.extraFor = {} })],
  ["two signatures of one key", "duplicate", async () => {
    const files = await release();
    const [first] = JSON.parse(text(files.release)).signatures;
    const again = `[{"keyid":"${first.keyid}","sig":"${first.sig}"},`;
    return [{ ...files, release: bytes(text(files.release).replace('"signatures":[', `"signatures":${again}`)) }];
  }],
];

describe("refused", () => {
  test.each(ROWS)("%s: %s", async (_, check, setup) => {
    const [files, options] = await setup();
    const { verdict, refused, release } = await verifyRelease(files, {
      trust: TRUST,
      now: NOW,
      ...options,
    });
    expect({ verdict, check: refused?.check }).toEqual({ verdict: "untrusted", check });
    expect(release).toBeUndefined();
  });
});

describe("believed", () => {
  const verdict = async (files: ReleaseFiles, options: Partial<VerifyOptions> = {}) =>
    (await verifyRelease(files, { trust: TRUST, now: NOW, ...options })).refused;

  test("a release that everybody signed, again and again, and pinned by its digest", async () => {
    const files = await release();
    const { release: taken, checks } = await verifyRelease(files, { trust: TRUST, now: NOW });
    expect(taken?.signers.map(({ person }) => person).sort()).toEqual([...ALL].sort());
    expect(checks.every(({ ok }) => ok)).toBe(true);
    const { statement, digest } = taken!;
    expect(await verdict(files, { reached: { epoch: 1, version: 1, statement } })).toBeUndefined();
    expect(await verdict(files, withTrust({ pin: { version: 1, digest } }))).toBeUndefined();
  });

  test("a release that an officer signed before their key was cut off", async () => {
    const revoke = [{ keyid: KEYS["m.chen"].publicKey.id, lastVersion: 1 }];
    const [files] = await afterRoot(root2({ revoke }));
    expect(await verdict(files)).toBeUndefined();
  });

  test("a release under a root that old and new people signed", async () => {
    const audit = { name: "x.new", group: "privacy", key: KEYS.stranger.publicKey };
    const [files] = await afterRoot(root2({ add: [audit] }));
    expect(await verdict(files)).toBeUndefined();
  });
});

describe("an officer's own machine", () => {
  const store = async () => openStore(TRUST, await rootBytes(), NOW, undefined, demand);
  const redo = async (draft: Uint8Array, previous?: Uint8Array) =>
    await redoDraft(await store(), draft, previous, treeAt, demand);
  const refusal = async (work: Promise<unknown>): Promise<string> =>
    await work.then(
      () => "none",
      (error) => (error instanceof Refused ? error.check : String(error)),
    );

  test("makes the same release of the same commit", async () => {
    const first = (await release()).release!;
    const draft = await draftOf(NEXT_COMMIT, first);
    expect(draft.predicate).toMatchObject({ version: 2, previous: { version: 1 } });
    const again = await redo(bytes(writeEnvelope(draft.envelope)), first);
    expect(again.bundle.digest).toBe(draft.bundle.digest);
  });

  // A builder that was taken over says what it likes; the key signs what this machine says.
  test.each([
    [
      "a change that is called harmless",
      "proof",
      (p: Record<string, unknown>) => {
        p.change = { ...(p.change as object), verdict: "same" };
      },
    ],
    [
      "a proof of something else",
      "proof",
      (p: Record<string, unknown>) => {
        p.change = { ...(p.change as object), proof: OTHER_DIGEST };
      },
    ],
    [
      "another commit's bundle",
      "bundle",
      (p: Record<string, unknown>) => {
        p.source = { ...(p.source as object), commit: NEXT_COMMIT };
      },
    ],
    [
      "a release before that is not there",
      "lineage",
      (p: Record<string, unknown>) => {
        p.previous = { version: 1, statement: OTHER_DIGEST };
      },
    ],
  ])("refuses %s", async (_, check, change) => {
    expect(await refusal(redo((await saying(change)).release!))).toBe(check);
  });

  test("does not build upon a release that too few signed", async () => {
    const { release: lonely } = await release(["ci"]);
    expect(await refusal(draftOf(NEXT_COMMIT, lonely))).toBe("too-few");
  });
});

test("what is signed is the encoding of DSSE's own example", () => {
  const payload = wrap("release", 1).payload;
  expect(signedBytes({ role: "release", payload }).toString()).toBe(
    "DSSEv1 28 application/vnd.in-toto+json 1 1",
  );
});
