/** What can happen to an opening, as plans for `EmergencyStore.change`. */
import type { ClosedFor, Opening } from "./opening.ts";
import type { OpeningPlan } from "./store.ts";

/** The log holds every opening for ever; the store those that anybody asks for. */
const KEPT = 5_000;

/** Notes what is about to be opened. It is not in force before `confirm`. */
export function announceOpening(opening: Opening) {
  return (openings: readonly Opening[]): OpeningPlan<void> => ({
    openings: [...openings, { ...opening, pending: true as const }].slice(-KEPT),
    result: undefined,
  });
}

/** Puts an opening in force that is on record. False: it was closed meanwhile, or another one is open. */
export function confirmOpening(id: string) {
  return (openings: readonly Opening[]): OpeningPlan<boolean> => {
    const meant = openings.find((one) => one.id === id && isPending(one));
    const taken = openings.some(
      (one) => one.grant === meant?.grant && one.closedAt === undefined && !isPending(one),
    );
    if (meant === undefined || taken) return { openings, result: false };
    const { pending: _, ...open } = meant;
    return { openings: openings.map((one) => (one === meant ? open : one)), result: true };
  };
}

export interface Closing {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by?: string;
  readonly why: ClosedFor;
}

/** Ends an opening. False: it had ended before. */
export function closeOpening(id: string, { at, by, why }: Closing) {
  return (openings: readonly Opening[]): OpeningPlan<boolean> => {
    const meant = openings.find((one) => one.id === id && one.closedAt === undefined);
    if (meant === undefined) return { openings, result: false };
    const { pending: _, ...opening } = meant;
    const closed: Opening = {
      ...opening,
      closedAt: at,
      closedFor: why,
      ...(by === undefined ? {} : { closedBy: by }),
    };
    return { openings: openings.map((one) => (one === meant ? closed : one)), result: true };
  };
}

/** Notes that a person signed for an opening. False: there is none, or somebody had signed before. */
export function reviewOpening(
  id: string,
  { at, by }: { readonly at: number; readonly by: string },
) {
  return (openings: readonly Opening[]): OpeningPlan<boolean> => {
    const meant = openings.find((one) => one.id === id && one.reviewedAt === undefined);
    if (meant === undefined) return { openings, result: false };
    const reviewed: Opening = { ...meant, reviewedAt: at, reviewedBy: by };
    return { openings: openings.map((one) => (one === meant ? reviewed : one)), result: true };
  };
}

export function isPending({ pending, closedAt }: Opening): boolean {
  return pending === true && closedAt === undefined;
}
