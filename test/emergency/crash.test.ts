/** A gateway that stops at any step of an opening or a closing, and what the next one makes of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryLog } from "../../engine/audit/memory-log.ts";
import type { AdminRecord } from "../../engine/audit/record.ts";
import type { Announcement } from "../../engine/emergency/announcement.ts";
import { openEmergencyStore } from "../../engine/emergency/file-store.ts";
import type { EmergencyGrant } from "../../engine/emergency/opener.ts";
import { openOutbox } from "../../engine/emergency/outbox.ts";
import { type EmergencyAccess, emergencyAccess } from "../../engine/gateway/emergency.ts";
import type { PolicySource } from "../../engine/gateway/policy-source.ts";
import { type FileSteps, nodeSteps } from "../../engine/grant/files.ts";
import { MINUTE } from "../../engine/policy/time.ts";
import { openingOf, REASON } from "./world.ts";

const { at, issued, openedBy } = openingOf();
const GRANT = {
  id: "night",
  principal: { kind: "agent", id: "agent:night" },
  issued,
  expires: at + 100 * MINUTE,
  breakGlass: { openers: [openedBy], maxMs: 60 * MINUTE },
} as unknown as EmergencyGrant;
const CHIEF = { id: "chief", principal: { kind: "person", id: openedBy }, issued };
const policy = {
  current: () => ({ repository: { source: { grants: { night: GRANT, chief: CHIEF } } } }),
} as unknown as PolicySource;

class Killed extends Error {}

/** One gateway after another on one folder and one log; each may be killed before some step. */
function machine(folder: string) {
  const log = memoryLog({ node: "gw-1", now: () => at });
  /** Steps until the end; what comes after does not happen. */
  let left = Number.POSITIVE_INFINITY;
  const step = (): void => {
    if (left-- <= 0) throw new Killed();
  };
  const before = <A extends readonly unknown[], R>(real: (...args: A) => R) => {
    return (...args: A): R => {
      step();
      return real(...args);
    };
  };
  const disk: FileSteps = {
    create: before(nodeSteps.create),
    write: before(nodeSteps.write),
    sync: before(nodeSteps.sync),
    rename: before(nodeSteps.rename),
    syncFolder: before(nodeSteps.syncFolder),
  };
  return {
    log,
    admin: (): readonly AdminRecord[] =>
      log.records.filter((record): record is AdminRecord => record.kind === "admin"),
    /** A gateway that is killed after so many steps. */
    start(steps = Number.POSITIVE_INFINITY): EmergencyAccess {
      left = steps;
      const outbox = openOutbox(join(folder, "announcements"), disk);
      return emergencyAccess({
        store: openEmergencyStore(folder, disk),
        policy,
        log: {
          ...log,
          append(entry) {
            step();
            const appended = log.append(entry);
            // Killed between the record and the answer that it is on disk.
            return { ...appended, durable: appended.durable.then(step) };
          },
        },
        node: "gw-1",
        dev: false,
        clockBehind: () => false,
        announce: (announcement) => outbox.post(announcement),
      });
    },
    get wasKilled() {
      return left < 0;
    },
    announced: (): readonly Announcement["type"][] =>
      openOutbox(join(folder, "announcements"))
        .waiting()
        .map(({ type }) => type),
  };
}

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "phiward-emergency-crash-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const REQUEST = {
  grant: GRANT,
  by: openedBy,
  token: "0123456789ab",
  reason: REASON,
  forMs: 60 * MINUTE,
  at,
};
/** More than there are in an opening, or a closing. */
const MOST_STEPS = 60;

test("killed at any step of an opening, nothing is open that is not on record, and nothing is forgotten", async () => {
  const ends = new Set<string>();
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const folder = join(root, `open-${steps}`);
    const world = machine(folder);
    const told = await world
      .start(steps)
      .open(REQUEST)
      .catch(() => undefined);
    const { wasKilled } = world;

    const next = world.start();
    const opened = world.admin().filter(({ action }) => action === "emergency.opened");
    const isOpen = next.inForce(at).has("night");
    if (isOpen) expect(opened).toHaveLength(1);
    // Whoever was told that it is open can use it.
    if (typeof told === "object") expect(isOpen).toBe(true);

    await next.sweep(at + MINUTE);
    expect(next.inForce(at + MINUTE).has("night")).toBe(isOpen);
    const ids = new Set(world.admin().map(({ details }) => details?.opening));
    // Every opening on record waits for its review, and every one that waits is on record.
    expect(next.awaitingReview().map(({ id }) => id)).toEqual([...ids]);
    const closings = world.admin().filter(({ action }) => action === "emergency.closed");
    expect(closings.map(({ details }) => details?.reason)).toEqual(
      ids.size === 1 && !isOpen ? ["interrupted"] : [],
    );
    ends.add(`${isOpen ? "open" : ids.size === 1 ? "interrupted" : "nothing"}`);
    // It can be opened afterwards, when it is not open.
    expect(await next.open({ ...REQUEST, at: at + MINUTE })).toSatisfy((answer) =>
      isOpen ? answer === "taken" : typeof answer === "object",
    );
    if (!wasKilled) break;
  }
  expect([...ends].sort()).toEqual(["interrupted", "nothing", "open"]);
});

test("killed at any step of a closing, it is closed in the end, on record and announced", async () => {
  let reached = false;
  for (let steps = 0; steps < MOST_STEPS && !reached; steps++) {
    const world = machine(join(root, `close-${steps}`));
    await world.start().open(REQUEST);
    const later = at + 61 * MINUTE;
    const dying = world.start(steps);
    expect(dying.inForce(later).size).toBe(0);
    await dying.sweep(later).catch(() => {});
    reached = !world.wasKilled;

    const next = world.start();
    expect(next.inForce(later).size).toBe(0);
    await next.sweep(later);
    await next.sweep(later);
    const closings = world.admin().filter(({ action }) => action === "emergency.closed");
    // Perhaps twice, and then under one id: readers take it for one.
    expect(new Set(closings.map(({ event }) => event)).size).toBe(1);
    expect(closings.length).toBeLessThanOrEqual(2);
    expect(world.announced()).toEqual(["emergency.opened", "emergency.closed"]);
    expect(next.awaitingReview()).toMatchObject([{ closedFor: "time" }]);
  }
  expect(reached).toBe(true);
});

test("a person's closing counts at once, also where the disk fails", async () => {
  const world = machine(join(root, "person"));
  await world.start().open(REQUEST);
  const dying = world.start(3);
  await expect(dying.close({ ...REQUEST, at })).rejects.toThrow(Killed);
  expect(dying.inForce(at).size).toBe(0);
});
