/** Recorded calls of a tree: fixtures/**\/*.jsonl, one call a line. */
import { matchesGlob } from "node:path";
import { PhiwardError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { Tree } from "../host/tree.ts";
import { decode } from "../policy/bytes.ts";
import { MAX_FIXTURE_BYTES, MAX_PROBLEMS } from "../policy/limits.ts";
import { type RecordedCall, readFixture } from "./calls.ts";

export const ALL_FIXTURES = "fixtures/**/*.jsonl";

/** Every call of the files that match, in the order of their names and lines. */
export async function loadFixtures(
  tree: Tree,
  glob: string = ALL_FIXTURES,
): Promise<RecordedCall[]> {
  const paths = await fixturePaths(tree, glob);
  if (paths.length === 0) {
    throw new PhiwardError("NO_FIXTURES", `no fixture matches \`${glob.slice(0, 200)}\``);
  }
  const calls: RecordedCall[] = [];
  for (const path of paths) {
    const lines = await readLines(tree, path);
    if ("findings" in lines) {
      const [{ message, help, place }] = lines.findings;
      throw new PhiwardError("INVALID_INPUT", message, { help, place });
    }
    for (const { text, number } of lines) calls.push(readFixture(path, number, text));
  }
  return calls;
}

/** What is wrong with the lines of the fixture files; no finding repeats a word of a call. */
export async function checkFixtures(tree: Tree): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const path of await fixturePaths(tree, ALL_FIXTURES)) {
    const lines = await readLines(tree, path);
    if ("findings" in lines) {
      findings.push(...lines.findings);
      continue;
    }
    const problems = lines.flatMap(({ text, number }) => lineProblem(path, number, text));
    findings.push(...problems.slice(0, MAX_PROBLEMS));
  }
  return findings;
}

function lineProblem(path: string, number: number, text: string): Finding[] {
  try {
    readFixture(path, number, text);
    return [];
  } catch (error) {
    if (!(error instanceof PhiwardError)) throw error;
    const place = error.place ?? { file: path, line: number, column: 1 };
    const { message, help } = error;
    return [{ rule: "invalid-fixture", severity: "error", message, help, place }];
  }
}

async function fixturePaths(tree: Tree, glob: string): Promise<string[]> {
  const pattern = glob.replace(/^\.\//, "");
  return (await tree.list()).flatMap(({ path, link }) =>
    !link && path.startsWith("fixtures/") && path.endsWith(".jsonl") && matchesGlob(path, pattern)
      ? [path]
      : [],
  );
}

type Lines = readonly { readonly text: string; readonly number: number }[];

async function readLines(
  tree: Tree,
  path: string,
): Promise<Lines | { readonly findings: readonly [Finding, ...Finding[]] }> {
  const decoded = decode(path, await tree.read(path), MAX_FIXTURE_BYTES);
  if ("findings" in decoded) {
    return { findings: decoded.findings as readonly [Finding, ...Finding[]] };
  }
  return decoded.text
    .split("\n")
    .flatMap((text, index) => (text.trim() === "" ? [] : [{ text, number: index + 1 }]));
}
