/**
 * Releases: verifying one that three people signed, and asking for a change when there is none; beside
 * tuf-js and @sigstore/verify doing what is nearest to it.
 *
 *     node test/bench/bundle.ts
 */
import { createHash, sign, verify } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFromJSON } from "@sigstore/bundle";
import { type TrustMaterial, toSignedEntity, Verifier } from "@sigstore/verify";
import { startChecks } from "../../engine/bundle/checks.ts";
import { signedBytes, withSignature, wrap, writeEnvelope } from "../../engine/bundle/dsse.ts";
import type { ReleaseFiles } from "../../engine/bundle/files.ts";
import { keepingOf, reopen } from "../../engine/bundle/kept.ts";
import { newHeartbeat } from "../../engine/bundle/new-heartbeat.ts";
import { firstRoot } from "../../engine/bundle/new-root.ts";
import { readRoot } from "../../engine/bundle/root.ts";
import { pemSigner } from "../../engine/bundle/signer/pem.ts";
import { sigstoreBundles } from "../../engine/bundle/sigstore.ts";
import { keep, readKept } from "../../engine/bundle/store/state-folder.ts";
import { openStore, takeRelease } from "../../engine/bundle/store.ts";
import { type Known, update } from "../../engine/bundle/update.ts";
import { verifyRelease } from "../../engine/bundle/verify.ts";
import type { TrustFile } from "../../engine/schema/types.ts";
import { newSshKey, sshSignature } from "../bundle/ssh-signer.ts";
import { COMMIT, DAY, demand, draftOf, NOW, newKey, ROOT, TRUST } from "../bundle/world.ts";
import { compareAsync, report } from "./measure.ts";
import { tufClient, tufRepository, verifyTargets } from "./tuf.ts";

/** A builder with a P-256 key, and two officers with the SSH keys that they have. */
const CI = newKey("p256");
const OFFICERS = { "m.chen": newSshKey("ssh-ed25519"), "s.park": newSshKey("ssh-ed25519") };

interface Release {
  readonly files: ReleaseFiles;
  readonly trust: TrustFile;
  readonly message: Buffer;
}

async function signedRelease(): Promise<Release> {
  const people = [
    { name: "ci", group: "builder", key: CI.publicKey },
    { name: "m.chen", group: "privacy", key: OFFICERS["m.chen"].publicKey },
    { name: "s.park", group: "security", key: OFFICERS["s.park"].publicKey },
  ];
  const [stream, { repository }] = Object.entries(ROOT.streams)[0]!;
  const life = { now: NOW - DAY, lifeMs: 365 * DAY };
  const { domain } = ROOT;
  const root = wrap("root", firstRoot({ domain, stream, repository, people, ...life }));
  const draft = await draftOf(COMMIT);
  const byOfficers = (envelope: typeof root, space: string) =>
    Object.values(OFFICERS).reduce((signed, key) => {
      const bytes = sshSignature(key, signedBytes(envelope), space);
      return withSignature(signed, { keyid: key.publicKey.id, bytes });
    }, envelope);
  const ci = await pemSigner(CI.privateKey, CI.publicKey).sign(draft.envelope);
  const release = withSignature(byOfficers(draft.envelope, "phiward-release"), ci);
  return {
    files: {
      roots: new Map([[1, Buffer.from(writeEnvelope(byOfficers(root, "phiward-root")))]]),
      release: Buffer.from(writeEnvelope(release)),
      bundle: Buffer.from(draft.bundle.text),
    },
    trust: { ...TRUST, root: { version: 1, digest: readRoot(root.payload, demand).digest } },
    message: signedBytes(draft.envelope),
  };
}

/** The same statement as Sigstore bundles: one for each of three machines, as a bundle has one signature. */
async function sigstoreOf(): Promise<{ trust: TrustMaterial; texts: readonly string[] }> {
  const machines = [newKey("p256"), newKey(), newKey()];
  const { envelope } = await draftOf(COMMIT);
  const owners = machines.map(({ publicKey }, i) => [
    publicKey.id,
    { person: `machine${i}`, group: "builder", key: publicKey },
  ]);
  let signed = envelope;
  for (const { privateKey, publicKey } of machines) {
    signed = withSignature(signed, await pemSigner(privateKey, publicKey).sign(signed));
  }
  const root = { owners: new Map(owners as never) } as unknown as Parameters<
    typeof sigstoreBundles
  >[1];
  const known = new Map(
    machines.map(({ publicKey: { key } }) => {
      const der = key.export({ format: "der", type: "spki" });
      return [createHash("sha256").update(der).digest("base64"), key];
    }),
  );
  return {
    texts: sigstoreBundles(signed, root).map(({ bundle }) => JSON.stringify(bundle)),
    trust: {
      certificateAuthorities: [],
      timestampAuthorities: [],
      tlogs: [],
      ctlogs: [],
      publicKey: (hint) => ({ publicKey: known.get(hint)!, validFor: () => true }),
    },
  };
}

const OFFLINE = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };

/** The same work, so many times over. */
function times(work: () => unknown): (count: number) => Promise<unknown> {
  return async (count) => {
    let last: unknown;
    for (let n = 0; n < count; n++) last = await work();
    return last;
  };
}

async function benchVerify(): Promise<void> {
  const { files, trust, message } = await signedRelease();
  const store = openStore(trust, files.roots.get(1)!, NOW, undefined, demand);
  const sigstore = await sigstoreOf();
  const verifier = new Verifier(sigstore.trust, OFFLINE);
  const one = (text: string) => verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(text))));
  const bundle = Buffer.from(files.bundle!);
  const digest = createHash("sha256").update(bundle).digest("hex");
  const tuf = tufRepository("bundle.json", bundle, digest);
  const floor = rawSignatures(message);
  const { verdict } = await verifyRelease(files, { trust, now: NOW });
  if (verdict !== "trusted") throw new Error("the release of the bench is not believed");
  const figures = await compareAsync([
    { name: "three signatures by node:crypto", run: times(floor) },
    {
      name: "phiward: the release, every rule",
      run: times(() => takeRelease(store, files.release!, startChecks().demand)),
    },
    {
      name: "phiward: root, release and bundle, compiled",
      run: times(() => verifyRelease(files, { trust, now: NOW })),
    },
    { name: "@sigstore/verify: one signer's bundle", run: times(() => one(sigstore.texts[0]!)) },
    {
      name: "@sigstore/verify: three signers' bundles",
      run: times(() => sigstore.texts.map(one)),
    },
    { name: "tuf-js: targets of three signers", run: times(() => verifyTargets(tuf)) },
  ]);
  report("verify: a release of three signers", figures, "three signatures by node:crypto");
  const size = (name: string, bytes: number) =>
    console.log(`  ${name.padEnd(46)} ${bytes.toLocaleString("en").padStart(9)} bytes`);
  size("phiward: release.json", files.release!.length);
  size("phiward: root/1.json", files.roots.get(1)!.length);
  size("phiward: bundle.json", bundle.length);
  size("sigstore: three bundles", sigstore.texts.join("").length);
  for (const [name, bytes] of tuf.files) size(`tuf-js: ${name}`, bytes.length);
}

/** What no verifier can do without: one P-256 signature and two of Ed25519. */
function rawSignatures(message: Buffer): () => boolean {
  const keys = [CI, newKey(), newKey()];
  const signed = keys.map(({ privateKey, publicKey }) => {
    const hash = publicKey.curve === "p256" ? "sha256" : null;
    return { hash, key: publicKey.key, signature: sign(hash, message, privateKey) };
  });
  return () => signed.every(({ hash, key, signature }) => verify(hash, message, key, signature));
}

async function benchUpdate(folder: string): Promise<void> {
  const { files, trust, message } = await signedRelease();
  const pinned = files.roots.get(1)!;
  const store = openStore(trust, pinned, NOW, undefined, demand);
  const { predicate, statement } = takeRelease(store, files.release!, demand);
  const beating = async (now: number): Promise<ReleaseFiles> => {
    const words = newHeartbeat({ ...store, now }, { predicate, statement }, DAY);
    const envelope = wrap("heartbeat", words);
    const signature = await pemSigner(CI.privateKey, CI.publicKey).sign(envelope);
    return { ...files, heartbeat: Buffer.from(writeEnvelope(withSignature(envelope, signature))) };
  };
  const now = await beating(NOW);
  const begun: Known = { store, roots: new Map([[1, pinned]]), halts: new Map() };
  const { known, refused } = await update(begun, now, NOW);
  if (refused !== undefined) throw new Error(`the bench is refused: ${refused.check}`);
  const state = join(folder, "state");
  mkdirSync(state);
  keep(state, keepingOf(known, 0));
  const bundle = Buffer.from(files.bundle!);
  const digest = createHash("sha256").update(bundle).digest("hex");
  const tuf = tufRepository("bundle.json", bundle, digest);
  const client = tufClient(join(folder, "tuf"), tuf, "bundle.json", bundle);
  if ((await client()) === undefined) throw new Error("the client of the bench has nothing");
  let tick = 0;
  const beats = await Promise.all(Array.from({ length: 64 }, (_, i) => beating(NOW + i * 1000)));
  const figures = await compareAsync([
    { name: "three signatures by node:crypto", run: times(rawSignatures(message)) },
    { name: "phiward: a running engine, nothing new", run: times(() => update(known, now, NOW)) },
    {
      name: "phiward: a new heartbeat, kept on disk",
      run: times(async () => {
        const next = await update(known, beats[tick++ % beats.length]!, NOW + 64_000);
        keep(state, keepingOf(next.known, 0));
      }),
    },
    {
      name: "phiward: from its state folder, nothing new",
      run: times(async () => {
        const reopened = await reopen(readKept(state), trust, pinned, NOW, demand);
        return await update(reopened.known, beats.at(-1)!, NOW + 64_000);
      }),
    },
    { name: "tuf-js: from its folder, nothing new", run: times(client) },
  ]);
  report("update: nothing new", figures, "three signatures by node:crypto");
  console.log(`  ${"phiward: heartbeat.json".padEnd(46)} ${now.heartbeat!.length} bytes`);
}

export async function benchBundle(): Promise<void> {
  await benchVerify();
  const folder = mkdtempSync(join(tmpdir(), "phiward-bench-bundle-"));
  try {
    await benchUpdate(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await benchBundle();
