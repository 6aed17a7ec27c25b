/** The bars of identities on all nodes, behind the interface that one node's file has. */
import type { Bar } from "../grant/bar.ts";
import { isBar } from "../grant/bar-file-store.ts";
import type { BarStore } from "../grant/bar-store.ts";
import { itemsOf, type KeptForm, keptIn, valuesOf } from "./kept.ts";
import type { Shared } from "./shared.ts";

const FORM: KeptForm<Bar> = {
  kind: "bar",
  word: "a bar",
  isForm: isBar,
  idOf: ({ grant }) => grant,
  order: (a, b) => a.at - b.at || (a.grant < b.grant ? -1 : 1),
};

export function sharedBars(shared: Shared): BarStore {
  const kept = keptIn(shared, FORM);
  return {
    get problem() {
      return kept.problem;
    },
    refresh: kept.refresh,
    of: kept.get,
    list: kept.list,
    change: (plan) =>
      shared.change(FORM.kind, (items) => {
        const { bars, events, result } = plan(valuesOf(items, FORM));
        return { items: itemsOf(bars, FORM), events, result };
      }),
  };
}
