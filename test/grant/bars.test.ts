/** Bars: which tokens of an issuer they stop, and that they outlive whoever writes them. */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  admitGrant,
  type Bar,
  type BarChange,
  barGrant,
  isBarred,
} from "../../engine/grant/bar.ts";
import { openBarStore } from "../../engine/grant/bar-file-store.ts";
import { inboxOf } from "../../engine/grant/file-store.ts";
import { nodeSteps } from "../../engine/grant/files.ts";
import { drain } from "../../engine/grant/inbox.ts";

const MINUTE = 60_000;
const AT = Date.UTC(2026, 9, 1, 12);
const ISSUED = Date.UTC(2026, 8, 1);
const TOLERANCE = 30_000;
const change = (at = AT, by?: string): BarChange => ({ at, by, random: randomBytes });

describe("a token of an issuer is refused", () => {
  const bar: Bar = { grant: "nurse", at: AT };
  const lifted: Bar = { ...bar, liftedAt: AT + 10 * MINUTE };
  const renewed = Date.UTC(2026, 9, 2);
  test.each<[string, Bar | undefined, number, number, boolean]>([
    ["never without a bar", undefined, ISSUED, AT, false],
    ["when it was issued before the bar", bar, ISSUED, AT - MINUTE, true],
    // The next one is fetched by the same program, in the same second.
    ["when it was issued after it", bar, ISSUED, AT + 5 * MINUTE, true],
    ["when it was issued before the bar was lifted", lifted, ISSUED, AT + 9 * MINUTE, true],
    ["in the very moment", lifted, ISSUED, AT + 10 * MINUTE, true],
    ["not when it was issued after that", lifted, ISSUED, AT + 10 * MINUTE + 1, false],
    ["when the grant is new and the token old", bar, renewed, AT - MINUTE, true],
    ["not when both are new", bar, renewed, renewed + MINUTE, false],
    ["when the grant was issued anew before the bar", bar, AT - MINUTE, AT + MINUTE, true],
    // Dated by a clock that is ahead of ours.
    [
      "within the tolerance after a bar that was lifted at once",
      { ...bar, liftedAt: AT },
      ISSUED,
      AT + TOLERANCE,
      true,
    ],
    ["not beyond it", { ...bar, liftedAt: AT }, ISSUED, AT + TOLERANCE + 1, false],
  ])("%s", (_, bar, issued, tokenIssued, refused) => {
    expect(isBarred(bar, { issued }, tokenIssued, TOLERANCE)).toBe(refused);
  });

  test("whatever comes later, when it was issued before the bar", () => {
    const times = fc.integer({ min: 0, max: 10 * MINUTE });
    fc.assert(
      fc.property(times, times, fc.option(times), (before, renewedAfter, liftedAfter) => {
        const bar: Bar = {
          grant: "nurse",
          at: AT,
          ...(liftedAfter === null ? {} : { liftedAt: AT + liftedAfter }),
        };
        expect(isBarred(bar, { issued: AT + renewedAfter }, AT - before, TOLERANCE)).toBe(true);
      }),
    );
  });
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "phiward-bars-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function events(): Promise<readonly (readonly (string | undefined)[])[]> {
  const all: (readonly (string | undefined)[])[] = [];
  await drain(inboxOf(folder), async ({ action, grant, by }) => void all.push([action, grant, by]));
  return all;
}

test("a bar that one process sets holds in another one, and is told of once", async () => {
  const [here, there] = [openBarStore(folder), openBarStore(folder)];
  const set = await here.change(barGrant("nurse", change(AT, "person:m.example")));
  expect(set).toEqual({ bar: { grant: "nurse", at: AT, by: "person:m.example" }, already: false });
  expect([there.of("nurse"), there.refresh(), there.refresh()]).toEqual([undefined, true, false]);
  expect(there.of("nurse")).toEqual(set.bar);
  expect(await there.change(barGrant("nurse", change(AT + 1)))).toEqual({ ...set, already: true });
  expect(await events()).toEqual([["identity.barred", "nurse", "person:m.example"]]);
});

test("it is lifted once, and set again with a new time", async () => {
  const store = openBarStore(folder);
  await store.change(barGrant("nurse", change()));
  await store.change(admitGrant("nurse", change(AT + 1)));
  expect(store.list()).toEqual([{ grant: "nurse", at: AT, liftedAt: AT + 1 }]);
  await expect(store.change(admitGrant("nurse", change()))).rejects.toThrow("is not barred");
  await store.change(barGrant("nurse", change(AT + 2)));
  expect(store.list()).toEqual([{ grant: "nurse", at: AT + 2 }]);
});

test("two that bar at once lose neither", async () => {
  const stores = [openBarStore(folder), openBarStore(folder), openBarStore(folder)];
  await Promise.all(stores.map((store, i) => store.change(barGrant(`grant-${i}`, change(AT + i)))));
  const kept = openBarStore(folder).list();
  expect(kept.map(({ grant }) => grant).sort()).toEqual(["grant-0", "grant-1", "grant-2"]);
});

describe("a file that was changed by others is not believed", () => {
  const rows: readonly [string, string][] = [
    ["no JSON", "bars"],
    ["another version", '{"version":"2","bars":[]}'],
    ["a member that is unknown", '{"version":"1","bars":[{"grant":"nurse","at":1,"until":2}]}'],
    ["a time that is none", '{"version":"1","bars":[{"grant":"nurse","at":-1}]}'],
    // The one lifted, the other not.
    [
      "a grant twice",
      '{"version":"1","bars":[{"grant":"n","at":1},{"grant":"n","at":1,"liftedAt":2}]}',
    ],
  ];
  test.each(rows)("%s", async (_, text) => {
    const path = join(folder, "bars.json");
    writeFileSync(path, text, { mode: 0o600 });
    const store = openBarStore(folder);
    expect(store.problem).toContain("bars.json");
    await expect(store.change(barGrant("nurse", change()))).rejects.toThrow();
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("one that others may write", async () => {
    const store = openBarStore(folder);
    await store.change(barGrant("nurse", change()));
    chmodSync(join(folder, "bars.json"), 0o622);
    store.refresh();
    expect(store.problem).toContain("may be written by others");
  });
});

test.each(["write", "sync", "rename", "syncFolder"] as const)(
  "when the disk fails at %s, the bar holds or does not, and both processes agree",
  async (step) => {
    const failing = {
      ...nodeSteps,
      [step]: () => {
        throw new Error("the disk is full");
      },
    };
    const store = openBarStore(folder, failing);
    await expect(store.change(barGrant("nurse", change()))).rejects.toThrow("the disk is full");
    expect(store.list()).toEqual(openBarStore(folder).list());
  },
);
