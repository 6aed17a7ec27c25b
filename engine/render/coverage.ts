/** The coverage report, for a terminal and as JSON. */
import type { CoverageReport, CoveredCondition, CoveredRule } from "../coverage/report.ts";
import { type Paint, visible } from "./paint.ts";

export function coverageJson(report: CoverageReport): object {
  const { rules, conditions, coveredRules, coveredConditions } = report;
  return {
    rules,
    conditions,
    uncovered: {
      rules: uncoveredRules(coveredRules).map(({ policy, rule, place }) => ({
        ...place,
        policy,
        rule,
      })),
      conditions: uncoveredConditions(coveredConditions).map((covered) => ({
        ...covered.place,
        policy: covered.policy,
        rule: covered.rule,
        condition: covered.condition,
        missing: covered.missing,
      })),
    },
  };
}

function uncoveredRules(rules: readonly CoveredRule[]): readonly CoveredRule[] {
  return rules.filter(({ decided }) => decided === 0);
}

function uncoveredConditions(conditions: readonly CoveredCondition[]): readonly CoveredCondition[] {
  return conditions.filter(({ missing }) => missing.length > 0);
}

export function coverageText(report: CoverageReport, paint: Paint): string {
  const { rules, conditions, coveredRules, coveredConditions } = report;
  const open = [
    ...uncoveredRules(coveredRules).map(({ place, rule }) => ({
      place,
      says: `no test sees \`${rule}\` decide`,
    })),
    ...uncoveredConditions(coveredConditions).map((covered) => ({
      place: covered.place,
      says: `never seen ${covered.missing.join(" or ")}: \`${covered.condition}\``,
    })),
  ].sort(
    ({ place: a }, { place: b }) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
  const mark = open.length === 0 ? paint("green", "✓") : paint("yellow", "▲");
  return [
    ...open.map(
      ({ place, says }) =>
        `${paint("bold", visible(`${place.file}:${place.line}:${place.column}`))}  ${visible(says)}`,
    ),
    `${mark} coverage: ${paint("bold", `${rules} %`)} of the rules decide, ${paint("bold", `${conditions} %`)} of what the conditions can be is seen`,
  ].join("\n");
}
