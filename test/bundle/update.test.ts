import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Refused } from "../../engine/bundle/checks.ts";
import { wrap, writeEnvelope } from "../../engine/bundle/dsse.ts";
import type { ReleaseFiles } from "../../engine/bundle/files.ts";
import { stopOf } from "../../engine/bundle/halt.ts";
import { keepingOf, reopen } from "../../engine/bundle/kept.ts";
import { writeKey } from "../../engine/bundle/keys.ts";
import { freshnessAt, limitsOf } from "../../engine/bundle/mode.ts";
import { newHalt } from "../../engine/bundle/new-halt.ts";
import { newHeartbeat } from "../../engine/bundle/new-heartbeat.ts";
import { keep, readKept } from "../../engine/bundle/store/state-folder.ts";
import { openStore } from "../../engine/bundle/store.ts";
import { type Known, update } from "../../engine/bundle/update.ts";
import type { HaltFile, HeartbeatFile, RootFile } from "../../engine/schema/types.ts";
import {
  ALL,
  DAY,
  demand,
  draftOf,
  KEYS,
  type Name,
  NEXT_COMMIT,
  NOW,
  ROOT,
  release,
  rootBytes,
  signedBy,
  TRUST,
} from "./world.ts";

const HOUR = DAY / 24;
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function start(now = NOW): Promise<Known> {
  const root = await rootBytes();
  const store = openStore(TRUST, root, now, undefined, demand);
  return { store, roots: new Map([[1, root]]), halts: new Map() };
}

/** After version 1. */
async function first(): Promise<{ known: Known; files: ReleaseFiles }> {
  const files = await release();
  const { known, refused } = await update(await start(), files, NOW);
  expect(refused).toBeUndefined();
  return { known, files };
}

async function second(): Promise<ReleaseFiles> {
  const files = await release();
  const draft = await draftOf(NEXT_COMMIT, files.release);
  return {
    ...files,
    bundle: Buffer.from(draft.bundle.text),
    release: Buffer.from(writeEnvelope(await signedBy(draft.envelope, ALL))),
  };
}

async function heartbeat(
  known: Known,
  change: Partial<HeartbeatFile> = {},
  by: readonly Name[] = ["ci"],
): Promise<Uint8Array> {
  const { release } = known.running!;
  const file = { ...newHeartbeat(known.store, release, DAY), ...change };
  return Buffer.from(writeEnvelope(await signedBy(wrap("heartbeat", file), by)));
}

async function halt(
  known: Known,
  deny: HaltFile["deny"],
  change: object = {},
  by: readonly Name[] = ["s.park"],
): Promise<ReadonlyMap<number, Uint8Array>> {
  const file = { ...newHalt(known.store, { deny, reason: "INC-7" }), ...change };
  const bytes = Buffer.from(writeEnvelope(await signedBy(wrap("halt", file), by)));
  return new Map([[known.store.halts.length + 1, bytes]]);
}

async function nextRoot(
  change: Partial<RootFile>,
  by: readonly Name[] = ["m.chen", "r.ode", "s.park"],
) {
  return await rootBytes({ ...ROOT, version: 2, ...change }, by);
}

describe("an update", () => {
  test("takes the first release, and a second that follows it", async () => {
    const { known } = await first();
    expect(known.running?.release.predicate.version).toBe(1);
    const next = await update(known, await second(), NOW);
    expect(next.refused).toBeUndefined();
    expect(next.known.running?.release.predicate.version).toBe(2);
    expect(next.known.store.reached?.version).toBe(2);
  });

  test("with nothing new changes nothing", async () => {
    const { known, files } = await first();
    const again = await update(known, files, NOW);
    expect(again.refused).toBeUndefined();
    expect(again.known.running).toBe(known.running);
  });

  test("refuses the older release, and goes on with the newer", async () => {
    const { known, files } = await first();
    const { known: newer } = await update(known, await second(), NOW);
    const back = await update(newer, files, NOW);
    expect(back.refused?.check).toBe("rollback");
    expect(back.known.running).toBe(newer.running);
  });

  test("with a pin takes the older release all the same, and keeps the mark of the newer", async () => {
    const { known, files } = await first();
    const { known: newer } = await update(known, await second(), NOW);
    const { release } = known.running!;
    const pin = { version: 1, digest: release.digest };
    const pinned = { ...newer, store: { ...newer.store, trust: { ...TRUST, pin } } };
    const back = await update(pinned, files, NOW);
    expect(back.refused).toBeUndefined();
    expect(back.known.running?.release.predicate.version).toBe(1);
    expect(back.known.store.reached?.version).toBe(2);
    const other = await update(pinned, await second(), NOW);
    expect(other.refused?.check).toBe("pin");
  });

  test("drops the running release at once when a new root cuts its signer off", async () => {
    const { known, files } = await first();
    const [old, fresh] = [KEYS["s.park"].publicKey, KEYS.stranger.publicKey];
    // The person has a new key; the old one is not trusted for anything that it ever signed.
    const root = await nextRoot(
      {
        keys: { ...ROOT.keys, [fresh.id]: writeKey(fresh) },
        people: { ...ROOT.people, "s.park": { group: "security", keys: [old.id, fresh.id] } },
        revoked: [{ keyid: old.id, lastVersion: 0 }],
      },
      ["m.chen", "r.ode", "s.park", "stranger"],
    );
    const roots = new Map([...files.roots, [2, root]]);
    const { known: next } = await update(known, { ...files, roots }, NOW);
    expect(next.store.root.file.version).toBe(2);
    expect(next.running).toBeUndefined();
    // What it ran remains the mark below which nothing comes back.
    expect(next.store.reached?.version).toBe(1);
  });

  test("keeps it when the cut is after its version", async () => {
    const { known, files } = await first();
    const cut = { keyid: KEYS["s.park"].publicKey.id, lastVersion: 1 };
    const { known: next } = await update(
      known,
      { ...files, roots: new Map([...files.roots, [2, await nextRoot({ revoked: [cut] })]]) },
      NOW,
    );
    expect(next.running?.release.predicate.version).toBe(1);
  });

  test("takes a stop although what comes after it is refused", async () => {
    const { known, files } = await first();
    const halts = await halt(known, { tools: [{ tool: "search_patients" }] });
    const bad = { ...files, halts, heartbeat: Buffer.from("{}") };
    const { known: next, refused } = await update(known, bad, NOW);
    expect(refused?.check).toBe("form");
    expect(stopOf(next.store.halts, undefined).tools).toEqual([{ tool: "search_patients" }]);
  });
});

describe("emergency stops", () => {
  test("add up: a later, weaker one takes the place of none", async () => {
    const { known, files } = await first();
    const all = await update(known, { ...files, halts: await halt(known, { all: true }) }, NOW);
    const weak = await halt(all.known, { grants: ["bot"] });
    const both = await update(all.known, { ...files, halts: weak }, NOW);
    expect(stopOf(both.known.store.halts, { version: 1 })).toEqual({
      all: true,
      tools: [],
      grants: new Set(["bot"]),
    });
  });

  test("of a version stop that version, and no other", async () => {
    const { known, files } = await first();
    const { known: next } = await update(
      known,
      { ...files, halts: await halt(known, { versions: [2] }) },
      NOW,
    );
    expect(stopOf(next.store.halts, { version: 1 }).all).toBe(false);
    expect(stopOf(next.store.halts, { version: 2 }).all).toBe(true);
  });

  test("are lifted by a release that says up to which, and by nothing else", async () => {
    const { known, files } = await first();
    const { known: next } = await update(
      known,
      { ...files, halts: await halt(known, { all: true }) },
      NOW,
    );
    expect(stopOf(next.store.halts, { version: 2 }).all).toBe(true);
    expect(stopOf(next.store.halts, { version: 2, haltsCleared: 1 }).all).toBe(false);
  });

  test.each<[string, HaltFile["deny"], object, readonly Name[], string]>([
    ["by a builder", { all: true }, {}, ["ci"], "too-few"],
    ["by a stranger", { all: true }, {}, ["stranger"], "signer"],
    ["with a member that allows", { all: true, allow: ["tool"] } as never, {}, ["s.park"], "form"],
    ["of nothing", {}, {}, ["s.park"], "form"],
    ["of another stream", { all: true }, { stream: "other" }, ["s.park"], "stream"],
    ["of another number", { all: true }, { sequence: 2 }, ["s.park"], "halt-order"],
    ["of tomorrow", { all: true }, { issued: "2026-10-02T12:00:00Z" }, ["s.park"], "future"],
  ])("%s is refused", async (_, deny, change, by, check) => {
    const { known, files } = await first();
    const { refused } = await update(
      known,
      { ...files, halts: await halt(known, deny, change, by) },
      NOW,
    );
    expect(refused?.check).toBe(check);
  });
});

describe("a heartbeat", () => {
  test("keeps a release fresh; without one it grows stale, and then too old", async () => {
    const { known, files } = await first();
    const predicate = known.running!.release.predicate;
    const without = limitsOf(predicate, undefined);
    expect(
      [HOUR, 23 * HOUR, 24.5 * HOUR, 26 * HOUR].map((later) => freshnessAt(NOW + later, without)),
    ).toEqual(["fresh", "fresh", "stale", "overdue"]);
    const later = NOW + 23 * HOUR;
    const at = { ...known, store: { ...known.store, now: later } };
    const next = await update(known, { ...files, heartbeat: await heartbeat(at) }, later);
    expect(next.refused).toBeUndefined();
    const limits = limitsOf(predicate, next.known.store.beat);
    expect(freshnessAt(NOW + 46 * HOUR, limits)).toBe("fresh");
    // The host may shorten the grace, and a release's own end comes before any heartbeat.
    expect(limitsOf(predicate, next.known.store.beat, 0).staleUntil).toBe(limits.freshUntil);
    expect(freshnessAt(NOW + 91 * DAY, limitsOf(predicate, { expiresAt: NOW + 99 * DAY }))).toBe(
      "overdue",
    );
  });

  const statement = `sha256:${"0".repeat(64)}`;
  test.each<[string, Partial<HeartbeatFile>, readonly Name[], string]>([
    ["by an officer", {}, ["s.park"], "too-few"],
    ["by a stranger", {}, ["stranger"], "signer"],
    ["of another stream", { stream: "other" }, ["ci"], "stream"],
    [
      "that has run out",
      { issued: "2026-09-30T11:00:00Z", expires: "2026-10-01T11:00:00Z" },
      ["ci"],
      "freeze",
    ],
    [
      "of tomorrow",
      { issued: "2026-10-02T12:00:00Z", expires: "2026-10-03T12:00:00Z" },
      ["ci"],
      "future",
    ],
    ["for a year", { expires: "2027-10-01T12:00:00Z" }, ["ci"], "heartbeat-life"],
    ["that knows a root which is not here", { rootVersion: 2 }, ["ci"], "root-withheld"],
    ["that knows a stop which is not here", { haltSequence: 1 }, ["ci"], "halt-withheld"],
    [
      "of another release of this version",
      { release: { epoch: 1, version: 1, statement } },
      ["ci"],
      "fork",
    ],
    [
      "of an older epoch",
      { release: { epoch: 1, version: 0, statement } as never },
      ["ci"],
      "form",
    ],
  ])("%s is refused", async (_, change, by, check) => {
    const { known, files } = await first();
    const beat = await heartbeat(known, change, by);
    expect((await update(known, { ...files, heartbeat: beat }, NOW)).refused?.check).toBe(check);
  });

  test("that is older than one that was here is refused, until its key has left the root", async () => {
    const { known, files } = await first();
    const newer = await heartbeat(known, { sequence: 9 });
    const { known: next } = await update(known, { ...files, heartbeat: newer }, NOW);
    const older = { ...files, heartbeat: await heartbeat(known, { sequence: 8 }) };
    expect((await update(next, older, NOW)).refused?.check).toBe("heartbeat-order");
  });

  test("that was taken before is no refusal beside the release that came after it", async () => {
    const { known } = await first();
    const files = { ...(await second()), heartbeat: await heartbeat(known) };
    const { known: next } = await update(known, files, NOW);
    expect(next.running?.release.predicate.version).toBe(2);
    expect((await update(next, files, NOW)).refused).toBeUndefined();
    // Another one of the same key that goes back to the first release is.
    const older = await heartbeat(known, { sequence: next.store.beat!.sequence + 1 });
    const back = await update(next, { ...files, heartbeat: older }, NOW);
    expect(back.refused?.check).toBe("heartbeat-order");
  });

  test("of a newer release is a refusal where the older one is served on", async () => {
    const { known, files } = await first();
    const { known: newer } = await update(known, await second(), NOW);
    const withheld = await update(known, { ...files, heartbeat: await heartbeat(newer) }, NOW);
    expect(withheld.refused?.check).toBe("heartbeat-release");
    expect(withheld.known.running).toBe(known.running);
  });

  test("of a newer release lets no older one through", async () => {
    const { known, files } = await first();
    const { known: newer } = await update(known, await second(), NOW);
    const beat = await heartbeat(newer);
    // A machine that has seen nothing yet is shown today's heartbeat and yesterday's release.
    const fresh = await update(await start(), { ...files, heartbeat: beat }, NOW);
    expect(fresh.refused?.check).toBe("heartbeat-release");
  });
});

describe("the state folder", () => {
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), "phiward-state-"));
    folders.push(made);
    return made;
  };
  const kept = async (): Promise<{ at: string; known: Known }> => {
    const { known, files } = await first();
    const stopped = await update(
      known,
      {
        ...files,
        heartbeat: await heartbeat(known),
        halts: await halt(known, { grants: ["bot"] }),
      },
      NOW,
    );
    const at = folder();
    keep(at, keepingOf(stopped.known, 0));
    return { at, known: stopped.known };
  };
  const boot = async (at: string, now = NOW): Promise<Known> => {
    const { known, refused } = await reopen(readKept(at), TRUST, await rootBytes(), now, demand);
    if (refused !== undefined) throw refused;
    return known;
  };

  test("brings back what was believed, without any source", async () => {
    const { at, known } = await kept();
    const again = await boot(at);
    expect(again.running?.release.statement).toBe(known.running?.release.statement);
    expect(again.store.reached).toEqual(known.store.reached);
    expect(again.store.halts.map(({ file }) => file)).toEqual(
      known.store.halts.map(({ file }) => file),
    );
    expect(again.store.beat?.expiresAt).toBe(known.store.beat?.expiresAt);
    // A clock that was set back does not bring back what has run out.
    expect((await boot(at, NOW - 400 * DAY)).store.now).toBe(NOW);
  });

  test.each<[string, (at: string) => void]>([
    ["a stop that was removed", (at) => removeObject(at, "vnd.phiward.halt")],
    ["a stop that was changed", (at) => changeObject(at, "vnd.phiward.halt")],
    ["a state that was cut short", (at) => truncateSync(join(at, "state.json"), 40)],
    ["no state beside the roots", (at) => rmSync(join(at, "state.json"))],
    [
      "a state of another stream",
      (at) => edit(at, (s) => s.replace('"stream":"ehr"', '"stream":"lab"')),
    ],
    [
      "a root that is missing",
      (at) => edit(at, (s) => s.replace('"rootVersion":1', '"rootVersion":2')),
    ],
    ["a release that is missing", (at) => removeObject(at, "application/vnd.in-toto+json")],
    ["a release that was changed", (at) => changeObject(at, "application/vnd.in-toto+json")],
  ])("with %s starts nothing", async (_, damage) => {
    const { at } = await kept();
    damage(at);
    await expect((async () => await boot(at))()).rejects.toMatchObject({
      check: "state",
    } satisfies Partial<Refused>);
  });

  test("keeps no object that no state names", async () => {
    const { at, known } = await kept();
    const { known: next } = await update(known, await second(), NOW);
    keep(at, keepingOf(next, 0));
    keep(at, keepingOf(next, 0));
    writeFileSync(join(at, "objects", `${"0".repeat(64)}`), "left over");
    keep(at, keepingOf(next, 0));
    expect(readdirSync(join(at, "objects"))).not.toContain("0".repeat(64));
    expect((await boot(at)).running?.release.predicate.version).toBe(2);
  });

  function objectWith(at: string, text: string): string {
    const names = readdirSync(join(at, "objects"));
    const type = Buffer.from(text).toString("utf8");
    const found = names.find((name) => {
      const content = readFileSync(join(at, "objects", name), "utf8");
      return content.includes(type) && content.startsWith('{"payload"');
    });
    return join(at, "objects", found!);
  }
  function removeObject(at: string, text: string): void {
    rmSync(objectWith(at, text));
  }
  function changeObject(at: string, text: string): void {
    const path = objectWith(at, text);
    writeFileSync(path, readFileSync(path, "utf8").replace("A", "B"));
  }
  function edit(at: string, change: (text: string) => string): void {
    const path = join(at, "state.json");
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }
});
