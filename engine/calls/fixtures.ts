/** Recorded calls of a tree: fixtures/**\/*.jsonl, one call a line. */
import { matchesGlob } from "node:path";
import { PhiwardError } from "../errors.ts";
import type { Tree } from "../host/tree.ts";
import { decode } from "../policy/bytes.ts";
import { MAX_FIXTURE_BYTES } from "../policy/limits.ts";
import { type RecordedCall, readFixture } from "./calls.ts";

export const ALL_FIXTURES = "fixtures/**/*.jsonl";

/** Every call of the files that match, in the order of their names and lines. */
export async function loadFixtures(
  tree: Tree,
  glob: string = ALL_FIXTURES,
): Promise<RecordedCall[]> {
  const pattern = glob.replace(/^\.\//, "");
  const files = (await tree.list()).filter(
    ({ path, link }) =>
      !link &&
      path.startsWith("fixtures/") &&
      path.endsWith(".jsonl") &&
      matchesGlob(path, pattern),
  );
  if (files.length === 0) {
    throw new PhiwardError("NO_FIXTURES", `no fixture matches \`${glob.slice(0, 200)}\``);
  }
  const calls: RecordedCall[] = [];
  for (const { path } of files) {
    const decoded = decode(path, await tree.read(path), MAX_FIXTURE_BYTES);
    if ("findings" in decoded) {
      const [{ message, help, place }] = decoded.findings as [(typeof decoded.findings)[number]];
      throw new PhiwardError("INVALID_INPUT", message, { help, place });
    }
    let number = 0;
    for (const line of decoded.text.split("\n")) {
      number++;
      if (line.trim() !== "") calls.push(readFixture(path, number, line));
    }
  }
  return calls;
}
