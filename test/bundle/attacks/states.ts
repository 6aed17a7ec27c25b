/** Before an engine that has run a release: old ones, other ones, and hands in its state folder. */
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeEnvelope } from "../../../engine/bundle/dsse.ts";
import type { ReleaseFiles } from "../../../engine/bundle/files.ts";
import { digestOfFile } from "../../../engine/bundle/halt.ts";
import { keepingOf } from "../../../engine/bundle/kept.ts";
import { keep } from "../../../engine/bundle/store/state-folder.ts";
import { openStore } from "../../../engine/bundle/store.ts";
import { type Known, update } from "../../../engine/bundle/update.ts";
import { canonical, type Json } from "../../../engine/json/value.ts";
import type { TrustFile } from "../../../engine/schema/types.ts";
import {
  ALL,
  DAY,
  demand,
  draftOf,
  KEYS,
  NEXT_COMMIT,
  NOW,
  release,
  rootBytes,
  saying,
  signedBy,
  TRUST,
} from "../world.ts";
import { type Family, family, layRelease, writeCase } from "./attack.ts";
import { OTHER_DIGEST, root2 } from "./forge.ts";
import { digestOfStatement, haltOf, heartbeatOf, instant, signWords } from "./words.ts";

/** What an engine saw, poll after poll, and what is before it now. */
interface Scene {
  readonly seen: readonly ReleaseFiles[];
  readonly shown: ReleaseFiles;
  readonly trust?: Partial<TrustFile>;
  readonly now?: number;
  /** What the attacker does in the state folder meanwhile. */
  readonly hand?: (state: string) => void;
}

async function layScene(folder: string, scene: Scene): Promise<void> {
  const { shown, trust = {}, now = NOW, hand } = scene;
  const state = join(folder, "state");
  await run(scene.seen, state);
  hand?.(state);
  layRelease(folder, { files: shown, trust });
  writeCase(folder, { kind: "update", now, source: "release" });
}

/** Runs an engine over what it is shown, and keeps its state. */
export async function run(seen: readonly ReleaseFiles[], state: string): Promise<Known> {
  mkdirSync(state);
  const pinned = await rootBytes();
  const store = openStore(TRUST, pinned, NOW, undefined, demand);
  let known: Known = { store, roots: new Map([[1, pinned]]), halts: new Map() };
  for (const files of seen) {
    const next = await update(known, files, NOW);
    if (next.refused !== undefined) throw new Error(`${next.refused.check} before the attack`);
    known = next.known;
    keep(state, keepingOf(known, 0));
  }
  return known;
}

async function second(first: ReleaseFiles): Promise<ReleaseFiles> {
  const draft = await draftOf(NEXT_COMMIT, first.release);
  return {
    ...first,
    bundle: Buffer.from(draft.bundle.text),
    release: Buffer.from(writeEnvelope(await signedBy(draft.envelope, ALL))),
  };
}

const beating = async (
  files: ReleaseFiles,
  version: number,
  changes: Parameters<typeof heartbeatOf>[2] = {},
): Promise<ReleaseFiles> => ({
  ...files,
  heartbeat: await signWords("heartbeat", heartbeatOf(files.release!, version, changes), ["ci"]),
});

export const stopped = async (
  files: ReleaseFiles,
  ...changes: readonly Readonly<Record<string, unknown>>[]
): Promise<ReleaseFiles> => {
  const halts = new Map<number, Uint8Array>();
  for (const change of changes) {
    const words = haltOf(halts.size + 1, change);
    halts.set(halts.size + 1, await signWords("halt", words, ["s.park"]));
  }
  return { ...files, halts };
};

const rooted = async (
  files: ReleaseFiles,
  change: Parameters<typeof root2>[0],
  version = 2,
): Promise<ReleaseFiles> => ({
  ...files,
  roots: new Map([...files.roots, [version, await rootBytes({ ...root2(change), version })]]),
});

/** A second release whose statement says something else. */
export const secondSaying = async (
  first: ReleaseFiles,
  changes: Readonly<Record<string, unknown>>,
): Promise<ReleaseFiles> =>
  await saying((predicate) => {
    const previous = { version: 1, statement: digestOfStatement(first.release!) };
    Object.assign(predicate, { version: 2, previous }, changes);
  });

const gone = (path: string) => (state: string) =>
  rmSync(join(state, path), { recursive: true, force: true });
const both =
  (...hands: readonly ((state: string) => void)[]) =>
  (state: string) => {
    for (const hand of hands) hand(state);
  };

/** Writes a state that says something else, in canonical form. */
const rewritten = (change: (state: Record<string, unknown>) => void) => (folder: string) => {
  const path = join(folder, "state.json");
  const state: Record<string, unknown> = JSON.parse(readFileSync(path, "utf8"));
  change(state);
  writeFileSync(path, canonical(state as Json));
};

/** What the engine keeps of these bytes. */
const objectOf = (bytes: Uint8Array): string =>
  join("objects", digestOfFile(bytes).slice("sha256:".length));
const overwritten = (path: string, content: Uint8Array) => (state: string) =>
  writeFileSync(join(state, path), content);

// biome-ignore format: one row a line is a table
export const STATES: Family = family("an engine that has run a release", layScene, [
  ["serves the release before", "rollback", async () => { const first = await release(); return { seen: [first, await second(first)], shown: first } }],
  ["serves the release before, with a fresh heartbeat for the new one", "rollback", async () => {
    const first = await release();
    const next = await beating(await second(first), 2);
    return { seen: [first, next], shown: { ...first, heartbeat: next.heartbeat! } };
  }],
  ["serves a release from before the counter was set anew", "rollback", async () => { const first = await release(); return { seen: [first], shown: await secondSaying(first, {}), hand: rewritten((s) => { s.reached = { epoch: 2, version: 1, statement: OTHER_DIGEST } }) } }],
  ["serves another release under the version that runs", "fork", async () => ({ seen: [await release()], shown: await saying((p) => { p.graceSeconds = 9 }) })],
  ["releases a version so high that no other can follow", "jump", async () => { const first = await release(); return { seen: [first], shown: await secondSaying(first, { version: 10_002 }) } }],
  ["releases what follows another first release", "lineage", async () => { const first = await release(); return { seen: [first], shown: await secondSaying(first, { previous: { version: 1, statement: OTHER_DIGEST } }) } }],
  ["releases what follows nothing", "lineage", async () => { const first = await release(); return { seen: [first], shown: await secondSaying(first, { previous: { version: 2, statement: digestOfStatement(first.release!) } }) } }],
  ["shows an older heartbeat again", "heartbeat-order", async () => { const first = await release(); return { seen: [await beating(first, 1, { sequence: 101 })], shown: await beating(first, 1) } }],
  ["shows a heartbeat that names the release before", "heartbeat-order", async () => { const first = await release(); const next = await second(first); return { seen: [first, next], shown: { ...next, heartbeat: (await beating(first, 1)).heartbeat! } } }],
  ["shows a heartbeat for another release of the version that runs", "fork", async () => { const first = await release(); return { seen: [first], shown: await beating(first, 1, { release: { epoch: 1, version: 1, statement: OTHER_DIGEST } }) } }],
  ["keeps back the release that a heartbeat names", "heartbeat-release", async () => { const first = await release(); const next = await second(first); return { seen: [first], shown: { ...await secondSaying(first, { graceSeconds: 9 }), heartbeat: (await beating(next, 2)).heartbeat! } } }],
  ["goes on serving the release that runs, where the heartbeat names the next one", "heartbeat-release", async () => { const first = await release(); const next = await second(first); return { seen: [first], shown: { ...first, heartbeat: (await beating(next, 2)).heartbeat! } } }],
  ["sets the engine's clock back to before a release ran out", "expired", async () => {
    const first = await release();
    const next = await secondSaying(first, { issued: instant(NOW - DAY), expires: instant(NOW - DAY / 2) });
    return { seen: [await beating(first, 1)], shown: next, now: NOW - DAY * 0.75 };
  }],
  ["goes on under the key of a thief whom the new root cuts off", "revoked", async () => { const first = await release(); return { seen: [first], shown: await rooted(first, { revoke: [{ keyid: KEYS.ci.publicKey.id, lastVersion: 0 }] }) } }],
  ["goes on with somebody who has left by the new root", "signer", async () => { const first = await release(); return { seen: [first], shown: await rooted(first, { remove: [], add: [{ name: "ci", group: "builder", key: KEYS.stranger.publicKey }] }) } }],
  ["lets the last root run out", "root-expired", async () => {
    const first = await release();
    const old = { ...root2(), issued: "2026-09-01T00:00:00Z", expires: "2026-09-30T00:00:00Z" };
    return { seen: [first], shown: { ...first, roots: new Map([...first.roots, [2, await rootBytes(old)]]) } };
  }],
  ["takes the bundle of the next release away", "bundle", async () => {
    const first = await release();
    const { bundle: _, ...shown } = await second(first);
    return { seen: [first], shown };
  }],
  ["keeps back a stop that the heartbeat names, and takes it out of the state", "halt-withheld", async () => {
    const first = await stopped(await release(), {});
    const { halts: _, ...shown } = await beating(first, 1, { haltSequence: 1 });
    return { seen: [first], shown, hand: rewritten((s) => { s.halts = [] }) };
  }],
  ["puts another stop in the place of the next", "halt-order", async () => {
    const first = await release();
    const halts = (await stopped(first, {}, { sequence: 1 })).halts!;
    return { seen: [await stopped(first, {})], shown: { ...first, halts } };
  }],
  ["releases with a stop lifted that this engine has not seen", "halt-cleared", async () => { const first = await stopped(await release(), {}); return { seen: [first], shown: await secondSaying(first, { haltsCleared: 2 }) } }],

  ["cuts the state short", "state", async () => { const first = await release(); return { seen: [first, await second(first)], shown: first, hand: (state: string) => truncateSync(join(state, "state.json"), 40) } }],
  ["takes the state away, so that the engine begins anew", "state", async () => { const first = await release(); return { seen: [first, await second(first)], shown: first, hand: gone("state.json") } }],
  ["writes a state in a form of its own", "state", async () => { const first = await release(); return { seen: [first], shown: first, hand: (state: string) => writeFileSync(join(state, "state.json"), `${readFileSync(join(state, "state.json"), "utf8")} `) } }],
  ["writes into the state what nobody looks at", "state", async () => { const first = await release(); return { seen: [first], shown: first, hand: rewritten((s) => { s.zone = 1 }) } }],
  ["brings the state of another stream", "state", async () => { const first = await release(); return { seen: [first], shown: first, hand: rewritten((s) => { s.stream = "lab" }) } }],
  ["brings the state of another organisation", "state", async () => { const first = await release(); return { seen: [first], shown: first, hand: rewritten((s) => { s.domain = "clinic" }) } }],
  ["takes a stop out of the state folder", "state", async () => { const first = await stopped(await release(), {}); return { seen: [first], shown: await release(), hand: gone(objectOf(first.halts!.get(1)!)) } }],
  ["puts a weaker stop in the place of one in the state folder", "state", async () => {
    const first = await stopped(await release(), {});
    const weaker = await stopped(first, { deny: { grants: ["nobody"] } });
    return { seen: [first], shown: first, hand: overwritten(objectOf(first.halts!.get(1)!), weaker.halts!.get(1)!) };
  }],
  ["takes a root out of the state folder", "state", async () => { const first = await rooted(await release(), {}); return { seen: [first], shown: await release(), hand: gone("roots/2.json") } }],
  ["changes a root in the state folder", "signer", async () => { const first = await rooted(await release(), {}); return { seen: [first], shown: first, hand: overwritten("roots/2.json", await rootBytes(root2(), ["stranger"])) } }],
  ["puts the first root in the place of the second in the state folder", "root-version", async () => { const first = await rooted(await release(), {}); return { seen: [first], shown: first, hand: overwritten("roots/2.json", await rootBytes()) } }],
  ["changes the pinned root in the state folder", "root-pin", async () => { const first = await release(); return { seen: [first], shown: first, hand: overwritten("roots/1.json", await rootBytes(root2())) } }],
  ["takes the signatures of the release out of the state folder", "state", async () => { const first = await release(); return { seen: [first], shown: first, hand: gone(objectOf(first.release!)) } }],
  ["puts another signed release in the state folder", "state", async () => { const first = await release(); return { seen: [first], shown: first, hand: overwritten(objectOf(first.release!), (await saying((p) => { p.graceSeconds = 9 })).release!) } }],
  ["takes the bundle out of the state folder", "state", async () => { const first = await release(); return { seen: [first], shown: first, hand: gone(objectOf(first.bundle!)) } }],
  ["changes the bundle in the state folder", "bundle", async () => { const first = await release(); return { seen: [first], shown: first, hand: overwritten(objectOf(first.bundle!), Buffer.from(Buffer.from(first.bundle!).toString().replace("max: 20", "max: 99"))) } }],
  ["names an unsigned release in the state", "unsigned", async () => {
    const [first, draft] = [await release(), (await release([])).release!];
    return { seen: [first], shown: first, hand: both(
      rewritten((s) => { s.release = { ...(s.release as object), envelope: digestOfFile(draft) } }),
      overwritten(objectOf(draft), draft),
    ) };
  }],
  ["names a smaller root version in the state, and serves what the cut-off key signed", "revoked", async () => {
    const first = await rooted(await release(), { revoke: [{ keyid: KEYS.ci.publicKey.id, lastVersion: 1 }] });
    return { seen: [first], shown: { ...await secondSaying(first, {}), roots: first.roots }, hand: rewritten((s) => { s.rootVersion = 1 }) };
  }],
  // Who can write to the state can bring it back to an old one, and no further than to the floor.
  ["takes the whole state away, and serves a release below the floor", "floor", async () => { const first = await release(); return { seen: [first, await second(first)], shown: first, trust: { floor: { epoch: 1, version: 2 } }, hand: (state: string) => { for (const name of readdirSync(state)) gone(name)(state) } } }],
  ["lowers the mark in the state, and serves a release below the floor", "floor", async () => { const first = await release(); return { seen: [first, await second(first)], shown: first, trust: { floor: { epoch: 1, version: 2 } }, hand: rewritten((s) => { delete s.reached; delete s.release }) } }],
]);
