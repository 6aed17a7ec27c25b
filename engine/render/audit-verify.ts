/** Whether the audit log is whole, and on whose word. */
import type { Problem } from "../audit/verify/problem.ts";
import type { Verification } from "../audit/verify/verify.ts";
import { type Paint, plural, visible } from "./paint.ts";

/** Whose public key judged the signatures. */
export type KeySource = "given" | "own" | "none";

export function verifyJson(verification: Verification, key: KeySource): object {
  return {
    schema: "phiward.audit-verify/1",
    ...verification,
    key,
    problems: verification.problems.map(({ segment, ...rest }) => ({
      ...rest,
      segment: rest.kind === "archive" ? "manifest.json" : fileOf(segment),
    })),
  };
}

/** As the log names its files. */
function fileOf(segment: number): string {
  return `${String(segment).padStart(10, "0")}.jsonl`;
}

export function verifyText(verification: Verification, key: KeySource, paint: Paint): string {
  const { verdict, records, segments, first, last, problems, problemCount } = verification;
  const lines = problems.flatMap((problem) => problemLines(problem, paint));
  if (problemCount > problems.length) {
    lines.push(paint("dim", `  … and ${problemCount - problems.length} more`));
  }
  if (lines.length > 0) lines.push("");
  const mark = verdict === "whole" ? paint("green", "✓ whole") : paint("red", "✗ broken");
  const span = first === null || last === null ? "" : `, ${first.at} to ${last.at}`;
  lines.push(
    `${mark}: ${plural(records, "record")} in ${plural(segments, "segment")}${span}`,
    ...trustLines(verification, key).map((line) => `  ${line}`),
  );
  return lines.join("\n");
}

function problemLines({ kind, segment, line, offset, says }: Problem, paint: Paint): string[] {
  if (kind === "archive") return [`${paint("red", kind)}  ${visible(says)}`];
  const place = paint("bold", `${fileOf(segment)}:${line}`);
  return [
    `${place}  ${paint(kind === "torn" ? "yellow" : "red", kind)}  ${visible(says)}  ${paint("dim", `byte ${offset}`)}`,
  ];
}

/** What the verdict rests on, and what it cannot say. */
function trustLines({ checkpoints, origin, archived }: Verification, key: KeySource): string[] {
  const { inLog, verified, unverified, witnesses } = checkpoints;
  const kept = witnesses.filter(({ external }) => external);
  const signatures =
    key === "none"
      ? `${plural(unverified, "signature")} not checked: no public key is here; give one with --public-key`
      : `${plural(verified, "signature")} checked with ${key === "given" ? "the key that was given" : "the log's own key, which is its own word: give one that was kept elsewhere with --public-key"}`;
  return [
    `chain ${origin === null ? "without its beginning" : visible(origin)}, ${plural(inLog, "checkpoint")}`,
    ...(archived === null
      ? []
      : [
          `records up to ${archived.to} were archived on ${archived.at.slice(0, 10)}: verify that archive too, manifest sha256:${archived.manifest}`,
        ]),
    signatures,
    ...kept.map(({ name, agreed }) => `${visible(name)}: ${plural(agreed, "checkpoint")} agreed`),
    ...(kept.length === 0
      ? [
          "nothing outside the folder was asked: give checkpoints that were kept elsewhere with --checkpoint",
        ]
      : []),
  ];
}
