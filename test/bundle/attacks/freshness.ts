/** Heartbeats: old ones that are served for ever, and the key that signs them in a thief's hand. */
import { DAY, KEYS, NOW, release, rootBytes, saying } from "../world.ts";
import { type Family, family, type Given, layRelease } from "./attack.ts";
import { closeEnvelope, OTHER_DIGEST, openEnvelope, root2, sealed } from "./forge.ts";
import { heartbeatOf, instant, signWords, withHalts, withHeartbeat } from "./words.ts";

/** A heartbeat in a text of its own. */
async function written(change: (text: string) => string): Promise<Given> {
  const given = await withHeartbeat();
  const envelope = openEnvelope(given.files.heartbeat!);
  const text = change(Buffer.from(envelope.payload, "base64").toString("utf8"));
  return { files: { ...given.files, heartbeat: await sealed("heartbeat", text, ["ci"]) } };
}

/** A good heartbeat beside other files. */
async function beside(change: (files: Given["files"]) => Promise<Given["files"]>): Promise<Given> {
  return { files: await change((await withHeartbeat()).files) };
}

// biome-ignore format: one row a line is a table
export const FRESHNESS: Family = family("freshness", layRelease, [
  ["serves an old state as if it were today's", "freeze", async () => ({ ...(await withHeartbeat()), now: NOW + DAY })],
  ["serves a heartbeat in the very second of its end", "freeze", () => withHeartbeat({ expires: instant(NOW) })],
  ["dates a heartbeat in the future", "future", () => withHeartbeat({ issued: instant(NOW + 6 * 60_000) })],
  ["vouches for eight days with a stolen heartbeat key", "heartbeat-life", () => withHeartbeat({ expires: instant(NOW + 8 * DAY) })],
  ["has a heartbeat that expires before it begins", "form", () => withHeartbeat({ expires: "2026-01-01T00:00:00Z" })],
  ["has a heartbeat that begins on a day that does not exist", "form", () => withHeartbeat({ issued: "2026-09-31T00:00:00Z" })],
  ["has a heartbeat that ends on a day that does not exist", "form", () => withHeartbeat({ expires: "2026-11-31T00:00:00Z" })],
  ["shows the heartbeat of another stream", "stream", () => withHeartbeat({ stream: "lab" })],
  ["shows the heartbeat of another organisation", "stream", () => withHeartbeat({ domain: "clinic" })],
  ["shows a heartbeat that nobody signed", "unsigned", () => withHeartbeat({}, [])],
  ["shows a heartbeat that an officer signed, and no machine", "too-few", () => withHeartbeat({}, ["m.chen"])],
  ["shows a heartbeat that a stranger signed", "signer", () => withHeartbeat({}, ["stranger"])],
  ["changes a heartbeat after it was signed", "tampered", () => beside(async (files) => {
    const later = await signWords("heartbeat", heartbeatOf(files.release!, 1, { sequence: 101 }), ["ci"]);
    return { ...files, heartbeat: closeEnvelope({ ...openEnvelope(files.heartbeat!), payload: openEnvelope(later).payload }) };
  })],
  ["uses a heartbeat key that is cut off, for whatever version", "revoked", () => beside(async (files) => ({
    ...files, roots: new Map([...files.roots, [2, await rootBytes(root2({ revoke: [{ keyid: KEYS.ci.publicKey.id, lastVersion: 5 }] }))]]),
  }))],
  ["shows a heartbeat beside another release of the same version", "heartbeat-release", () => withHeartbeat({ release: { epoch: 1, version: 1, statement: OTHER_DIGEST } })],
  ["keeps a newer release back that the heartbeat names", "heartbeat-release", () => withHeartbeat({ release: { epoch: 1, version: 2, statement: OTHER_DIGEST } })],
  ["keeps the root back that the heartbeat names", "root-withheld", () => withHeartbeat({ rootVersion: 2 })],
  ["keeps the emergency stop back that the heartbeat names", "halt-withheld", () => withHeartbeat({ haltSequence: 1 })],
  ["leaves out the first of two emergency stops", "halt-withheld", async () => {
    const { files } = await withHeartbeat({ haltSequence: 2 });
    return { files: { ...files, halts: (await withHalts({ 2: await signWords("halt", {}, ["s.park"]) })).files.halts! } };
  }],
  ["shows a release as a heartbeat", "purpose", () => beside(async (files) => ({ ...files, heartbeat: files.release! }))],
  ["shows a heartbeat as a release", "purpose", () => beside(async (files) => ({ ...files, release: files.heartbeat! }))],
  ["shows a heartbeat as an emergency stop", "purpose", () => beside(async (files) => ({ ...files, halts: new Map([[1, files.heartbeat!]]) }))],
  ["shows a heartbeat as the next root", "purpose", () => beside(async (files) => ({ ...files, roots: new Map([...files.roots, [2, files.heartbeat!]]) }))],
  ["lets the heartbeat's key release", "too-few", () => beside(async (files) => ({ ...files, release: (await release(["ci"])).release! }))],
  ["vouches for an expired release", "expired", async () => {
    const files = await saying((p) => { p.issued = instant(NOW - DAY); p.expires = instant(NOW - DAY / 4) });
    return { files: { ...files, heartbeat: await signWords("heartbeat", heartbeatOf(files.release!), ["ci"]) } };
  }],
  ["writes a heartbeat with white space", "canonical", () => written((t) => `${t} `)],
  ["names a member of a heartbeat twice", "canonical", () => written((t) => t.replace("{", '{"sequence":1,'))],
  ["writes the number of a heartbeat as 1e2", "canonical", () => written((t) => t.replace('"sequence":100', '"sequence":1e2'))],
  ["has a heartbeat say more than it may", "form", () => withHeartbeat({ allow: ["ehr.export"] })],
  ["has a heartbeat without a number", "form", () => withHeartbeat({ sequence: 0 })],
  ["has a heartbeat that counts emergency stops below nothing", "form", () => withHeartbeat({ haltSequence: -1 })],
  ["sends a heartbeat without end", "size", () => beside(async (files) => ({ ...files, heartbeat: Buffer.concat([files.heartbeat!, Buffer.alloc(2_200_000, 32)]) }))],
]);
