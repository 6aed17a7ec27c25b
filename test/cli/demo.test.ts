/** The demo tells a true story: every chapter holds, and its figures are those of the example. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

test("every chapter of the demo holds, the real server included", () => {
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, "dist/cli/bin.js"), "demo", "--format", "json"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  const { chapters } = JSON.parse(stdout);
  expect(chapters.map(({ title, ok }: { title: string; ok: boolean }) => [title, ok])).toEqual([
    ["What is in Git", true],
    ["Is it sound?", true],
    ["Two calls of one agent", true],
    ["Through the gateway, on a real server", true],
    ["Who accessed this patient's record?", true],
    ["A careless change", true],
    ["The proof", true],
    ["A pull request waits for two people", true],
    ["Done", true],
  ]);
  expect(chapters[3]).toMatchObject({
    ran: true,
    shown: ["fhir_search"],
    asPinned: true,
    allowed: ["GET Observation"],
    denied: [],
    afterRevoking: [],
  });
  expect(chapters[4]).toMatchObject({ ran: true, found: ["allow", "deny"], whole: true });
  expect(chapters[5]).toMatchObject({ total: 80, gained: 12, ephiGained: 12, revoked: 0 });
  expect(chapters[6]).toMatchObject({ verdict: "broader", blocks: true, broader: 2 });
  expect(chapters[7]).toMatchObject({
    verdict: "broader",
    byAuthor: false,
    byOne: false,
    byBoth: true,
  });
  expect(status).toBe(0);
});
