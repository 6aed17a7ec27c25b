/** The root of trust: each sentence that it must not say, and each way to exchange it. */
import { createHash, generateKeyPairSync } from "node:crypto";
import { wireString } from "../../../engine/bundle/ssh-wire.ts";
import { newSshKey } from "../ssh-signer.ts";
import { DAY, KEYS, type Name, NOW, newKey, ROOT, release, rootBytes, saying } from "../world.ts";
import { type Family, family, type Given, layRelease, type Row } from "./attack.ts";
import {
  closeEnvelope,
  type LooseRoot,
  OTHER_DIGEST,
  openEnvelope,
  root2,
  sealed,
  withFirstRoot,
  withNextRoot,
  withRoots,
  withRootText,
} from "./forge.ts";

const idOf = (name: Name): string => KEYS[name].publicKey.id;
const spkiOf = (name: Name): Buffer =>
  KEYS[name].publicKey.key.export({ format: "der", type: "spki" });
const hex = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const sshId = (wire: Buffer): string =>
  `SHA256:${createHash("sha256").update(wire).digest("base64").replace(/=+$/, "")}`;

/** Somebody new in the root, with a key as it is written. */
const withKey = (scheme: string, id: string, key: Buffer | string) =>
  withFirstRoot((f) => {
    f.keys[id] = { scheme, public: typeof key === "string" ? key : key.toString("base64") };
    f.people["x.mal"] = { group: "privacy", keys: [id] };
  });

/** The SSH wire form of a key that the root lists as SPKI. */
function wireOf(name: Name): Buffer {
  const { x } = KEYS[name].publicKey.key.export({ format: "jwk" });
  return Buffer.concat(["ssh-ed25519", Buffer.from(x!, "base64url")].map(wireString));
}

function spkiOfNew(kind: "rsa" | "P-384"): Buffer {
  const { publicKey } =
    kind === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: kind });
  return publicKey.export({ format: "der", type: "spki" });
}

/** The same point as the builder's, in the short form: another id for the same key. */
function compressed(): Buffer {
  const { x, y } = KEYS.ci.publicKey.key.export({ format: "jwk" });
  const odd = Buffer.from(y!, "base64url")[31]! & 1;
  const head = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");
  return Buffer.concat([head, Buffer.from([2 + odd]), Buffer.from(x!, "base64url")]);
}

const [ONE, THREE] = [1, 3].map((threshold) => ({ group: "privacy", threshold }));

/** What no role may ask for. */
const SEATS: readonly Row<Given>[] = (
  [
    ["root", "allOf"],
    ["release", "allOf"],
    ["heartbeat", "allOf"],
    ["halt", "anyOf"],
  ] as const
).flatMap(
  ([role, all]) =>
    [
      [
        `asks for more people than there are for the role ${role}`,
        "root-threshold",
        () =>
          withFirstRoot((f) => {
            f.roles[role] = { [all]: [THREE] };
          }),
      ],
      [
        `asks one group twice for the role ${role}`,
        "root-threshold",
        () =>
          withFirstRoot((f) => {
            f.roles[role] = { [all]: [ONE, ONE] };
          }),
      ],
    ] satisfies Row<Given>[],
);

const wire = newSshKey("ssh-ed25519").publicKey.wire!;
/** A point of P-256 that is one. */
const point = newSshKey("ecdsa-sha2-nistp256").publicKey.wire!.subarray(-65);
const otherType = Buffer.concat(
  ["ssh-rsa", Buffer.from([1, 0, 1]), Buffer.alloc(256, 7)].map(wireString),
);

// biome-ignore format: one row a line is a table
export const ROOTS: Family = family("roots", layRelease, [
  ["shows no root", "root-pin", async () => ({ files: { ...(await release()), roots: new Map() } })],
  ["shows another root than the one of the trust file", "root-pin", async () => ({ files: { ...(await release()), roots: new Map([[1, await rootBytes({ ...ROOT, expires: "2029-01-01T00:00:00Z" })]]) } })],
  ["shows the next root in the place of the first", "root-pin", async () => ({ files: { ...(await release()), roots: new Map([[1, await rootBytes(root2())]]) } })],
  ["shows roots and not the one that the trust file names", "root-pin", async () => ({ files: await release(), trust: { root: { version: 2, digest: OTHER_DIGEST } } })],
  ["lists a key under another key's id", "root-key-id", () => withFirstRoot((f) => { const [a, b] = Object.keys(f.keys); f.keys[a!] = f.keys[b!] })],
  ["gives one key to two people", "root-key-shared", () => withFirstRoot((f) => { f.people["x.mal"] = { group: "privacy", keys: [idOf("m.chen")] } })],
  ["gives one key to two people of two groups", "root-key-shared", () => withFirstRoot((f) => { f.people["x.mal"] = { group: "audit", keys: [idOf("m.chen")] } })],
  // Two ids, two schemes, and one private key behind both.
  ["lists one key as an SSH key too", "root-key-shared", () => withKey("sshsig", sshId(wireOf("m.chen")), wireOf("m.chen"))],
  ["lists a P-256 key in its short form too", "root-key-shared", () => withKey("ecdsa-p256-sha256", hex(compressed()), compressed())],
  ["lists a key of nobody", "root-person", () => withFirstRoot((f) => { f.keys[idOf("stranger")] = { scheme: "ed25519", public: spkiOf("stranger").toString("base64") } })],
  ["lists a person without their key", "root-person", () => withFirstRoot((f) => { f.people["x.mal"] = { group: "privacy", keys: [idOf("stranger")] } })],
  // As many keys with an owner as keys: only the names tell.
  ["lists a person without their key, and a key of nobody", "root-person", () => withFirstRoot((f) => { const key = newKey().publicKey; f.keys[key.id] = { scheme: "ed25519", public: key.key.export({ format: "der", type: "spki" }).toString("base64") }; f.people["x.mal"] = { group: "privacy", keys: [idOf("stranger")] } })],
  ["lists a person with no key", "form", () => withFirstRoot((f) => { f.people["x.mal"] = { group: "privacy", keys: [] } })],
  ["lists a person with one key twice", "form", () => withFirstRoot((f) => { f.people["m.chen"] = { group: "privacy", keys: [idOf("m.chen"), idOf("m.chen")] } })],
  ["puts a person into two groups", "form", () => withFirstRoot((f) => { f.people["m.chen"] = { group: ["privacy", "security"], keys: [idOf("m.chen")] } })],
  ["lists an RSA key", "form", () => { const key = spkiOfNew("rsa"); return withKey("ed25519", hex(key), key) }],
  ["lists a key of another curve", "form", () => { const key = spkiOfNew("P-384"); return withKey("ecdsa-p256-sha256", hex(key), key) }],
  ["lists an Ed25519 key under the scheme of P-256", "form", () => withKey("ecdsa-p256-sha256", hex(spkiOf("stranger")), spkiOf("stranger"))],
  ["lists a key in base64 that says the same in two ways", "form", () => withKey("ed25519", hex(spkiOf("stranger")), spkiOf("stranger").toString("base64url"))],
  ["lists an SSH key in base64 that says the same in two ways", "form", () => withKey("sshsig", sshId(wire), `${wire.toString("base64")}\n`)],
  ["lists a key with more behind it", "form", () => { const key = Buffer.concat([spkiOf("stranger"), Buffer.alloc(1)]); return withKey("ed25519", hex(key), key) }],
  ["lists bytes that are no key", "form", () => withKey("ed25519", hex(Buffer.alloc(44)), Buffer.alloc(44))],
  ["lists an SSH key with more behind it", "form", () => { const key = Buffer.concat([wire, Buffer.alloc(1)]); return withKey("sshsig", sshId(key), key) }],
  ["lists a plain SSH key with an application, as security keys have one", "form", () => { const key = Buffer.concat([wire, wireString("ssh:")]); return withKey("sshsig", sshId(key), key) }],
  ["lists an SSH key of a type that every object has", "form", () => { const key = Buffer.concat(["constructor", point].map(wireString)); return withKey("sshsig", sshId(key), key) }],
  ["lists an SSH key of a type that is not used", "form", () => withKey("sshsig", sshId(otherType), otherType)],
  ["lists a security key without its application", "form", () => { const key = Buffer.concat(["sk-ssh-ed25519@openssh.com", wire.subarray(-32)].map(wireString)); return withKey("sshsig", sshId(key), key) }],
  ["lists an SSH key of another curve under P-256's name", "form", () => { const key = Buffer.concat(["ecdsa-sha2-nistp256", "nistp384", Buffer.alloc(65, 4)].map(wireString)); return withKey("sshsig", sshId(key), key) }],
  ["lists a P-256 point that is not on the curve", "form", () => { const key = Buffer.concat(["ecdsa-sha2-nistp256", "nistp256", Buffer.alloc(65, 4)].map(wireString)); return withKey("sshsig", sshId(key), key) }],
  ["lists a P-256 point with a head of its own", "form", () => { const key = Buffer.concat(["ecdsa-sha2-nistp256", "nistp256", Buffer.concat([Buffer.from([5]), point.subarray(1)])].map(wireString)); return withKey("sshsig", sshId(key), key) }],
  ["lists an Ed25519 point of 33 bytes", "form", () => { const key = Buffer.concat(["ssh-ed25519", Buffer.concat([wire.subarray(-32), Buffer.alloc(1)])].map(wireString)); return withKey("sshsig", sshId(key), key) }],
  ["lists an Ed25519 point of 31 bytes", "form", () => { const key = Buffer.concat(["ssh-ed25519", wire.subarray(-31)].map(wireString)); return withKey("sshsig", sshId(key), key) }],
  ["lets nobody release", "form", () => withFirstRoot((f) => { f.roles.release = { allOf: [{ group: "privacy", threshold: 0 }] } })],
  ["asks for half a person", "form", () => withFirstRoot((f) => { f.roles.release = { allOf: [{ group: "privacy", threshold: 0.5 }] } })],
  ["asks for no group at all", "form", () => withFirstRoot((f) => { f.roles.release = { allOf: [] } })],
  ["lets any one group release", "form", () => withFirstRoot((f) => { f.roles.release = { anyOf: [ONE] } })],
  ["leaves a role out", "form", () => withFirstRoot((f) => { f.roles = { root: f.roles.root, release: f.roles.release } })],
  ["says something that nobody looks at", "form", () => withFirstRoot((f) => { f.bypass = true })],
  ["asks for fewer people when a change is narrower", "form", () => withFirstRoot((f) => { f.extraFor.narrower = { allOf: [ONE] } })],
  ["asks for more people than there are for a broader change", "root-threshold", () => withFirstRoot((f) => { f.extraFor.broader = { allOf: [THREE] } })],
  ["asks one group twice for an unproved change", "root-threshold", () => withFirstRoot((f) => { f.extraFor.unknown = { allOf: [ONE, ONE] } })],
  ["asks a group that has nobody", "root-threshold", () => withFirstRoot((f) => { f.roles.release = { allOf: [{ group: "ghosts", threshold: 1 }] } })],
  ...SEATS,
  ["has a root that expires before it begins", "form", () => withFirstRoot((f) => { f.expires = "2025-01-01T00:00:00Z" })],
  ["has a root that ends on a day that does not exist", "form", () => withFirstRoot((f) => { f.expires = "2027-02-30T00:00:00Z" })],
  ["has a first root that nobody signed", "unsigned", () => withFirstRoot(same, [])],
  ["has a first root that too few signed", "too-few", () => withFirstRoot(same, ["m.chen", "s.park"])],
  ["has a first root that a stranger signed", "signer", () => withFirstRoot(same, ["stranger"])],
  ["waits until the root has expired", "root-expired", async () => ({ files: await release(), now: NOW + 366 * DAY })],
  ["waits until the very second of the root's end", "root-expired", async () => ({ files: await release(), now: Date.parse(ROOT.expires) })],
  ["shows a root of another domain than the trust file's", "root-domain", async () => ({ files: await release(), trust: { domain: "clinic" } })],
  ["shows a root of another version than the trust file's", "root-version", () => withFirstRoot((f) => { f.version = 9 })],

  ["skips a root", "root-version", () => withNextRoot({ ...root2(), version: 3 })],
  ["shows an old root as the next", "root-version", () => withNextRoot(ROOT)],
  ["shows the next root of another domain", "root-domain", () => withNextRoot({ ...root2(), domain: "clinic" })],
  ["has the next root signed by one of the old people", "too-few", () => withNextRoot(root2(), ["m.chen", "s.park"])],
  ["has the next root signed by nobody", "unsigned", () => withNextRoot(root2(), [])],
  ["has the next root signed by its new people alone", "signer", () => withNextRoot(root2({ add: [{ name: "x.mal", group: "privacy", key: KEYS.stranger.publicKey }] }), ["stranger"])],
  ["has the next root signed by the old people and not by the new", "too-few", () => withNextRoot({ ...root2({ add: [{ name: "x.mal", group: "audit", key: KEYS.stranger.publicKey }] }), roles: { ...ROOT.roles, root: { allOf: [{ group: "audit", threshold: 1 }] } } })],
  ["changes the next root after it was signed", "tampered", async () => withRoots({ 2: await tamperedRoot() })],
  ["has a next root with a threshold of nobody", "form", () => withNextRoot({ ...root2(), roles: { ...ROOT.roles, release: { allOf: [{ group: "privacy", threshold: 0 }] } } })],
  ["has a next root with one key for two people", "root-key-shared", () => withNextRoot({ ...root2(), people: { ...ROOT.people, "x.mal": { group: "audit", keys: [idOf("m.chen")] } } })],
  ["lets the last root run out", "root-expired", () => withNextRoot({ ...root2(), issued: "2026-09-01T00:00:00Z", expires: "2026-09-30T00:00:00Z" })],
  ["keeps back the root that a release was made under", "root-withheld", () => saying((p) => { p.rootVersion = 2 }).then((files) => ({ files }))],
  // Somebody who was cut off once must not come back by an old root.
  ["goes back to the people of the first root in the third", "signer", async () => {
    const second = root2({ add: [{ name: "s.park", group: "security", key: KEYS.stranger.publicKey }] });
    const third = { ...ROOT, version: 3 };
    return withRoots({ 2: await rootBytes(second, ["m.chen", "r.ode", "s.park", "stranger"]), 3: await rootBytes(third, ["m.chen", "r.ode", "s.park"]) });
  }],
  ["shows a next root in which a name stands twice", "canonical", async () => withRoots({ 2: await sealed("root", JSON.stringify(root2()).replace("{", '{"domain":"clinic",'), ["m.chen", "r.ode", "s.park"]) })],
  ["shows a first root with white space in it", "canonical", () => withRootText(JSON.stringify(ROOT, null, 1))],
]);

function same(_: LooseRoot): void {}

/** The signatures of one root under the text of another. */
async function tamperedRoot(): Promise<Buffer> {
  const good = openEnvelope(await rootBytes(root2()));
  const later = openEnvelope(await rootBytes({ ...root2(), expires: "2029-01-01T00:00:00Z" }));
  return closeEnvelope({ ...good, payload: later.payload });
}
