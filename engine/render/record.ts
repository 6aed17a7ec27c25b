/** What became of a recording. Pure: a report in, text or JSON out. */
import type { Recording, SkippedCount } from "../record/report.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";

export function recordJson(recording: Recording): object {
  return { schema: "phiward.record/1", ...recording };
}

export function recordText(recording: Recording, paint: Paint): string {
  const { file, written, allowed, denied, calls } = recording;
  return [
    `${paint(written > 0 ? "green" : "yellow", written > 0 ? "✓" : "!")} ${plural(calls, "call")}: ${written} written to ${visible(file)} (${allowed} allowed, ${denied} denied)`,
    ...kindOf(recording, paint),
    ...notWritten(recording, paint),
  ].join("\n");
}

function kindOf(
  { values, keysReplaced, written, byKeysAlone }: Recording,
  paint: Paint,
): readonly string[] {
  if (values === "raw") {
    return [
      paint("red", "values are as they were sent: lint refuses this file, so do not commit it"),
    ];
  }
  if (values === "keys") {
    const alone = byKeysAlone ?? 0;
    return [
      "keys are real, values are placeholders",
      `  ${String(alone).padStart(5)} verdicts read names alone, and can be replayed`,
      `  ${String(written - alone).padStart(5)} verdicts read a placeholder: \`simulate\` marks them`,
    ];
  }
  return keysReplaced === 0
    ? ["values are replaced, verdicts are the same"]
    : [
        `values are replaced, and ${plural(keysReplaced, "key")} that nothing names; verdicts are the same`,
      ];
}

function notWritten({ notWritten, skipped, beyondLimit }: Recording, paint: Paint): string[] {
  if (notWritten === 0) return [];
  return [
    paint("yellow", `${plural(notWritten, "call")} not written:`),
    ...columns(
      skipped.map((one) => [`  ${String(one.calls).padStart(5)}`, visible(one.tool), says(one)]),
    ),
    ...(beyondLimit > 0
      ? [`  ${String(beyondLimit).padStart(5)} after the last there was room for`]
      : []),
  ];
}

function says({ why, rule, replacedRule }: SkippedCount): string {
  if (why === "size") return "the line would be too long";
  if (why === "value") return "by chance, a value that was sent stands in a replaced one";
  const named = (name: string): string => (name === "" ? "allowed" : `denied by ${visible(name)}`);
  return `${named(rule)}; with replaced values it would be ${named(replacedRule)}`;
}
