/** What every answer from a damaged audit log says. */
import type { Problem } from "../audit/index/reader.ts";
import type { Paint } from "./paint.ts";

export function damageLines(problems: readonly Problem[], paint: Paint): string[] {
  if (problems.length === 0) return [];
  return [
    "",
    paint("red", "the log is not what was written, so this answer may lack something:"),
    ...problems.map(({ segment, offset, says }) => `  ${segment}, byte ${offset}: ${says}`),
    `${paint("dim", "help:")} run \`phiward audit verify\``,
  ];
}
