/** Emergency stops: made by who may not, made to allow something, left out, shown again, or lifted. */
import { DAY, KEYS, NOW, release, rootBytes, saying } from "../world.ts";
import { type Family, family, type Given, layRelease } from "./attack.ts";
import { closeEnvelope, openEnvelope, root2, sealed } from "./forge.ts";
import { haltOf, instant, signWords, withHalt, withHalts } from "./words.ts";

const stop = (sequence: number, changes: object = {}) =>
  signWords("halt", haltOf(sequence, changes as never), ["s.park"]);

/** A stop in a text of its own. */
async function written(change: (text: string) => string): Promise<Given> {
  const envelope = openEnvelope(await stop(1));
  const text = change(Buffer.from(envelope.payload, "base64").toString("utf8"));
  return await withHalts({ 1: await sealed("halt", text, ["s.park"]) });
}

// biome-ignore format: one row a line is a table
export const HALTS: Family = family("emergency stops", layRelease, [
  ["makes a stop that nobody signed", "unsigned", () => withHalt({}, [])],
  ["makes a stop with a stranger's key", "signer", () => withHalt({}, ["stranger"])],
  ["makes a stop with the builder's key", "too-few", () => withHalt({}, ["ci"])],
  ["makes a stop with a key that is cut off, for whatever version", "revoked", async () => {
    const { files } = await withHalt();
    const cut = root2({ revoke: [{ keyid: KEYS["s.park"].publicKey.id, lastVersion: 5 }] });
    return { files: { ...files, roots: new Map([...files.roots, [2, await rootBytes(cut)]]) } };
  }],
  ["makes a stop with the key of somebody who has left", "signer", async () => {
    const { files } = await withHalt();
    const left = root2({ add: [{ name: "s.park", group: "security", key: KEYS.stranger.publicKey }] });
    return { files: { ...files, roots: new Map([...files.roots, [2, await rootBytes(left, ["m.chen", "r.ode", "s.park", "stranger"])]]) } };
  }],
  ["changes a stop after it was signed", "tampered", async () => {
    const [good, other] = [openEnvelope(await stop(1)), openEnvelope(await stop(1, { deny: { grants: ["nobody"] } }))];
    return await withHalts({ 1: closeEnvelope({ ...good, payload: other.payload }) });
  }],
  ["makes a stop that allows a tool", "form", () => withHalt({ allow: { tools: [{ tool: "export" }] } })],
  ["makes a stop that stops nothing", "form", () => withHalt({ deny: {} })],
  ["makes a stop that says no to stopping", "form", () => withHalt({ deny: { all: false } })],
  ["makes a stop that ends by itself", "form", () => withHalt({ expires: instant(NOW + DAY) })],
  ["makes a stop that takes another one back", "form", () => withHalt({ lifts: 1 })],
  ["makes a stop without a number", "form", () => withHalt({ sequence: 0 })],
  ["makes a stop at a time that does not exist", "form", () => withHalt({ issued: "2026-09-31T00:00:00Z" })],
  ["dates a stop in the future", "future", () => withHalt({ issued: instant(NOW + 6 * 60_000) })],
  ["shows the stop of another stream", "stream", () => withHalt({ stream: "lab" })],
  ["shows the stop of another organisation", "stream", () => withHalt({ domain: "clinic" })],
  ["shows the second stop as the first", "halt-order", () => withHalt({ sequence: 2 })],
  ["shows the first stop again in the place of the second", "halt-order", async () => withHalts({ 1: await stop(1), 2: await stop(1) })],
  ["shows the third stop as the second", "halt-order", async () => withHalts({ 1: await stop(1), 2: await stop(3) })],
  ["spoils the second of two stops", "canonical", async () => withHalts({ 1: await stop(1), 2: Buffer.from("{") })],
  ["shows a release as a stop", "purpose", async () => withHalts({ 1: (await release()).release! })],
  ["shows a stop as a release", "purpose", async () => ({ files: { ...(await release()), release: await stop(1) } })],
  ["shows a stop as a heartbeat", "purpose", async () => ({ files: { ...(await release()), heartbeat: await stop(1) } })],
  ["releases with a stop lifted that was never made", "halt-cleared", async () => ({ files: await saying((p) => { p.haltsCleared = 1 }) })],
  ["lifts two stops where one was made", "halt-cleared", async () => ({ files: { ...(await saying((p) => { p.haltsCleared = 2 })), halts: (await withHalt()).files.halts! } })],
  ["lifts stops below nothing", "form", async () => ({ files: await saying((p) => { p.haltsCleared = -1 }) })],
  ["lifts a stop by what the builder alone signed", "too-few", async () => {
    const all = await saying((p) => { p.haltsCleared = 1 });
    const { payload } = openEnvelope(all.release!);
    return { files: { ...all, halts: (await withHalt()).files.halts!, release: await sealed("release", Buffer.from(payload, "base64"), ["ci"]) } };
  }],
  ["writes a stop with white space", "canonical", () => written((t) => `${t}\n`)],
  ["names a member of a stop twice", "canonical", () => written((t) => t.replace("{", '{"deny":{"versions":[9]},'))],
  ["hides a member of a stop behind the name that every object has", "form", () => written((t) => t.replace("{", '{"__proto__":{"all":true},'))],
  ["sends a stop without end", "size", async () => withHalts({ 1: Buffer.concat([await stop(1), Buffer.alloc(2_200_000, 32)]) })],
]);
