/** What one organisation publishes, change by change: releases, heartbeats, emergency stops, roots. */
import { draftRelease } from "../../engine/bundle/draft.ts";
import { wrap, writeEnvelope } from "../../engine/bundle/dsse.ts";
import { BUNDLE, HEARTBEAT, haltFile, RELEASE, rootFile } from "../../engine/bundle/files.ts";
import { stopOf, takeHalt } from "../../engine/bundle/halt.ts";
import { takeHeartbeat } from "../../engine/bundle/heartbeat.ts";
import { newHalt } from "../../engine/bundle/new-halt.ts";
import { newHeartbeat } from "../../engine/bundle/new-heartbeat.ts";
import {
  openStore,
  type Release,
  readRelease,
  type Store,
  takeRoot,
} from "../../engine/bundle/store.ts";
import type { HaltFile } from "../../engine/schema/types.ts";
import {
  ALL,
  DAY,
  demand,
  type Name,
  NOW,
  ROOT,
  rootBytes,
  SOURCES,
  signedBy,
  TRUST,
} from "../bundle/world.ts";
import { type Believed, wordsOf } from "./believed.ts";
import { memoryTree } from "./tree.ts";

export interface Step extends Believed {
  /** Everything that is published now, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly digest: string;
}

export interface History {
  readonly steps: readonly Step[];
  /** What is denied under so many stops and this release. */
  denied(halts: number, version: number): unknown;
}

const MINUTE = 60_000;
/** When all of it has been published. */
export const AFTERWARDS = NOW + 6 * 60 * MINUTE;

type Change = "release" | "heartbeat" | "root" | { readonly stop: HaltFile["deny"] } | "lift";

const CHANGES: readonly Change[] = [
  "heartbeat",
  "release",
  { stop: { tools: [{ tool: "search_patients" }] } },
  "heartbeat",
  "root",
  "release",
  "heartbeat",
  { stop: { grants: ["bot"] } },
  "lift",
  "heartbeat",
  "release",
  { stop: { all: true } },
  "root",
  "heartbeat",
  "release",
  "lift",
  "heartbeat",
  "release",
  "release",
  "heartbeat",
];

interface Published {
  readonly store: Store;
  readonly release: Release;
  readonly files: Readonly<Record<string, string>>;
}

export async function releaseHistory(): Promise<History> {
  const root = await rootBytes();
  const store = openStore(TRUST, root, NOW, undefined, demand);
  const files = { [rootFile(1)]: root.toString() };
  const all = [await withRelease({ store, files })];
  for (const change of CHANGES) all.push(await changed(all.at(-1)!, change));
  const releases = new Map(all.map(({ release }) => [release.predicate.version, release]));
  const { halts } = all.at(-1)!.store;
  return {
    steps: all.map(stepOf),
    denied: (count, version) =>
      wordsOf(stopOf(halts.slice(0, count), releases.get(version)?.predicate)),
  };
}

function stepOf({ store, release, files }: Published): Step {
  const { root, halts, beat } = store;
  const { version } = release.predicate;
  return {
    files,
    digest: release.digest,
    version,
    root: root.file.version,
    halts: halts.length,
    beat: beat?.sequence ?? 0,
  };
}

async function changed(before: Published, change: Change): Promise<Published> {
  const { release, files } = before;
  const store = { ...before.store, now: before.store.now + MINUTE };
  if (change === "release") return await withRelease({ ...before, store });
  if (change === "lift") return await withRelease({ ...before, store }, store.halts.length);
  if (change === "heartbeat") {
    const text = await signed("heartbeat", newHeartbeat(store, release, DAY), ["ci"]);
    const next = takeHeartbeat(store, Buffer.from(text), demand);
    return { release, store: next, files: { ...files, [HEARTBEAT]: text } };
  }
  if (change === "root") {
    const version = store.root.file.version + 1;
    const bytes = await rootBytes({ ...ROOT, version });
    const next = takeRoot(store, bytes, demand);
    return { release, store: next, files: { ...files, [rootFile(version)]: bytes.toString() } };
  }
  const file = newHalt(store, { deny: change.stop, reason: "INC-7" });
  const text = await signed("halt", file, ["s.park"]);
  const next = takeHalt(store, Buffer.from(text), demand);
  return { release, store: next, files: { ...files, [haltFile(file.sequence)]: text } };
}

/** Each release allows one patient fewer than the one before. */
async function withRelease(
  { store, files }: Pick<Published, "store" | "files">,
  haltsCleared?: number,
): Promise<Published> {
  const last = files[RELEASE];
  const version = last === undefined ? 1 : 1 + versionOf(last);
  const draft = await draftRelease(
    store,
    last === undefined ? undefined : Buffer.from(last),
    async (commit) => memoryTree(sourcesAt(Number.parseInt(commit, 16))),
    {
      commit: version.toString(16).padStart(40, "0"),
      path: "",
      lifeMs: 90 * DAY,
      graceSeconds: 3600,
      approvers: [],
      ...(haltsCleared === undefined ? {} : { haltsCleared }),
    },
    demand,
  );
  const envelope = writeEnvelope(await signedBy(draft.envelope, ALL));
  return {
    store,
    release: { ...readRelease(draft.envelope, demand), signers: [] },
    files: { ...files, [RELEASE]: envelope, [BUNDLE]: draft.bundle.text },
  };
}

function versionOf(envelope: string): number {
  const { payload } = JSON.parse(envelope) as { payload: string };
  const statement = JSON.parse(Buffer.from(payload, "base64").toString()) as {
    predicate: { version: number };
  };
  return statement.predicate.version;
}

function sourcesAt(version: number): Readonly<Record<string, string>> {
  const policy = SOURCES["policies/lookup.yaml"]!;
  return {
    ...SOURCES,
    "policies/lookup.yaml": policy.replace("max: 20", `max: ${21 - version}`),
  };
}

async function signed(
  purpose: "heartbeat" | "halt",
  file: object,
  by: readonly Name[],
): Promise<string> {
  return writeEnvelope(await signedBy(wrap(purpose, file), by));
}
