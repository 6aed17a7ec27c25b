/** What `lint --fix` did, and what it left. */
import type { FixReport } from "../lint/fix/fix.ts";
import { type Paint, plural, visible } from "./paint.ts";
import { unifiedDiff } from "./patch.ts";

export function fixJson({ done, left, files }: FixReport, written: boolean): object {
  return {
    written,
    fixed: done.map(({ rule, place, what }) => ({ rule, ...place, what })),
    left: left.map(({ rule, place, what, why }) => ({ rule, ...place, what, why })),
    files: [...files].map(([file, { before, after }]) => ({
      file,
      diff: unifiedDiff(file, before, after),
    })),
  };
}

/** With the diff where nothing is written: it is what the person asked to see. */
export function fixText({ done, left, files }: FixReport, written: boolean, paint: Paint): string {
  const lines: string[] = [];
  if (!written) {
    for (const [file, { before, after }] of files) {
      lines.push(
        ...unifiedDiff(file, before, after)
          .split("\n")
          .map((line) => coloured(line, paint)),
        "",
      );
    }
  }
  for (const { rule, place, what } of done) {
    const at = `${place.file}:${place.line}`;
    lines.push(
      `${paint("green", written ? "fixed" : "would fix")}  ${paint("bold", visible(at))}  ${visible(what)}  ${paint("dim", rule)}`,
    );
  }
  for (const { rule, place, what, why } of left) {
    const at = `${place.file}:${place.line}`;
    lines.push(
      `${paint("yellow", "left")}  ${paint("bold", visible(at))}  ${visible(what)}: ${visible(why)}  ${paint("dim", rule)}`,
    );
  }
  const did = written ? "made" : "would be made";
  lines.push(
    done.length === 0
      ? "nothing to fix"
      : `${plural(done.length, "change")} ${did} in ${plural(files.size, "file")}; no decision changes, by proof`,
  );
  return lines.join("\n");
}

function coloured(line: string, paint: Paint): string {
  const shown = visible(line);
  if (/^(---|\+\+\+|@@)/.test(line)) return paint("dim", shown);
  return line.startsWith("-")
    ? paint("red", shown)
    : line.startsWith("+")
      ? paint("green", shown)
      : shown;
}
