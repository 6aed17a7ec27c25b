/**
 * A crash between any two writes leaves a state that boots: after each single operation, and by
 * SIGKILL at a time nobody chose. The long run kills 200 times.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { releaseFiles } from "../../engine/bundle/files.ts";
import { writeFolder } from "../../engine/bundle/store/folder.ts";
import { type Watched, watch } from "../../engine/bundle/store/poll.ts";
import { AFTERWARDS, type History, releaseHistory } from "../support/release-history.ts";
import { bootAlone, killWhileTaking, startAlone, wrongIn } from "../support/release-kill.ts";
import { TRUST } from "./world.ts";

const work = mkdtempSync(join(tmpdir(), "phiward-bundle-kill-"));
let history: History;
beforeAll(async () => {
  history = await releaseHistory();
});
afterAll(() => rmSync(work, { recursive: true }));

function publishedAt(step: number): string {
  const folder = join(work, "steps", String(step));
  writeFolder(folder, history.steps[step]!.files);
  return folder;
}

test("what could not be written is taken as soon as it can be, from a source that has not changed", async () => {
  const state = join(work, "full");
  const published = Object.entries(history.steps[2]!.files);
  const files = releaseFiles(new Map(published.map(([path, text]) => [path, Buffer.from(text)])));
  let seen = false;
  // Like a Git repository it says once what it holds, until it is asked to say it again.
  const source: Watched = {
    name: "once",
    async read() {
      if (seen) return undefined;
      seen = true;
      return files;
    },
    again() {
      seen = false;
    },
  };
  writeFileSync(state, "a file where the folder should be");
  const policy = await startAlone(state, [source]);
  const told: string[] = [];
  policy.onEvent(({ event }) => told.push(event));
  expect(policy.current()).toBeUndefined();
  rmSync(state);
  await policy.poll();
  policy.stop();
  expect(policy.current()?.bundle.version).toBe("2");
  expect(told).toEqual(["refused", "activated"]);
});

test("a stop that cannot be written is obeyed, and told when it is on the disk", async () => {
  const state = join(work, "stopped");
  const source = join(work, "stopping");
  writeFolder(source, history.steps[2]!.files);
  const policy = await startAlone(state, [watch(source, 1_000)]);
  const told: string[] = [];
  policy.onEvent(({ event }) => told.push(event));
  renameSync(state, `${state}.aside`);
  writeFileSync(state, "a file where the folder should be");
  writeFolder(source, history.steps[3]!.files);
  await policy.poll();
  expect(policy.halted()?.tools).toEqual([{ tool: "search_patients" }]);
  expect(told).toEqual(["activated", "refused"]);
  rmSync(state);
  renameSync(`${state}.aside`, state);
  await policy.poll();
  policy.stop();
  expect(told).toEqual(["activated", "refused", "halted"]);
});

test("a folder that is empty when an engine starts is read when a release stands in it", async () => {
  const published = join(work, "later");
  mkdirSync(published);
  const policy = await startAlone(join(work, "waiting"), [watch(published, 1_000)]);
  expect(policy.current()).toBeUndefined();
  writeFolder(published, history.steps[0]!.files);
  await policy.poll();
  policy.stop();
  expect(policy.current()?.bundle.version).toBe("1");
});

describe("after every single operation on the disk", () => {
  // The first state, and one with a release, a root, a stop and a heartbeat more.
  const KEPT = [0, 8];
  interface Image {
    readonly keeping: number;
    readonly name: string;
  }
  let operations: readonly Image[];
  beforeAll(() => {
    const state = join(work, "state");
    mkdirSync(state);
    const trust = join(work, "trust.json");
    writeFileSync(trust, JSON.stringify(TRUST));
    const program = join(import.meta.dirname, "../support/keep-steps.ts");
    const args = [state, join(work, "images"), trust, String(AFTERWARDS), ...KEPT.map(publishedAt)];
    const said = execFileSync(process.execPath, [program, ...args], { encoding: "utf8" });
    operations = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Image);
  });

  const counters = (step: number | undefined): object => {
    if (step === undefined) return { version: 0, root: 0, halts: 0, beat: 0 };
    const { version, root, halts, beat } = history.steps[step]!;
    return { version, root, halts, beat };
  };
  const imageOf = (index: number, kind: string): string =>
    join(work, "images", String(index), kind);

  // Killed: all that was written is there. Unpowered: only what was synced.
  test.each(["killed", "unpowered"])(
    "an engine that is %s boots with the state before or the one after, and goes on",
    async (kind) => {
      let done = -1;
      for (const [index, { keeping, name }] of operations.entries()) {
        const at = `${kind} after operation ${index}, ${name}`;
        const after = await bootAlone(imageOf(index, kind));
        expect(wrongIn(after, [], history), at).toEqual([]);
        const reached = [KEPT[keeping], KEPT[keeping - 1]].map(counters);
        const { version, root, halts, beat } = after as Exclude<typeof after, string>;
        const isNew = JSON.stringify({ version, root, halts, beat }) === JSON.stringify(reached[0]);
        expect({ version, root, halts, beat }, at).toEqual(reached[isNew ? 0 : 1]);
        // What is in force once stays in force.
        if (done === keeping) expect(isNew, at).toBe(true);
        if (isNew) done = keeping;
        const last = operations[index + 1]?.keeping !== keeping;
        if (last) expect(isNew, `${kind} when it had said that it is kept`).toBe(true);
      }
    },
  );

  test("an engine goes on from each of them", async () => {
    const source = watch(join(work, "steps", String(KEPT[1])), 1_000);
    for (const [index] of operations.entries()) {
      // Every third, of both kinds: each one costs an update.
      if (index % 3 !== 0) continue;
      const state = imageOf(index, index % 2 === 0 ? "killed" : "unpowered");
      expect(await bootAlone(state, [source]), `operation ${index}`).toMatchObject(
        counters(KEPT[1]),
      );
      expect(await bootAlone(state)).toMatchObject(counters(KEPT[1]));
    }
  });

  test("there are many of them, and each kind is among them", () => {
    expect(operations.length).toBeGreaterThan(40);
    expect(new Set(operations.map(({ name }) => name))).toEqual(
      new Set(["mkdir", "open", "write", "fsync", "rename", "rm"]),
    );
  });
});

test("an engine killed 10 times while it takes releases keeps every promise", async () => {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const report = await killWhileTaking(history, { kills: 10, form: "folder", random });
  expect(report.problems).toEqual([]);
  expect(report.promises).toBeGreaterThan(5);
}, 120_000);
