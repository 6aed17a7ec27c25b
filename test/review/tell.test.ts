/** Administrative events reach the chain, whether a gateway holds the log or not. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadOrCreateCheckpointKey } from "../../engine/audit/checkpoint.ts";
import { openFileLog } from "../../engine/audit/file-log.ts";
import { readRecords } from "../../engine/audit/read.ts";
import { verifyLog } from "../../engine/audit/verify/verify.ts";
import { inboxOf } from "../../engine/grant/file-store.ts";
import { drain, entryOfEvent, post } from "../../engine/grant/inbox.ts";
import { adminEvent, recordAdmin } from "../../engine/review/tell.ts";
import { entries, NODE, START, writeLog } from "../audit/generate.ts";

async function withState(test: (state: string) => Promise<void>): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), "phiward-tell-"));
  try {
    await test(state);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

function oldLog(state: string): void {
  const { privateKey: key } = loadOrCreateCheckpointKey(join(state, "keys", "checkpoint.pem"));
  writeLog(join(state, "audit"), entries(30), { everyRecords: 10, key });
}

const now = (): number => START + 86_400_000;
const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(7);
const event = adminEvent(
  { action: "review.activity", by: "person:m.chen", details: { findings: 2, note: "seen" } },
  now(),
  random,
);

function told(state: string) {
  return [...readRecords(join(state, "audit"))]
    .filter((record) => record.kind === "admin")
    .map(({ action, by, details, event }) => ({ action, by, details, event }));
}
const RECORDED = {
  action: "review.activity",
  by: "person:m.chen",
  details: { findings: 2, note: "seen" },
  event: event.event,
};

test("without a gateway the event is recorded by whoever tells it, and the chain stays whole", () =>
  withState(async (state) => {
    oldLog(state);
    expect(await recordAdmin(state, event, { now })).toBe("recorded");
    expect(told(state)).toEqual([RECORDED]);
    const keys = [loadOrCreateCheckpointKey(join(state, "keys", "checkpoint.pem")).publicKey];
    expect(verifyLog(join(state, "audit"), { keys, kept: [] }).problems).toEqual([]);
  }));

test("a gateway that holds the log records it", () =>
  withState(async (state) => {
    oldLog(state);
    const key = loadOrCreateCheckpointKey(join(state, "keys", "checkpoint.pem")).privateKey;
    const checkpoint = { key, everyRecords: 100, everyMs: 60_000, sinks: [] };
    const log = await openFileLog({ folder: join(state, "audit"), node: NODE, now, checkpoint });
    const telling = recordAdmin(state, event, { now });
    await new Promise((resolve) => setTimeout(resolve, 150));
    await drain(inboxOf(state), (one) => log.append(entryOfEvent(one)).durable);
    expect(await telling).toBe("recorded");
    await log.close();
    expect(told(state)).toEqual([RECORDED]);
  }));

test("where the holder of the log does not answer, the event waits and is not lost", () =>
  withState(async (state) => {
    oldLog(state);
    const key = loadOrCreateCheckpointKey(join(state, "keys", "checkpoint.pem")).privateKey;
    const checkpoint = { key, everyRecords: 100, everyMs: 60_000, sinks: [] };
    const log = await openFileLog({ folder: join(state, "audit"), node: NODE, now, checkpoint });
    expect(await recordAdmin(state, event, { now, waitMs: 200 })).toBe("waiting");
    await log.close();
    const other = adminEvent({ action: "review.access" }, now() + 1, random);
    // Whoever comes next records both.
    expect(await recordAdmin(state, other, { now })).toBe("recorded");
    expect(told(state).map(({ action }) => action)).toEqual(["review.activity", "review.access"]);
  }));

test("where nothing was ever recorded no log is begun", () =>
  withState(async (state) => {
    expect(await recordAdmin(state, event, { now, waitMs: 200 })).toBe("waiting");
    post(inboxOf(state), event);
    expect([...readRecords(join(state, "audit"))]).toEqual([]);
  }));
