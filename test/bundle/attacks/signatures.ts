/** Who signed, and what: tampering, strangers, too few, one who counts twice, one purpose for another. */
import { sign } from "node:crypto";
import { KEYS, type Name, newKey, release, rootBytes, saying } from "../world.ts";
import { type Family, family, type Given, layRelease } from "./attack.ts";
import {
  bytes,
  closeEnvelope,
  nothingSigned,
  openEnvelope,
  payloadOf,
  root2,
  sealed,
  statement,
  withFirstRoot,
  withNextRoot,
  withRelease,
  withSignatureOf,
  withText,
} from "./forge.ts";

const signedBy = async (...names: readonly Name[]): Promise<Given> => ({
  files: await release(names),
});

const idOf = (name: Name): string => KEYS[name].publicKey.id;

/** P1363 → the numbers r and n − s, in DER again: ECDSA takes both. */
function otherHalf(der: Buffer): Buffer {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const [r, s] = derNumbers(der);
  const numbers = [r!, order - s!].map(derNumber);
  const body = Buffer.concat(numbers);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function derNumbers(der: Buffer): readonly bigint[] {
  const numbers: bigint[] = [];
  for (let at = 2; at < der.length; at += 2 + der[at + 1]!) {
    numbers.push(BigInt(`0x${der.toString("hex", at + 2, at + 2 + der[at + 1]!)}`));
  }
  return numbers;
}

function derNumber(value: bigint): Buffer {
  const hex = value.toString(16);
  const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  const shown = digits[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), digits]) : digits;
  return Buffer.concat([Buffer.from([2, shown.length]), shown]);
}

const flipped = (signature: Buffer): Buffer => {
  const copy = Buffer.from(signature);
  copy[copy.length - 1]! ^= 1;
  return copy;
};

// biome-ignore format: one row a line is a table
export const SIGNATURES: Family = family("signatures", layRelease, [
  ["shows no release at all", "unsigned", async () => ({ files: await nothingSigned() })],
  ["shows a draft that nobody signed", "unsigned", () => signedBy()],
  ["signs with a key that nobody knows", "signer", () => signedBy("stranger")],
  ["adds a stranger in the builder's place", "signer", () => signedBy("stranger", "m.chen", "r.ode", "s.park")],
  ["releases without the builder", "too-few", () => signedBy("m.chen", "r.ode", "s.park")],
  ["lets the builder release alone", "too-few", () => signedBy("ci")],
  // Two of one group do not make up for none of the other.
  ["has two privacy officers and no security officer", "too-few", () => signedBy("ci", "m.chen", "r.ode")],
  ["has the security officer and no privacy officer", "too-few", () => signedBy("ci", "s.park")],
  ["releases a broader policy with the usual people only", "extra-signers", () => signedBy("ci", "m.chen", "s.park")],
  ["spoils one officer's signature under a broader policy", "extra-signers", () => withSignatureOf("r.ode", flipped)],
  ["releases a change that nobody could prove, with the usual people only", "extra-signers", async () => {
    const { release: all, ...files } = await saying((p) => { p.change = { ...(p.change as object), verdict: "unknown" } });
    return { files: { ...files, release: await sealed("release", payloadOf(all!), ["ci", "m.chen", "s.park"]) } };
  }],
  ["releases a broader policy where the root says nothing about those", "extra-signers", () => withFirstRoot((f) => { f.extraFor = {} })],
  ["releases an unproved change where the root speaks of broader ones only", "extra-signers", async () => {
    const { trust, files } = await withFirstRoot((f) => { f.extraFor = { broader: f.extraFor.broader } });
    return { trust: trust!, files: { ...(await saying((p) => { p.change = { ...(p.change as object), verdict: "unknown" } })), roots: files.roots } };
  }],

  ["changes a statement after it was signed", "tampered", async () => {
    const later = await saying((p) => { p.graceSeconds = 9 });
    return await withRelease((e) => ({ ...e, payload: openEnvelope(later.release!).payload }));
  }],
  ["flips one bit of an officer's signature", "tampered", () => withSignatureOf("s.park", flipped)],
  ["flips one bit of the builder's signature", "tampered", () => withSignatureOf("ci", flipped)],
  ["cuts a signature short", "tampered", () => withSignatureOf("s.park", (s) => s.subarray(0, 63))],
  ["adds a byte to a signature", "tampered", () => withSignatureOf("s.park", (s) => Buffer.concat([s, Buffer.alloc(1)]))],
  ["sends zeros for a signature", "tampered", () => withSignatureOf("s.park", () => Buffer.alloc(64))],
  // The Java bug of 2022: r = s = 0 fits every message.
  ["sends a P-256 signature of two zeros", "tampered", () => withSignatureOf("ci", () => Buffer.from("3006020100020100", "hex"))],
  ["writes a P-256 signature in its other form", "tampered", () => withSignatureOf("ci", (_, m) => sign("sha256", m, { key: KEYS.ci.privateKey, dsaEncoding: "ieee-p1363" }))],
  ["signs with the builder's key and another hash", "tampered", () => withSignatureOf("ci", (_, m) => sign("sha512", m, KEYS.ci.privateKey))],
  ["puts one officer's signature under another's name", "tampered", () => withSignatureOf("s.park", (_, m) => sign(null, m, KEYS["m.chen"].privateKey))],
  ["puts a stranger's signature under an officer's name", "tampered", () => withSignatureOf("s.park", (_, m) => sign(null, m, KEYS.stranger.privateKey))],
  ["signs the payload without its type", "tampered", async () => {
    const payload = bytes(await statement());
    return await withSignatureOf("s.park", () => sign(null, payload, KEYS["s.park"].privateKey));
  }],
  ["signs a digest in place of the text", "tampered", async () => {
    const { bundle } = await release();
    return await withSignatureOf("s.park", () => sign(null, bundle!, KEYS["s.park"].privateKey));
  }],
  ["shows the release as another type of text", "purpose", () => withText((t) => t.replace("application/vnd.in-toto+json", "text/plain"))],
  ["shows a root in the place of a release", "purpose", async () => ({ files: { ...(await release()), release: await rootBytes() } })],
  ["shows a release in the place of a root", "purpose", async () => {
    const files = await release();
    return { files: { ...files, roots: new Map([[1, files.release!]]) } };
  }],
  ["shows a release as the next root", "purpose", async () => {
    const files = await release();
    return { files: { ...files, roots: new Map([...files.roots, [2, files.release!]]) } };
  }],
  // The type is signed too, so that renaming it does not help.
  ["has officers sign a root, and shows their signatures as a release's", "tampered", async () => {
    const payload = await statement();
    const signed = openEnvelope(await sealed("root", payload));
    return { files: { ...(await release()), release: closeEnvelope({ ...signed, payloadType: "application/vnd.in-toto+json" }) } };
  }],

  ["signs twice with one key", "duplicate", () => withRelease((e) => ({ ...e, signatures: [e.signatures[0]!, ...e.signatures] }))],
  ["signs twice with one key, the second time in ECDSA's other form", "duplicate", () => withRelease((e) => {
    const own = e.signatures.find(({ keyid }) => keyid === idOf("ci"))!;
    const other = otherHalf(Buffer.from(own.sig, "base64")).toString("base64");
    return { ...e, signatures: [...e.signatures, { ...own, sig: other }] };
  })],
  ["sends more signatures than anybody reads", "form", () => withRelease((e) => ({
    ...e, signatures: [...e.signatures, ...Array.from({ length: 33 }, (_, i) => ({ keyid: i.toString(16).padStart(64, "0"), sig: "AAAA" }))],
  }))],
  ["sends a signature that is larger than any", "form", () => withSignatureOf("s.park", () => Buffer.alloc(8000))],
  ["names a key by a path", "form", () => withRelease((e) => ({ ...e, signatures: [{ keyid: "../root", sig: "AAAA" }] }))],
  ["names a key by what every object has", "form", () => withText((t) => t.replace(/"keyid":"[^"]+"/, '"keyid":"__proto__"'))],
  ["sends the key beside the signature", "form", () => withText((t) => t.replace('{"keyid":', '{"cert":"AAAA","keyid":'))],

  ["lets one officer sign with two keys for two", "extra-signers", () => oneWithTwoKeys("privacy")],
  ["lets one officer sign with two keys for two usual seats", "too-few", () => oneWithTwoKeys("release")],
  ["uses a key from after the version that it was cut off at", "revoked", () => withNextRoot(root2({ revoke: [{ keyid: idOf("ci"), lastVersion: 0 }] }))],
  ["cuts an officer's key off twice, and hopes for the later version", "revoked", () => withNextRoot(root2({ revoke: [{ keyid: idOf("s.park"), lastVersion: 0 }, { keyid: idOf("s.park"), lastVersion: 900 }] }))],
  ["uses the key of somebody who is no longer in the root", "signer", () => withNextRoot(root2({ add: [{ name: "ci", group: "builder", key: newKey().publicKey }] }))],
]);

/** r.ode has gone; m.chen has both keys now, and both have signed. */
async function oneWithTwoKeys(where: "privacy" | "release"): Promise<Given> {
  const two = { allOf: [{ group: "privacy", threshold: 2 }] };
  const given = await withFirstRoot((f) => {
    const mine = { group: "privacy", keys: [idOf("m.chen"), idOf("r.ode")] };
    const { "r.ode": _, ...others } = f.people;
    f.people = {
      ...others,
      "m.chen": mine,
      "x.new": { group: "privacy", keys: [idOf("stranger")] },
    };
    f.keys[idOf("stranger")] = { scheme: "ed25519", public: spki("stranger") };
    f.roles.root = { allOf: [{ group: "privacy", threshold: 1 }] };
    if (where === "release") f.roles.release = two;
  });
  return given;
}

function spki(name: Name): string {
  return KEYS[name].publicKey.key.export({ format: "der", type: "spki" }).toString("base64");
}
