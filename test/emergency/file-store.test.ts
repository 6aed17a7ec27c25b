/** Openings on disk: the contract, and files that nobody may trust. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { announceOpening, confirmOpening } from "../../engine/emergency/change.ts";
import { openEmergencyStore } from "../../engine/emergency/file-store.ts";
import { nodeSteps } from "../../engine/grant/files.ts";
import { emergencyStoreContract } from "./contract.ts";
import { openingOf } from "./world.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "phiward-openings-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const freshFolder = (): string => join(folder, String(count++));

emergencyStoreContract("a folder", async () => {
  const state = freshFolder();
  const store = openEmergencyStore(state);
  return { store, reopen: () => openEmergencyStore(state), end: () => {} };
});

const whole = { version: "1", openings: [openingOf()] };
const DAMAGED: readonly [string, string][] = [
  ["cut short", JSON.stringify(whole).slice(0, -3)],
  ["of another version", JSON.stringify({ ...whole, version: "2" })],
  ["with a key that we do not write", JSON.stringify({ ...whole, more: 1 })],
  ["with an opening twice", JSON.stringify({ ...whole, openings: [openingOf(), openingOf()] })],
  [
    "with an opening that says more",
    JSON.stringify({ ...whole, openings: [{ ...openingOf(), patient: "p-1" }] }),
  ],
  // Two readers would see two different ends.
  ["with a key twice", JSON.stringify(whole).replace('"until"', '"until":9e12,"until"')],
];

test.each(DAMAGED)("a file that is %s opens nothing, and is not repaired", async (_, text) => {
  const state = freshFolder();
  const store = openEmergencyStore(state);
  await store.change(announceOpening(openingOf()));
  await store.change(confirmOpening(openingOf().id));
  writeFileSync(join(state, "openings.json"), text);
  expect(store.refresh()).toBe(true);
  expect(store.live()).toEqual([]);
  expect(store.problem).toMatch(/openings\.json` (is not of the right form|has an opening twice)$/);
  expect(() => store.list()).toThrow(store.problem);
  await expect(store.change(announceOpening(openingOf({ n: 2 })))).rejects.toMatchObject({
    code: "STATE_DAMAGED",
  });
});

test("a file that others may write opens nothing", async () => {
  const state = freshFolder();
  const store = openEmergencyStore(state);
  await store.change(announceOpening(openingOf()));
  chmodSync(join(state, "openings.json"), 0o666);
  store.refresh();
  expect(store.problem).toMatch(/may be written by others/);
});

test("after a write that fails, what is on disk holds", async () => {
  const state = freshFolder();
  let broken: "sync" | "syncFolder" | undefined;
  const failing = (step: "sync" | "syncFolder") => (it: never) => {
    if (broken === step) throw Object.assign(new Error("planned"), { code: "EIO" });
    nodeSteps[step](it);
  };
  const steps = { ...nodeSteps, sync: failing("sync"), syncFolder: failing("syncFolder") };
  const store = openEmergencyStore(state, steps);
  await store.change(announceOpening(openingOf()));
  broken = "sync";
  await expect(store.change(confirmOpening(openingOf().id))).rejects.toThrow("planned");
  expect(store.live()).toEqual([{ ...openingOf(), pending: true }]);
  // Renamed, but perhaps not for good: this process goes by what it can read.
  broken = "syncFolder";
  await expect(store.change(confirmOpening(openingOf().id))).rejects.toThrow("planned");
  expect(store.live()).toEqual(openEmergencyStore(state).live());
});
