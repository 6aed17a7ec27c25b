/** Every rule, in the order of its page. A rule that is not in this list does not run. */
import type { LintRule } from "../rule.ts";
import { alwaysTrue } from "./always-true.ts";
import { argumentType } from "./argument-type.ts";
import { bulkWithoutSubjectLimit } from "./bulk-without-subject-limit.ts";
import { constantCondition } from "./constant-condition.ts";
import { deadRule } from "./dead-rule.ts";
import { denyIfOptional } from "./deny-if-optional.ts";
import { destructiveReachable } from "./destructive-reachable.ts";
import { ephiDefaultAllow } from "./ephi-default-allow.ts";
import { ephiOpenArguments } from "./ephi-open-arguments.ts";
import { ephiWithoutLimit } from "./ephi-without-limit.ts";
import { expiredSkip } from "./expired-skip.ts";
import { grantExpiry } from "./grant-expiry.ts";
import { grantResponsible } from "./grant-responsible.ts";
import { grantReview } from "./grant-review.ts";
import { invariant } from "./invariant.ts";
import { missingBaa } from "./missing-baa.ts";
import { missingLock } from "./missing-lock.ts";
import { noApprovers } from "./no-approvers.ts";
import { patientInPolicy } from "./patient-in-policy.ts";
import { redundantRule } from "./redundant-rule.ts";
import { sqlRegexOnly } from "./sql-regex-only.ts";
import { suppression } from "./suppression.ts";
import { unknownArgument } from "./unknown-argument.ts";
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
  ephiDefaultAllow,
  ephiOpenArguments,
  ephiWithoutLimit,
  expiredSkip,
  grantExpiry,
  grantResponsible,
  grantReview,
  invariant,
  missingBaa,
  missingLock,
  noApprovers,
  patientInPolicy,
  redundantRule,
  sqlRegexOnly,
  suppression,
  unknownArgument,
  unknownReference,
  unknownTool,
  unlabelledTool,
  unreachableTool,
  unusableSchema,
  unusedPolicy,
];
