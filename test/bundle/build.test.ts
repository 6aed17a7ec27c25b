/** What a bundle holds, and what cannot be in one. */
import { expect, test } from "vitest";
import { buildBundle, openBundle } from "../../engine/bundle/bundle.ts";
import { initialFiles } from "../../engine/catalog/init.ts";
import { memoryTree } from "../support/tree.ts";
import { demand, NOW } from "./world.ts";

const SOURCES = initialFiles({ name: "ehr", now: NOW, approvers: [] });

test("what was built is opened, and is the same repository", async () => {
  const built = await buildBundle(memoryTree(SOURCES));
  const opened = await openBundle(Buffer.from(built.text), built.digest, "v1", demand);
  expect(opened.repository.digest).toBe(built.loaded.repository.digest);
});

test("recorded calls are not in it", async () => {
  const recorded = await buildBundle(memoryTree({ ...SOURCES, "fixtures/calls.jsonl": "{}\n" }));
  expect(recorded.digest).toBe((await buildBundle(memoryTree(SOURCES))).digest);
});

test.each([
  ["a file with a name that a shell would read", "tests/a b;c.test.yaml"],
  ["a hidden file", "tests/.x.test.yaml"],
  ["a name that differs only in case", "tests/LOOKUP.test.yaml"],
])("%s cannot be released", async (_, path) => {
  const files = { ...SOURCES, [path]: SOURCES["tests/lookup.test.yaml"]! };
  await expect(buildBundle(memoryTree(files))).rejects.toThrow(
    /cannot be in a release|is not read/,
  );
});
