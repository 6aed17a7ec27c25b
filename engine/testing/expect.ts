/** Whether decisions are what a case expects of them, and if not, in which words that is said. */
import type { Call } from "../decide/call.ts";
import type { Decision } from "../decide/decide.ts";
import type { ExpectedVerdict } from "../schema/types.ts";

/** What an expectation asks for, in one form. */
export interface Wanted {
  readonly verdict?: "allow" | "deny" | undefined;
  readonly rule?: string | undefined;
  readonly ephi?: boolean | undefined;
  readonly effect?: string | undefined;
  readonly allowed?: number | undefined;
  readonly denied?: number | undefined;
  readonly first?: ExpectedVerdict | undefined;
  readonly last?: ExpectedVerdict | undefined;
}

/** Whether the expectation counts, or speaks of the ends: of a sequence only. */
export function speaksOfSequence({ allowed, denied, first, last }: Wanted): boolean {
  return (allowed ?? denied ?? first ?? last) !== undefined;
}

/** Decisions of a sequence, counted; a hundred thousand of them need not be kept. */
export class Tally {
  allowed = 0;
  denied = 0;
  first: Decision | undefined;
  last: Decision | undefined;
  lastDenied: Decision | undefined;
  lastCall: Call | undefined;

  add(call: Call, decision: Decision): void {
    this.lastCall = call;
    if (decision.verdict === "allow") this.allowed++;
    else {
      this.denied++;
      this.lastDenied = decision;
    }
    this.first ??= decision;
    this.last = decision;
  }
}

/** What differs from what was wanted; undefined where nothing does. */
export function mismatch(wanted: Wanted, tally: Tally): string | undefined {
  const { allowed, denied, first, last, lastDenied } = tally;
  if (wanted.allowed !== undefined && wanted.allowed !== allowed)
    return `expected ${wanted.allowed} allowed, got ${allowed}`;
  if (wanted.denied !== undefined && wanted.denied !== denied)
    return `expected ${wanted.denied} denied, got ${denied}`;
  // A bare verdict speaks of every call of a sequence; with counts or ends it speaks of the last.
  const counted = speaksOfSequence(wanted);
  if (!counted && wanted.verdict === "allow" && denied > 0)
    return `expected allow, got deny by ${lastDenied!.rule}: ${lastDenied!.reason}`;
  if (!counted && wanted.verdict === "deny" && allowed > 0) return "expected deny, got allow";
  return (
    verdictMismatch("the first call: ", wanted.first, first!) ??
    verdictMismatch("the last call: ", wanted.last, last!) ??
    verdictMismatch("", wanted, last!)
  );
}

function verdictMismatch(
  prefix: string,
  wanted: Wanted | undefined,
  got: Decision,
): string | undefined {
  if (wanted === undefined) return undefined;
  const by = (rule: string | undefined): string =>
    rule === undefined || rule === "" ? "" : ` by ${rule}`;
  if (
    (wanted.verdict !== undefined && wanted.verdict !== got.verdict) ||
    (wanted.rule !== undefined && wanted.rule !== got.rule)
  ) {
    const expected = `${wanted.verdict ?? (wanted.rule === "" ? "allow" : "deny")}${by(wanted.rule)}`;
    return `${prefix}expected ${expected}, got ${got.verdict}${by(got.rule)}${got.verdict === "deny" ? `: ${got.reason}` : ""}`;
  }
  if (wanted.ephi !== undefined && wanted.ephi !== got.ephi)
    return `${prefix}expected ephi ${wanted.ephi}, got ${got.ephi}`;
  if (wanted.effect !== undefined && wanted.effect !== got.effect)
    return `${prefix}expected effect ${wanted.effect}, got ${got.effect}`;
  return undefined;
}
