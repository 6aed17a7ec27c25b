/**
 * Coverage in LCOV's form (geninfo(1), "FILES"), which editors and build servers show beside the
 * source. Lines are those of the policy's file: of a rule, how many calls it decided; of a condition,
 * how often it was judged. Its branches are true, false and undetermined; a value that is proved to be
 * impossible is no branch.
 */
import type { CoverageReport, CoveredCondition } from "../coverage/report.ts";

/** Branch 0, 1 and 2 of a condition. */
const TRUTHS = ["true", "false", "undetermined"] as const;

/** `from` puts the folder of the policy repository before the files' names. */
export function lcov(report: CoverageReport, from = ""): string {
  const files = [...report.coveredRules, ...report.coveredConditions].map(
    ({ place }) => place.file,
  );
  return [...new Set(files)]
    .sort()
    .map((file) => record(report, file, from))
    .join("");
}

function record(report: CoverageReport, file: string, from: string): string {
  const here = <T extends { readonly place: { readonly file: string } }>(
    parts: readonly T[],
  ): T[] => parts.filter(({ place }) => place.file === file);
  const conditions = here(report.coveredConditions);
  const lines = linesOf([
    ...here(report.coveredRules).map(({ place, decided }) => ({ line: place.line, hits: decided })),
    ...conditions.map(({ place, seen }) => ({
      line: place.line,
      hits: TRUTHS.reduce((sum, truth) => sum + seen[truth], 0),
    })),
  ]);
  const branches = conditions.flatMap(branchesOf);
  return [
    "TN:",
    `SF:${from}${file}`,
    ...branches.map(({ text }) => text),
    `BRF:${branches.length}`,
    `BRH:${branches.filter(({ hit }) => hit).length}`,
    ...lines.map(([line, hits]) => `DA:${line},${hits}`),
    `LF:${lines.length}`,
    `LH:${lines.filter(([, hits]) => hits > 0).length}`,
    "end_of_record",
    "",
  ].join("\n");
}

/** A line with several parts is hit as often as the least of them. */
function linesOf(
  parts: readonly { readonly line: number; readonly hits: number }[],
): [line: number, hits: number][] {
  const least = new Map<number, number>();
  for (const { line, hits } of parts) least.set(line, Math.min(hits, least.get(line) ?? hits));
  return [...least].sort(([a], [b]) => a - b);
}

function branchesOf({ place, seen, impossible }: CoveredCondition): {
  text: string;
  hit: boolean;
}[] {
  const judged = TRUTHS.some((truth) => seen[truth] > 0);
  return TRUTHS.filter((truth) => !impossible.includes(truth)).map((truth) => ({
    // "-" says that the condition was never judged at all. Several conditions of a line differ by column.
    text: `BRDA:${place.line},${place.column},${TRUTHS.indexOf(truth)},${judged ? seen[truth] : "-"}`,
    hit: seen[truth] > 0,
  }));
}
