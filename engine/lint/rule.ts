/** What a lint rule is. One rule is one file in rules/: what it finds, why, its examples, its check. */
import type { Severity } from "../finding.ts";
import { quoted as shortened } from "../policy/path.ts";
import type { Place } from "../source.ts";
import type { LintContext } from "./context.ts";
import type { Fix } from "./fix/change.ts";

/** Path in the repository → text. */
export type Files = Readonly<Record<string, string>>;

/** One thing that a rule found. */
export interface Report {
  /** The exact key or value that a person would change or look at. */
  readonly place: Place;
  /** Lower-case start, no full stop, names in backticks; never the value of a grant's attribute. */
  readonly message: string;
  /** What to write. */
  readonly help: string;
  /** Where it is not the rule's own: one that `otherwise` names. */
  readonly severity?: Severity;
  /** What `lint --fix` may do about it, if a proof shows that no decision changes. */
  readonly fix?: Fix;
}

/** The examples of a rule are its page and its test. */
export interface Examples {
  /** Files that both repositories below have; of a lock the page shows no digest. */
  readonly given?: Files;
  readonly bad: Files;
  /** What lint answers about `bad`, one line each: `file:line:column severity: message`. */
  readonly findings: readonly string[];
  readonly ok: Files;
  /** What `lint --fix` makes of `bad`; absent where the rule has no fix. */
  readonly fixed?: Files;
}

export interface LintRule {
  readonly id: string;
  readonly severity: Severity;
  /** Other severities that its findings may have, and when. */
  readonly otherwise?: readonly { readonly severity: Severity; readonly when: string }[];
  /** One sentence: what it finds. */
  readonly summary: string;
  /** Why that matters, with the section of the regulation or standard where there is one. */
  readonly why: string;
  readonly fix: string;
  readonly examples: Examples;
  check(context: LintContext): Iterable<Report>;
}

/** The time at which the examples are judged. */
export const EXAMPLE_NOW = Date.UTC(2026, 9, 1);

/** How long before a date that ends something lint starts to say so. */
export const NOTICE_DAYS = 30;

/** A name of a file or a server as a message repeats it. */
export function quoted(name: string): string {
  return `\`${shortened(name)}\``;
}
