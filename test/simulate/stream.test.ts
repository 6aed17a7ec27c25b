/** Recorded calls that are read in pieces: the same calls and the same problems as read at once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eachFixture, loadFixtures, streamFixtures } from "../../engine/calls/fixtures.ts";
import { type Line, readLines } from "../../engine/calls/lines.ts";
import type { Finding } from "../../engine/finding.ts";
import { diskTree } from "../../engine/host/disk.ts";
import { gitTree } from "../../engine/host/git.ts";
import type { Tree } from "../../engine/host/tree.ts";
import { repository } from "../host/repository.ts";
import { memoryTree } from "../support/tree.ts";

const FILE = "fixtures/a.jsonl";

/** A tree that gives its file in these pieces. */
function inPieces(bytes: Uint8Array, cuts: readonly number[]): Tree {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return {
    ...memoryTree({ [FILE]: bytes }),
    async *stream() {
      for (const [index, end] of [...at, bytes.length].entries())
        yield bytes.subarray(at[index - 1] ?? 0, end);
    },
  };
}

async function read(tree: Tree): Promise<{ lines: Line[]; findings: Finding[] }> {
  const lines: Line[] = [];
  const findings: Finding[] = [];
  for await (const piece of readLines(tree, FILE)) {
    if ("findings" in piece) findings.push(...piece.findings);
    else lines.push(...piece.lines);
  }
  return { lines, findings };
}

test("wherever a file is cut, its lines and their numbers are the same", async () => {
  const line = fc.oneof(
    fc.constantFrom("", "  ", "a", "\t", "\uFEFFa", "zero\u200bwidth", "x".repeat(40)),
    fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, "")),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.constantFrom("", "\n", "\r\n"),
      fc.array(fc.nat(400), { maxLength: 6 }),
      async (texts, end, cuts) => {
        const bytes = new TextEncoder().encode(texts.join("\n") + end);
        const whole = await read(memoryTree({ [FILE]: bytes }));
        const pieces = await read(inPieces(bytes, cuts));
        // One bad piece leaves out its own lines only: what is read in pieces may hold more lines.
        expect(pieces.findings).toEqual(whole.findings);
        if (whole.findings.length === 0) expect(pieces.lines).toEqual(whole.lines);
      },
    ),
    { numRuns: 300 },
  );
});

test("a byte order mark counts at the start of the file only", async () => {
  const marked = new TextEncoder().encode("\uFEFFa\n\uFEFFb\n");
  for (const cuts of [[], [5], [1, 2, 3]]) {
    const { findings } = await read(inPieces(marked, cuts));
    expect(findings.map(({ rule, place }) => [rule, place.line, place.column])).toEqual([
      ["invisible-character", 2, 1],
    ]);
  }
});

test("a broken byte is found at its line, wherever the file is cut", async () => {
  const bytes = Buffer.concat([
    Buffer.from("one\ntwo\nthr"),
    Buffer.from([0xff]),
    Buffer.from("e\n"),
  ]);
  for (const cuts of [[], [4], [4, 8], [9]]) {
    const { findings } = await read(inPieces(bytes, cuts));
    expect(findings).toMatchObject([{ rule: "invalid-encoding", place: { line: 3, column: 4 } }]);
  }
});

test("a line without an end is not held for ever", async () => {
  let given = 0;
  const endless: Tree = {
    ...memoryTree({ [FILE]: "" }),
    async *stream() {
      for (;;) {
        given += 256 * 1024;
        yield Buffer.alloc(256 * 1024, "x");
      }
    },
  };
  const { findings } = await read(endless);
  expect(findings).toMatchObject([{ rule: "too-large", place: { line: 1 } }]);
  expect(given).toBeLessThan(2 * 1024 * 1024);
});

describe("calls", () => {
  const call = (n: number): string =>
    JSON.stringify({
      ...{ v: 1, id: `c${n}`, at: "2026-10-01T12:00:00Z", grant: "bot", server: "ehr" },
      ...{ tool: "t", args: { n } },
    });
  const many = (count: number): string =>
    Array.from({ length: count }, (_, n) => call(n)).join("\n");

  test("are the same from a folder, from a revision and from memory", async () => {
    const files = { "fixtures/a.jsonl": `${many(9_000)}\n`, "fixtures/b/c.jsonl": many(3) };
    const folder = repository(files);
    const expected = await loadFixtures(memoryTree(files));
    expect(expected).toHaveLength(9_003);
    expect(await loadFixtures(diskTree(folder))).toEqual(expected);
    expect(await loadFixtures(await gitTree(folder, "HEAD"))).toEqual(expected);
  });

  test("come in blocks, so that the first are judged before the last are read", async () => {
    const folder = repository({ "fixtures/a.jsonl": many(30_000) });
    const sizes: number[] = [];
    for await (const calls of eachFixture(diskTree(folder))) sizes.push(calls.length);
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(30_000);
  });

  test("of a file with many bad lines are read, and a hundred of the bad ones listed", async () => {
    const text = Array.from({ length: 500 }, (_, n) => (n % 2 === 0 ? call(n) : "bad")).join("\n");
    let calls = 0;
    let findings = 0;
    for await (const block of streamFixtures(memoryTree({ [FILE]: text }), [FILE])) {
      calls += block.calls.length;
      findings += block.findings.length;
    }
    expect([calls, findings]).toEqual([250, 100]);
  });
});
