/** Every attack on a release that must be refused, by family. The quick ones come first. */
import type { Family } from "./attack.ts";
import { CARRIED } from "./carried.ts";
import { FRESHNESS } from "./freshness.ts";
import { HALTS } from "./halts.ts";
import { OFFICERS } from "./officers.ts";
import { PLACES } from "./places.ts";
import { REPOSITORIES } from "./repositories.ts";
import { ROOTS } from "./roots.ts";
import { SIGNATURES } from "./signatures.ts";
import { SSH } from "./ssh.ts";
import { STATES } from "./states.ts";
import { TEXTS } from "./texts.ts";

export const FAMILIES: readonly Family[] = [
  SIGNATURES,
  SSH,
  PLACES,
  TEXTS,
  ROOTS,
  FRESHNESS,
  HALTS,
  CARRIED,
  STATES,
  OFFICERS,
  REPOSITORIES,
];
