/** Where in the files a change stands: in head, or in base when head no longer has it. */
import { canonical, type Json, own } from "../json/value.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { Rules } from "../schema/types.ts";
import type { Located, Pointer } from "../source.ts";
import { type Cell, targetName } from "./sides.ts";

export interface FilePlace {
  readonly file: string;
  readonly line: number;
}

type Side = "base" | "head";

export class Places {
  readonly #sides: Readonly<Record<Side, LoadedRepository>>;

  constructor(base: LoadedRepository, head: LoadedRepository) {
    this.#sides = { base, head };
  }

  grant(id: string, side: Side, key?: string): FilePlace {
    return at(this.#sides[side].grants.get(id)?.located, key === undefined ? [] : [key]);
  }

  server(id: string, pointer: Pointer): FilePlace {
    const file = this.#sides.head.servers.get(id) ?? this.#sides.base.servers.get(id);
    return at(file?.located, pointer);
  }

  /** The first entry of the tool's rules that base does not have, or the tool. */
  cell(cell: Cell): FilePlace {
    const { rules, pointer, located } = this.#rules(cell, "head");
    const before = this.#rules(cell, "base").rules;
    if (located === undefined) return this.#rules(cell, "base").place;
    for (const key of ["require", "deny_if"] as const) {
      const known = new Set(
        (before?.[key] ?? []).map((entry) => canonical(entry as unknown as Json)),
      );
      const index = (rules?.[key] ?? []).findIndex(
        (entry) => !known.has(canonical(entry as unknown as Json)),
      );
      if (index !== -1) return at(located, [...pointer, key, index]);
    }
    return at(located, pointer, "key");
  }

  limits(cell: Cell): FilePlace {
    const { rules, pointer, located, place } = this.#rules(cell, "head");
    return rules?.limits === undefined ? place : at(located, [...pointer, "limits"], "key");
  }

  #rules(
    cell: Cell,
    side: Side,
  ): {
    rules: Rules | undefined;
    pointer: Pointer;
    located: Located<unknown> | undefined;
    place: FilePlace;
  } {
    const { policy } = cell[side];
    const located =
      policy === undefined ? undefined : this.#sides[side].policies.get(policy.name)?.located;
    const section = "tool" in cell.target ? "tools" : "methods";
    const name = targetName(cell.target);
    const rules = own((located?.value[section] ?? {}) as Readonly<Record<string, Rules>>, name);
    const pointer = rules === undefined ? ["default"] : [section, name];
    return { rules, pointer, located, place: at(located, pointer, "key") };
  }
}

export function at(
  located: Located<unknown> | undefined,
  pointer: Pointer,
  part: "key" | "value" = "value",
): FilePlace {
  if (located === undefined) return { file: "", line: 1 };
  const { file, line } = located.place(pointer, part);
  return { file, line };
}
