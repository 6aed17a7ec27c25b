import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import { verifyLog } from "../../engine/audit/verify/verify.ts";
import { killWriters } from "./crash.ts";
import { temporaryFolder } from "./folder.ts";

test("ten times killed under load: no record that was told to be on disk is lost, and the chain is whole", async () => {
  const { told, lost, untold, problems } = await killWriters(temporaryFolder(), 10, {
    writers: 64,
    afterMs: (round) => 20 + 17 * round,
  });
  expect({ lost, problems }).toEqual({ lost: [], problems: [] });
  // Every round came to write, and was killed with records on the way.
  expect(told).toBeGreaterThan(640);
  expect(untold).toBeGreaterThan(0);
});

test("a log that is verified and indexed while it is written is whole, and nothing of it is damaged", async () => {
  const folder = temporaryFolder();
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "crash-child.ts"), folder, "64"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.stdout.resume();
  const counts: number[] = [];
  for (let round = 0; round < 12; round++) {
    const { verdict, problems, records } = verifyLog(folder, { keys: [], kept: [] });
    // A write that is under way may look torn.
    expect(problems.filter(({ kind }) => kind !== "torn")).toEqual([]);
    expect(verdict).toBe("whole");
    counts.push(records);
    const index = freshIndex(folder);
    expect(index.prepare("SELECT * FROM damage").all()).toEqual([]);
    index.close();
    // The child's output must not stop it.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(counts.at(-1)).toBeGreaterThan(counts[0]!);
});
