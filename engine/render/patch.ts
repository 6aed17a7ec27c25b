/** A change of a text as a unified diff, as `git apply` and people read it. */

const CONTEXT = 3;
/** Lines times lines that are compared; beyond it a change is shown as one block. */
const MAX_CELLS = 4_000_000;

type Line = readonly [mark: " " | "-" | "+", text: string];

/** Empty where the texts are the same. `path` is relative to where the patch will be applied. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = compareLines(linesOf(before), linesOf(after));
  return [`--- a/${path}`, `+++ b/${path}`, ...hunks(lines)].join("\n");
}

/** The lines with their ends, of which only the last may have none. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compareLines(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++;
  const same = (text: string): Line => [" ", text];
  return [
    ...before.slice(0, start).map(same),
    ...between(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

/** By the longest common subsequence. */
function between(before: readonly string[], after: readonly string[]): Line[] {
  const all: Line[] = [
    ...before.map((text): Line => ["-", text]),
    ...after.map((text): Line => ["+", text]),
  ];
  if (before.length * after.length > MAX_CELLS) return all;
  const common: number[][] = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i]![j] =
        before[i] === after[j]
          ? common[i + 1]![j + 1]! + 1
          : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push([" ", before[i]!]);
      i++;
      j++;
    } else if (
      i < before.length &&
      (j === after.length || common[i + 1]![j]! >= common[i]![j + 1]!)
    ) {
      lines.push(["-", before[i++]!]);
    } else lines.push(["+", after[j++]!]);
  }
  return lines;
}

function hunks(lines: readonly Line[]): string[] {
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(([mark]) => mark !== " "),
  );
  const out: string[] = [];
  let [oldLine, newLine] = [1, 1];
  for (let at = 0; at < lines.length; ) {
    let end = at;
    while (end < lines.length && shown[end] === shown[at]) end++;
    const part = lines.slice(at, end);
    const [olds, news] = [
      part.filter(([m]) => m !== "+").length,
      part.filter(([m]) => m !== "-").length,
    ];
    if (shown[at] === true) {
      out.push(`@@ -${range(oldLine, olds)} +${range(newLine, news)} @@`);
      for (const [mark, text] of part) {
        out.push(mark + text.replace(/\n$/, ""));
        if (!text.endsWith("\n")) out.push("\\ No newline at end of file");
      }
    }
    oldLine += olds;
    newLine += news;
    at = end;
  }
  return out;
}

/** An empty range stands behind the line before it. */
function range(start: number, count: number): string {
  return count === 1 ? `${start}` : `${count === 0 ? start - 1 : start},${count}`;
}
