/** A rule by its name, as somebody asks about it who has just seen a finding. */
import { PhiwardError } from "../errors.ts";
import type { Severity } from "../finding.ts";
import { didYouMean } from "../suggest.ts";
import { ruleSections } from "./page.ts";
import { RULES } from "./rules/index.ts";

export interface RuleFacts {
  readonly id: string;
  readonly severities: readonly Severity[];
  readonly summary: string;
  readonly why: string;
  readonly fix: string;
  /** Whether `lint --fix` can mend what it finds. */
  readonly fixable: boolean;
}

export interface RuleExplanation extends RuleFacts {
  /** The page, in Markdown. */
  readonly page: string;
}

export function ruleFacts(): readonly RuleFacts[] {
  return RULES.map(({ id, severity, otherwise = [], summary, why, fix, examples }) => ({
    id,
    severities: [severity, ...otherwise.map((other) => other.severity)],
    summary,
    why,
    fix,
    fixable: examples.fixed !== undefined,
  }));
}

/** Throws `UNKNOWN_NAME` where there is no such rule. */
export function explainRule(id: string): RuleExplanation {
  const rule = RULES.find((one) => one.id === id);
  const facts = ruleFacts().find((one) => one.id === id);
  if (rule === undefined || facts === undefined) {
    throw new PhiwardError("UNKNOWN_NAME", `there is no rule \`${id.slice(0, 60)}\``, {
      help: didYouMean(
        id,
        RULES.map((one) => one.id),
      ),
    });
  }
  return { ...facts, page: [`# ${id}\n`, ...ruleSections(rule)].join("\n") };
}
