/** Reviews, as the command line, the console and the evidence use them. */
export { type ActivityInput, activityReport } from "./activity.ts";
export type { LogToReview } from "./facts.ts";
export { accessReview, checkDecisions, type Decisions, dated } from "./grants/decide.ts";
export { type GrantRow, grantRegistry } from "./grants/registry.ts";
export { type UnusedReport, unusedGrants } from "./grants/unused.ts";
export { type Use, useSince } from "./grants/use.ts";
export { allPseudonyms, cleanNote } from "./note.ts";
export { type OpeningToReview, openingToReview } from "./opening.ts";
export { endOf, type Period, parsePeriod, periodBetween } from "./period.ts";
export { type ActivityReport, findingsOf, type ReviewFinding } from "./report.ts";
export { mustSign, type Reviewer, reviewerOf, reviewerWith } from "./reviewer.ts";
export { REVIEW_RULES } from "./rules/index.ts";
export { ownFindings } from "./self-review.ts";
export { signAccess, signActivity, signEmergency } from "./sign-off.ts";
export {
  accessSignatures,
  activitySignatures,
  reviewedOpenings,
  signaturesUnder,
} from "./signed.ts";
export { type AdminWords, adminEvent, recordAdmin, type Told } from "./tell.ts";
