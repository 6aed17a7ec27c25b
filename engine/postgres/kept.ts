/** The items of one kind, as values of their form. One of another form may be forged: then none counts. */
import { PhiwardError } from "../errors.ts";
import type { Items, Shared } from "./shared.ts";

export interface Kept<T> {
  readonly problem: string | undefined;
  /** Whether the view has changed since this was asked last. */
  refresh(): boolean;
  /** Sorted; whatever the problem. */
  readonly values: readonly T[];
  get(id: string): T | undefined;
  /** Throws STORE_UNAVAILABLE when there is a problem. */
  list(): readonly T[];
}

export interface KeptForm<T> {
  readonly kind: string;
  /** One of them, for a person. */
  readonly word: string;
  isForm(body: unknown): body is T;
  /** The id under which it is kept. */
  idOf(value: T): string;
  order(a: T, b: T): number;
}

export function keptIn<T>(shared: Shared, form: KeptForm<T>): Kept<T> {
  let seen = -1;
  let values: readonly T[] = [];
  let items: Items = new Map();
  let damaged = false;

  function refresh(): boolean {
    if (seen === shared.revision) return false;
    seen = shared.revision;
    if (items === shared.items(form.kind)) return false;
    items = shared.items(form.kind);
    damaged = ![...items].every(([id, body]) => form.isForm(body) && form.idOf(body) === id);
    values = valuesOf(items, form);
    return true;
  }

  function problem(): string | undefined {
    refresh();
    const says = `${form.word} in the database is not of the right form`;
    return shared.problem ?? (damaged ? says : undefined);
  }

  return {
    get problem() {
      return problem();
    },
    refresh,
    get values() {
      refresh();
      return values;
    },
    get(id) {
      refresh();
      return items.get(id) as T | undefined;
    },
    list() {
      const why = problem();
      if (why !== undefined) throw new PhiwardError("STORE_UNAVAILABLE", why);
      return values;
    },
  };
}

/** For a plan, which sees what is in the database at that moment. */
export function valuesOf<T>(items: Items, { order }: KeptForm<T>): readonly T[] {
  return ([...items.values()] as T[]).sort(order);
}

export function itemsOf<T>(values: readonly T[], { idOf }: KeptForm<T>): Items {
  return new Map(values.map((value) => [idOf(value), value]));
}
