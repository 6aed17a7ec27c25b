/** Whether somebody is about to sign a review of themselves: a second person should look at that. */

import { type ActivityReport, findingsOf, type ReviewFinding } from "./report.ts";
import type { Reviewer } from "./reviewer.ts";

/** The findings about the reviewer, or about an agent or a service that they answer for. */
export function ownFindings(
  report: ActivityReport,
  { principal }: Pick<Reviewer, "principal">,
): readonly ReviewFinding[] {
  const own = new Set(
    report.activity.principals
      .filter((row) => row.principal === principal || row.responsible.includes(principal))
      .map((row) => row.principal),
  );
  return findingsOf(report).filter(
    (finding) =>
      finding.principal !== null && (finding.principal === principal || own.has(finding.principal)),
  );
}
