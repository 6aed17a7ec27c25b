/** Every rule, in the order of its page. A rule that is not in this list does not run. */
import type { LintRule } from "../rule.ts";
import { alwaysTrue } from "./always-true.ts";
import { argumentType } from "./argument-type.ts";
import { bulkWithoutSubjectLimit } from "./bulk-without-subject-limit.ts";
import { constantCondition } from "./constant-condition.ts";
import { deadRule } from "./dead-rule.ts";
import { denyIfOptional } from "./deny-if-optional.ts";
import { destructiveReachable } from "./destructive-reachable.ts";
import { emergencyOpeners } from "./emergency-openers.ts";
import { emptyAccess } from "./empty-access.ts";
import { ephiDefaultAllow } from "./ephi-default-allow.ts";
import { ephiOpenArguments } from "./ephi-open-arguments.ts";
import { ephiWithoutLimit } from "./ephi-without-limit.ts";
import { expiredSkip } from "./expired-skip.ts";
import { grantExpiry } from "./grant-expiry.ts";
import { grantResponsible } from "./grant-responsible.ts";
import { grantReview } from "./grant-review.ts";
import { idleLimit } from "./idle-limit.ts";
import { impossibleMember } from "./impossible-member.ts";
import { invariant } from "./invariant.ts";
import { missingBaa } from "./missing-baa.ts";
import { missingLock } from "./missing-lock.ts";
import { monitorMode } from "./monitor-mode.ts";
import { negatedOperator } from "./negated-operator.ts";
import { noApprovers } from "./no-approvers.ts";
import { patientData } from "./patient-data.ts";
import { patientInHeader } from "./patient-in-header.ts";
import { patientInPolicy } from "./patient-in-policy.ts";
import { plainPattern } from "./plain-pattern.ts";
import { redundantRule } from "./redundant-rule.ts";
import { repeatedMember } from "./repeated-member.ts";
import { selfReview } from "./self-review.ts";
import { sqlRegexOnly } from "./sql-regex-only.ts";
import { suiteWithoutDenial } from "./suite-without-denial.ts";
import { suppression } from "./suppression.ts";
import { unanchoredPattern } from "./unanchored-pattern.ts";
import { unknownArgument } from "./unknown-argument.ts";
import { unknownAttribute } from "./unknown-attribute.ts";
import { unknownReference } from "./unknown-reference.ts";
import { unknownTool } from "./unknown-tool.ts";
import { unlabelledTool } from "./unlabelled-tool.ts";
import { unreachableTool } from "./unreachable-tool.ts";
import { unusableSchema } from "./unusable-schema.ts";
import { unusedPolicy } from "./unused-policy.ts";

export const RULES: readonly LintRule[] = [
  alwaysTrue,
  argumentType,
  bulkWithoutSubjectLimit,
  constantCondition,
  deadRule,
  denyIfOptional,
  destructiveReachable,
  emergencyOpeners,
  emptyAccess,
  ephiDefaultAllow,
  ephiOpenArguments,
  ephiWithoutLimit,
  expiredSkip,
  grantExpiry,
  grantResponsible,
  grantReview,
  idleLimit,
  impossibleMember,
  invariant,
  missingBaa,
  missingLock,
  monitorMode,
  negatedOperator,
  noApprovers,
  patientData,
  patientInHeader,
  patientInPolicy,
  plainPattern,
  redundantRule,
  repeatedMember,
  selfReview,
  sqlRegexOnly,
  suiteWithoutDenial,
  suppression,
  unanchoredPattern,
  unknownArgument,
  unknownAttribute,
  unknownReference,
  unknownTool,
  unlabelledTool,
  unreachableTool,
  unusableSchema,
  unusedPolicy,
];
