/** The rules of the activity review, in the order of their page. */
import type { ReviewRule } from "../rule.ts";
import { bulkRead } from "./bulk-read.ts";
import { noResponsible, onlyWatched, staleRelease } from "./calls.ts";
import { deniedBurst } from "./denied-burst.ts";
import { endedToken } from "./ended-token.ts";
import { damagedLog, recoveredTail, silentNode, uncleanStop } from "./log.ts";
import { newDenials } from "./new-denials.ts";
import { oddHours } from "./odd-hours.ts";
import {
  driftedServer,
  emergencyStop,
  quarantinedTool,
  refusedRelease,
  rolledBack,
} from "./policy.ts";
import { unknownToken } from "./unknown-token.ts";

export const REVIEW_RULES: readonly ReviewRule[] = [
  bulkRead,
  oddHours,
  endedToken,
  deniedBurst,
  unknownToken,
  noResponsible,
  staleRelease,
  onlyWatched,
  newDenials,
  damagedLog,
  recoveredTail,
  uncleanStop,
  silentNode,
  refusedRelease,
  emergencyStop,
  quarantinedTool,
  driftedServer,
  rolledBack,
];
