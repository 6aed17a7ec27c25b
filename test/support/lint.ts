/** Lints a repository of a few texts. */
import type { Finding } from "../../engine/finding.ts";
import { type LintReport, lint } from "../../engine/lint/lint.ts";
import { EXAMPLE_NOW, type Files } from "../../engine/lint/rule.ts";
import { load } from "../../engine/policy/load.ts";
import { memoryTree } from "./tree.ts";

export async function lintOf(files: Files, now = EXAMPLE_NOW): Promise<LintReport> {
  return lint(await load(memoryTree(files)), now);
}

/** The findings of one rule, in a repository that loads without an error. */
export async function findingsOf(
  files: Files,
  { rule, now = EXAMPLE_NOW }: { rule: string; now?: number },
): Promise<Finding[]> {
  const loaded = await load(memoryTree(files));
  if (loaded.findings.length > 0) {
    throw new Error(`the example does not load: ${loaded.findings.map(lineOf).join("; ")}`);
  }
  return lint(loaded, now).findings.filter((finding) => finding.rule === rule);
}

/** `file:line:column severity: message`. */
export function lineOf({ place, severity, message }: Finding): string {
  return `${place.file}:${place.line}:${place.column} ${severity}: ${message}`;
}
