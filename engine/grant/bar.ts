/**
 * Bars: what revokes an identity of an issuer. A grant token is struck off its list; a token of an
 * issuer stands on no list of ours, and the next one is fetched in the same second by the same
 * program. So a bar stands until somebody lifts it, and what was issued before is refused for ever.
 */
import { PhiwardError } from "../errors.ts";
import { compareText } from "../finding.ts";
import type { Grant } from "../policy/ir.ts";
import { type AdminEvent, eventId } from "./inbox.ts";
import type { Random } from "./token.ts";

/** Times are epoch milliseconds. */
export interface Bar {
  readonly grant: string;
  readonly at: number;
  readonly by?: string;
  readonly liftedAt?: number;
  readonly liftedBy?: string;
}

/**
 * Whether a token of the grant's identity is refused that was issued at `issuedAt` by a clock that is
 * at most `toleranceMs` from ours. A bar is lifted by a person, or by a grant that was issued anew,
 * which a review approved. Even then only tokens count that were issued after the bar and after it was
 * lifted: whoever held one before could show it again.
 */
export function isBarred(
  bar: Bar | undefined,
  grant: Pick<Grant, "issued">,
  issuedAt: number,
  toleranceMs: number,
): boolean {
  if (bar === undefined) return false;
  const renewed = grant.issued > bar.at ? grant.issued : Number.POSITIVE_INFINITY;
  const lifted = Math.min(renewed, bar.liftedAt ?? Number.POSITIVE_INFINITY);
  // A clock ahead of ours had dated a token after the bar that was issued before it.
  return issuedAt <= Math.max(lifted, bar.at + toleranceMs);
}

/** Whether nobody of the grant gets in, whatever they hold. */
export function stands({ liftedAt }: Bar): boolean {
  return liftedAt === undefined;
}

/** A bar that stands, as a person is shown it. */
export interface ListedBar {
  readonly grant: string;
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly by: string | null;
}

export function listBars(bars: readonly Bar[]): readonly ListedBar[] {
  return bars
    .filter(stands)
    .sort((a, b) => compareText(a.grant, b.grant))
    .map(({ grant, at, by }) => ({ grant, since: new Date(at).toISOString(), by: by ?? null }));
}

/** When and by whom bars are changed. */
export interface BarChange {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by?: string | undefined;
  readonly random: Random;
}

/** What a change leaves behind, the events that tell of it, and its answer. */
export interface BarPlan<Result> {
  readonly bars: readonly Bar[];
  readonly events: readonly AdminEvent[];
  readonly result: Result;
}

export interface Barred {
  readonly bar: Bar;
  /** It stood before; nothing was changed. */
  readonly already: boolean;
}

/** A plan for `BarStore.change`: from `at` on no token of the grant's identity is taken. */
export function barGrant(grant: string, change: BarChange) {
  return (bars: readonly Bar[]): BarPlan<Barred> => {
    const before = bars.find((one) => one.grant === grant);
    if (before !== undefined && stands(before)) {
      return { bars, events: [], result: { bar: before, already: true } };
    }
    const bar: Bar = { grant, at: change.at, ...by(change, "by") };
    return {
      bars: [...bars.filter((one) => one !== before), bar],
      events: [eventOf("identity.barred", grant, change)],
      result: { bar, already: false },
    };
  };
}

/** A plan for `BarStore.change`: tokens that are issued from `at` on are taken. Refuses without a bar. */
export function admitGrant(grant: string, change: BarChange) {
  return (bars: readonly Bar[]): BarPlan<Bar> => {
    const before = bars.find((one) => one.grant === grant && stands(one));
    if (before === undefined) {
      throw new PhiwardError("UNKNOWN_NAME", `the grant \`${grant}\` is not barred`, {
        help: "`phiward token list` shows the bars that stand",
      });
    }
    const bar: Bar = { ...before, liftedAt: change.at, ...by(change, "liftedBy") };
    return {
      bars: bars.map((one) => (one === before ? bar : one)),
      events: [eventOf("identity.admitted", grant, change)],
      result: bar,
    };
  };
}

function by<Key extends string>({ by }: BarChange, key: Key): { readonly [K in Key]?: string } {
  return (by === undefined ? {} : { [key]: by }) as { readonly [K in Key]?: string };
}

function eventOf(action: string, grant: string, { at, by, random }: BarChange): AdminEvent {
  return { event: eventId(at, random), action, at, ...(by === undefined ? {} : { by }), grant };
}
