/** Other tools check what machines signed: Sigstore's own verifier, and cosign where it is installed. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFromJSON } from "@sigstore/bundle";
import { type TrustMaterial, toSignedEntity, Verifier } from "@sigstore/verify";
import { afterAll, describe, expect, test } from "vitest";
import { readEnvelope, withSignature, wrap } from "../../engine/bundle/dsse.ts";
import { firstRoot } from "../../engine/bundle/new-root.ts";
import { type Root, readRoot } from "../../engine/bundle/root.ts";
import { pemSigner } from "../../engine/bundle/signer/pem.ts";
import { sigstoreBundles } from "../../engine/bundle/sigstore.ts";
import { DAY, demand, type Key, NOW, newKey, release } from "./world.ts";

const work = mkdtempSync(join(tmpdir(), "phiward-export-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const MACHINES: Readonly<Record<string, Key>> = { ed25519: newKey(), p256: newKey("p256") };
const files = await release();
const draft = readEnvelope("release", "the release", files.release!, demand);

/** A root with these machines as builders, and the release signed by all of them. */
async function exported() {
  const root: Root = readRoot(
    wrap(
      "root",
      firstRoot({
        domain: "hospital",
        stream: "ehr",
        repository: "https://git.example.org/policies.git",
        people: [
          ...Object.entries(MACHINES).map(([name, { publicKey }]) => {
            return { name, group: "builder", key: publicKey };
          }),
          { name: "m.chen", group: "privacy", key: newKey().publicKey },
        ],
        now: NOW,
        lifeMs: DAY,
      }),
    ).payload,
    demand,
  );
  let signed = draft;
  for (const { privateKey, publicKey } of Object.values(MACHINES)) {
    signed = withSignature(signed, await pemSigner(privateKey, publicKey).sign(signed));
  }
  return sigstoreBundles(signed, root);
}

/** Trusts the keys of these machines, by the hint that the bundle carries. */
function trusting(keys: readonly Key[]): TrustMaterial {
  const known = new Map(
    keys.map(({ publicKey: { key } }) => {
      const der = key.export({ format: "der", type: "spki" });
      return [createHash("sha256").update(der).digest("base64"), key];
    }),
  );
  return {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey(hint) {
      const publicKey = known.get(hint);
      if (publicKey === undefined) throw new Error("an unknown key");
      return { publicKey, validFor: () => true };
    },
  };
}
const OFFLINE = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };

describe.each(Object.keys(MACHINES))("a machine with a key of %s", async (name) => {
  const { bundle, keyid } = (await exported()).find(({ person }) => person === name)!;
  const key = MACHINES[name]!;
  const verify = (value: object, keys: readonly Key[]) =>
    new Verifier(trusting(keys), OFFLINE).verify(toSignedEntity(bundleFromJSON(value)));

  test("signs what @sigstore/verify accepts", () => {
    expect(verify(bundle, [key]).key).toEqual(key.publicKey.key);
    expect(keyid).toBe(key.publicKey.id);
  });

  test("signs nothing that it accepts under another key, or changed", () => {
    expect(() => verify(bundle, [newKey()])).toThrow();
    const changed = structuredClone(bundle) as { dsseEnvelope: { payload: string } };
    const text = Buffer.from(changed.dsseEnvelope.payload, "base64").toString("utf8");
    changed.dsseEnvelope.payload = Buffer.from(text.replace('"version":1', '"version":2')).toString(
      "base64",
    );
    expect(() => verify(changed, [key])).toThrow();
  });

  test.runIf(spawnSync("cosign", ["version"]).status === 0)("signs what cosign accepts", () => {
    const at = (file: string): string => join(work, `${name}-${file}`);
    writeFileSync(at("bundle.json"), files.bundle!);
    writeFileSync(at("sigstore.json"), JSON.stringify(bundle));
    writeFileSync(at("key.pub"), key.publicKey.key.export({ format: "pem", type: "spki" }));
    const told = execFileSync(
      "cosign",
      [
        "verify-blob-attestation",
        "--key",
        at("key.pub"),
        "--bundle",
        at("sigstore.json"),
        "--type",
        "https://phiward.dev/policy-release/v1",
        "--insecure-ignore-tlog=true",
        at("bundle.json"),
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
    );
    expect(told).toBeDefined();
  });
});

test("people, who sign by SSH, and strangers are not exported", async () => {
  const names = (await exported()).map(({ person }) => person);
  // The release is signed by the four people of the world too, whom this root does not know.
  expect(draft.signatures).toHaveLength(4);
  expect(names.sort()).toEqual(["ed25519", "p256"]);
});
