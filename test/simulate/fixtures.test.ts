import { expect, test } from "vitest";
import { checkFixtures } from "../../engine/calls/fixtures.ts";
import { memoryTree } from "../support/tree.ts";

const GOOD =
  '{"v":1,"id":"c1","at":"2026-10-01T12:00:00Z","grant":"bot","server":"ehr","tool":"t","args":{}}';

test("every broken line of every fixture file is listed, and no word of a call", async () => {
  const secret = "123-45-6789";
  const tree = memoryTree({
    "fixtures/a.jsonl": [
      GOOD,
      "",
      GOOD.replace('"args":{}', `"args":{"x":"${secret}","x":"${secret}"}`),
      "nope",
      GOOD.replace('"v":1', '"v":2'),
    ].join("\n"),
    "fixtures/deep/b.jsonl": GOOD.replace("Z", "+01:00"),
    "fixtures/notes.txt": "not a fixture",
  });
  const findings = await checkFixtures(tree);
  expect(findings.map(({ rule, place }) => `${rule} ${place.file}:${place.line}`)).toEqual([
    "invalid-fixture fixtures/a.jsonl:3",
    "invalid-fixture fixtures/a.jsonl:4",
    "invalid-fixture fixtures/a.jsonl:5",
    "invalid-fixture fixtures/deep/b.jsonl:1",
  ]);
  expect(JSON.stringify(findings)).not.toContain(secret);
});

test("good fixtures have no finding", async () => {
  expect(await checkFixtures(memoryTree({ "fixtures/a.jsonl": `${GOOD}\n${GOOD}\n` }))).toEqual([]);
});
