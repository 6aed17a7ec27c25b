/** The openings of emergency grants on all nodes, behind the interface that one node's file has. */
import type { Opening } from "../emergency/opening.ts";
import { isOpening } from "../emergency/opening-file.ts";
import type { EmergencyStore } from "../emergency/store.ts";
import { itemsOf, type KeptForm, keptIn, valuesOf } from "./kept.ts";
import type { Shared } from "./shared.ts";

const FORM: KeptForm<Opening> = {
  kind: "opening",
  word: "an opening",
  isForm: isOpening,
  idOf: ({ id }) => id,
  order: (a, b) => a.at - b.at || (a.id < b.id ? -1 : 1),
};

export function sharedOpenings(shared: Shared): EmergencyStore {
  const kept = keptIn(shared, FORM);
  return {
    get problem() {
      return kept.problem;
    },
    refresh: kept.refresh,
    live: () =>
      kept.problem === undefined
        ? kept.values.filter(({ closedAt }) => closedAt === undefined)
        : [],
    list: kept.list,
    change: (plan) =>
      shared.change(FORM.kind, (items) => {
        const { openings, result } = plan(valuesOf(items, FORM));
        return { items: itemsOf(openings, FORM), events: [], result };
      }),
  };
}
