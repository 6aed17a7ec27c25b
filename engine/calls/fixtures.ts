/** Recorded calls of a tree: fixtures/**\/*.jsonl, one call a line. */
import { matchesGlob } from "node:path";
import { PhiwardError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { Tree } from "../host/tree.ts";
import { MAX_PROBLEMS } from "../policy/limits.ts";
import { type RecordedCall, readFixture } from "./calls.ts";
import { type Line, readLines } from "./lines.ts";

export const ALL_FIXTURES = "fixtures/**/*.jsonl";

/** Some calls in the order of their lines, and what is wrong with the lines between them. */
export interface FixtureBlock {
  readonly calls: readonly RecordedCall[];
  readonly findings: readonly Finding[];
}

/** The fixture files that match, in the order of their names. */
export async function fixtureFiles(tree: Tree, glob: string = ALL_FIXTURES): Promise<string[]> {
  const pattern = glob.replace(/^\.\//, "");
  return (await tree.list()).flatMap(({ path, link }) =>
    !link && path.startsWith("fixtures/") && path.endsWith(".jsonl") && matchesGlob(path, pattern)
      ? [path]
      : [],
  );
}

/** Every call of these files, block by block. No finding repeats a word of a call. */
export async function* streamFixtures(
  tree: Tree,
  paths: readonly string[],
): AsyncGenerator<FixtureBlock> {
  for (const path of paths) {
    let listed = 0;
    for await (const piece of readLines(tree, path)) {
      const block = "findings" in piece ? { calls: [], ...piece } : readBlock(path, piece.lines);
      const findings = block.findings.slice(0, MAX_PROBLEMS - listed);
      listed += findings.length;
      yield { calls: block.calls, findings };
    }
  }
}

/** The same, for who needs every call or none: throws where nothing matches, and at the first problem. */
export async function* eachFixture(
  tree: Tree,
  glob: string = ALL_FIXTURES,
): AsyncGenerator<readonly RecordedCall[]> {
  const paths = await fixtureFiles(tree, glob);
  if (paths.length === 0) {
    throw new PhiwardError("NO_FIXTURES", `no fixture matches \`${glob.slice(0, 200)}\``);
  }
  for await (const { calls, findings } of streamFixtures(tree, paths)) {
    const [first] = findings;
    if (first !== undefined) {
      const { message, help, place } = first;
      throw new PhiwardError("INVALID_INPUT", message, { help, place });
    }
    yield calls;
  }
}

/** Every call of the files that match, at once. */
export async function loadFixtures(tree: Tree, glob?: string): Promise<RecordedCall[]> {
  const calls: RecordedCall[] = [];
  for await (const block of eachFixture(tree, glob)) for (const call of block) calls.push(call);
  return calls;
}

/** What is wrong with the lines of the fixture files. */
export async function checkFixtures(tree: Tree): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const block of streamFixtures(tree, await fixtureFiles(tree))) {
    findings.push(...block.findings);
  }
  return findings;
}

function readBlock(path: string, lines: readonly Line[]): FixtureBlock {
  const calls: RecordedCall[] = [];
  const findings: Finding[] = [];
  for (const { text, number } of lines) {
    const read = readLine(path, number, text);
    if ("message" in read) findings.push(read);
    else calls.push(read);
  }
  return { calls, findings };
}

function readLine(path: string, number: number, text: string): RecordedCall | Finding {
  try {
    return readFixture(path, number, text);
  } catch (error) {
    if (!(error instanceof PhiwardError)) throw error;
    const place = error.place ?? { file: path, line: number, column: 1 };
    const { message, help } = error;
    return { rule: "invalid-fixture", severity: "error", message, help, place };
  }
}
