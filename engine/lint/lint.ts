/** Runs every rule over a loaded repository, and leaves out what is suppressed for a time. */
import { type Finding, sortFindings } from "../finding.ts";
import type { LoadedRepository } from "../policy/load.ts";
import { lintContext } from "./context.ts";
import type { Fix } from "./fix/change.ts";
import { RULES } from "./rules/index.ts";
import { isSuppressed } from "./suppress.ts";

export interface LintReport {
  /** What loading found, which cannot be suppressed, and what the rules found; sorted. */
  readonly findings: readonly Finding[];
  /** How many findings phiward.yaml suppresses. */
  readonly suppressed: number;
  /** How many files were judged. */
  readonly files: number;
  /** What `lint --fix` may try; see fix/fix.ts. */
  readonly proposals: readonly Proposal[];
}

/** A finding that a rule knows how to mend. */
export interface Proposal extends Finding {
  readonly fix: Fix;
}

/** `now`, in epoch milliseconds, is the time at which dates are judged. */
export function lint(loaded: LoadedRepository, now: number): LintReport {
  const context = lintContext(
    loaded,
    now,
    RULES.map(({ id }) => id),
  );
  const found = new Map<string, Finding>();
  const fixes = new Map<Finding, Fix>();
  for (const { id, severity, check } of RULES) {
    for (const { fix, ...report } of check(context)) {
      const finding: Finding = { rule: id, severity, ...report };
      const { file, line, column } = finding.place;
      // Two servers can be the reason for one and the same sentence.
      found.set(JSON.stringify([id, file, line, column, finding.message]), finding);
      if (fix !== undefined) fixes.set(finding, fix);
    }
  }
  const suppressions = loaded.project?.value.suppress ?? [];
  const all = [...found.values()];
  const shown = all.filter((finding) => !isSuppressed(finding, suppressions, now));
  return {
    findings: sortFindings([...loaded.findings, ...shown]),
    suppressed: all.length - shown.length,
    files: filesOf(loaded),
    proposals: sortFindings(shown).flatMap((finding) => {
      const fix = fixes.get(finding);
      return fix === undefined ? [] : [{ ...finding, fix }];
    }),
  };
}

function filesOf(loaded: LoadedRepository): number {
  const { project, policies, servers, locks, grants, tests, findings } = loaded;
  const located = [policies, servers, locks, grants].flatMap((files) =>
    [...files.values()].map((file) => file.located.file),
  );
  return new Set([
    ...located,
    ...tests.map(({ file }) => file),
    ...(project === undefined ? [] : [project.file]),
    ...findings.map(({ place }) => place.file),
  ]).size;
}
