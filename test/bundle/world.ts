/** A small organisation that signs: a builder, two privacy officers and one security officer. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { startChecks } from "../../engine/bundle/checks.ts";
import { type Draft, draftRelease } from "../../engine/bundle/draft.ts";
import { type Envelope, withSignature, wrap, writeEnvelope } from "../../engine/bundle/dsse.ts";
import type { ReleaseFiles } from "../../engine/bundle/files.ts";
import { curveOf, type PublicKey, readKey } from "../../engine/bundle/keys.ts";
import { firstRoot, type Person } from "../../engine/bundle/new-root.ts";
import { readRoot } from "../../engine/bundle/root.ts";
import { pemSigner } from "../../engine/bundle/signer/pem.ts";
import { openStore } from "../../engine/bundle/store.ts";
import { initialFiles } from "../../engine/catalog/init.ts";
import { sha256 } from "../../engine/json/value.ts";
import type { RootFile, TrustFile } from "../../engine/schema/types.ts";
import { memoryTree } from "../support/tree.ts";

export const NOW = Date.parse("2026-10-01T12:00:00Z");
export const DAY = 86_400_000;
export const COMMIT = "1".repeat(40);
export const NEXT_COMMIT = "2".repeat(40);

export const demand: ReturnType<typeof startChecks>["demand"] = startChecks().demand;

export interface Key {
  readonly privateKey: KeyObject;
  readonly publicKey: PublicKey;
}

export function newKey(curve: "ed25519" | "p256" = "ed25519"): Key {
  const pair =
    curve === "ed25519"
      ? generateKeyPairSync("ed25519")
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return keyOf(pair.privateKey);
}

export function keyOf(privateKey: KeyObject): Key {
  const key = createPublicKey(privateKey);
  const der = key.export({ format: "der", type: "spki" });
  const scheme = curveOf(key) === "ed25519" ? "ed25519" : "ecdsa-p256-sha256";
  return { privateKey, publicKey: readKey({ scheme, public: der.toString("base64") })! };
}

export const KEYS = {
  ci: newKey("p256"),
  "m.chen": newKey(),
  "r.ode": newKey(),
  "s.park": newKey(),
  stranger: newKey(),
};
export type Name = keyof typeof KEYS;

const GROUPS = { ci: "builder", "m.chen": "privacy", "r.ode": "privacy", "s.park": "security" };

export const PEOPLE: readonly Person[] = Object.entries(GROUPS).map(([name, group]) => ({
  name,
  group,
  key: KEYS[name as Name].publicKey,
}));

export const ROOT: RootFile = firstRoot({
  domain: "hospital",
  stream: "ehr",
  repository: "https://git.example.org/policies.git",
  people: PEOPLE,
  now: NOW - DAY,
  lifeMs: 365 * DAY,
});

export const ROOT_SIGNERS: readonly Name[] = ["m.chen", "r.ode", "s.park"];
export const ALL: readonly Name[] = ["ci", "m.chen", "r.ode", "s.park"];

export async function signedBy(envelope: Envelope, names: readonly Name[]): Promise<Envelope> {
  let signed = envelope;
  for (const name of names) {
    const { privateKey, publicKey } = KEYS[name];
    signed = withSignature(signed, await pemSigner(privateKey, publicKey).sign(signed));
  }
  return signed;
}

export async function rootBytes(
  file: unknown = ROOT,
  names: readonly Name[] = ROOT_SIGNERS,
): Promise<Buffer> {
  return Buffer.from(writeEnvelope(await signedBy(wrap("root", file), names)));
}

export const TRUST: TrustFile = {
  version: "1",
  domain: "hospital",
  stream: "ehr",
  root: { version: 1, digest: readRoot(wrap("root", ROOT).payload, demand).digest },
};

export const SOURCES = initialFiles({ name: "ehr", now: NOW, approvers: ["team:privacy"] });

export const treeAt = async (commit: string) =>
  memoryTree(
    commit === COMMIT
      ? SOURCES
      : {
          ...SOURCES,
          "policies/lookup.yaml": SOURCES["policies/lookup.yaml"]!.replace("max: 20", "max: 10"),
        },
  );

const drafts = new Map<string, Promise<Draft>>();

/** Made once for each commit and each release before it: the proof of a change takes its time. */
export function draftOf(commit: string, previous?: Uint8Array): Promise<Draft> {
  const name = `${commit} ${previous === undefined ? "" : sha256(Buffer.from(previous).toString())}`;
  const draft = drafts.get(name) ?? makeDraft(commit, previous);
  drafts.set(name, draft);
  return draft;
}

async function makeDraft(commit: string, previous: Uint8Array | undefined): Promise<Draft> {
  const store = openStore(TRUST, await rootBytes(), NOW, undefined, demand);
  const options = { commit, path: "", lifeMs: 90 * DAY, graceSeconds: 3600, approvers: [] };
  return await draftRelease(store, previous, treeAt, options, demand);
}

/** The first release, signed by these. */
export async function release(names: readonly Name[] = ALL): Promise<ReleaseFiles> {
  const draft = await draftOf(COMMIT);
  return {
    roots: new Map([[1, await rootBytes()]]),
    bundle: Buffer.from(draft.bundle.text),
    release: Buffer.from(writeEnvelope(await signedBy(draft.envelope, names))),
  };
}

/** A release whose statement says something else, signed by everybody all the same. */
export async function saying(
  change: (predicate: Record<string, unknown>) => void,
): Promise<ReleaseFiles> {
  const files = await release();
  const draft = await draftOf(COMMIT);
  const statement = JSON.parse(draft.envelope.payload.toString("utf8"));
  change(statement.predicate);
  const envelope = await signedBy(wrap("release", statement), ALL);
  return { ...files, release: Buffer.from(writeEnvelope(envelope)) };
}
