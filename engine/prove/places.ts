/**
 * Places: where in a call, or in a grant, a value can stand.
 *
 * A question mentions finitely many places, as a tree: `args`, `args.ids`, `args.ids[0]`. Values
 * that nothing mentions cannot matter. What a quantifier ranges over becomes places as well, see
 * elements.ts: unnamed elements of an array, and members of an object under some other name.
 */
import { BOOLEAN, KIND, PRESENT, SCALAR } from "./values.ts";

export type Root = "args" | "grant";

export type Step =
  | { readonly by: "name"; readonly name: string }
  | { readonly by: "index"; readonly index: number }
  /** Some element; which one is left open. */
  | { readonly by: "element"; readonly number: number }
  /** Some member whose name is none of those that are mentioned. */
  | { readonly by: "other"; readonly number: number };

export class Place {
  readonly id: number;
  readonly root: Root;
  readonly parent: Place | undefined;
  readonly step: Step | undefined;
  /** Kinds that can stand here at all. */
  readonly domain: number;
  readonly children: Place[] = [];
  readonly #byStep = new Map<string, Place>();
  readonly #places: Place[];

  constructor(
    places: Place[],
    root: Root,
    domain: number,
    parent: Place | undefined,
    step: Step | undefined,
  ) {
    this.#places = places;
    this.id = places.push(this) - 1;
    this.root = root;
    this.domain = domain;
    this.parent = parent;
    this.step = step;
  }

  get depth(): number {
    return this.parent === undefined ? 0 : this.parent.depth + 1;
  }

  /** The place one step further; always the same one for the same step. */
  child(step: Step): Place {
    const key = step.by === "name" ? `.${step.name}` : `${step.by} ${indexOf(step)}`;
    let place = this.#byStep.get(key);
    if (place === undefined) {
      place = new Place(this.#places, this.root, domainOf(this, step), this, step);
      this.#byStep.set(key, place);
      this.children.push(place);
    }
    return place;
  }

  at(steps: readonly (string | number)[]): Place {
    let place: Place = this;
    for (const step of steps) {
      place = place.child(
        typeof step === "string" ? { by: "name", name: step } : { by: "index", index: step },
      );
    }
    return place;
  }

  toString(): string {
    if (this.parent === undefined || this.step === undefined) return this.root;
    switch (this.step.by) {
      case "name":
        return /^[A-Za-z_][\w-]*$/.test(this.step.name)
          ? `${this.parent}.${this.step.name}`
          : `${this.parent}[${JSON.stringify(this.step.name)}]`;
      case "index":
        return `${this.parent}[${this.step.index}]`;
      case "element":
        return `${this.parent}[*]`;
      case "other":
        return `${this.parent}.*`;
    }
  }
}

function indexOf(step: Exclude<Step, { readonly by: "name" }>): number {
  return step.by === "index" ? step.index : step.number;
}

/** What `step` needs its parent to be. */
export function neededKind(step: Step): number {
  return step.by === "name" || step.by === "other" ? KIND.object : KIND.array;
}

/**
 * The kinds that a child can have. A grant is not JSON at large: attributes are scalars or lists of
 * scalars, and the reserved names have the types that a grant file gives them.
 */
function domainOf(parent: Place, step: Step): number {
  if (step.by === "element" || step.by === "other") {
    return KIND.absent | (parent.root === "grant" ? SCALAR : PRESENT);
  }
  const needed = neededKind(step);
  const none =
    ((parent.domain & needed) !== 0 || (parent.domain & KIND.absent) !== 0 ? KIND.absent : 0) |
    ((parent.domain & ~(needed | KIND.absent)) !== 0 ? KIND.bad : 0);
  if ((parent.domain & needed) === 0) return none;
  if (parent.root === "args") return none | PRESENT;
  if (step.by === "index") return none | SCALAR;
  if (parent.parent === undefined) {
    if (step.name === "id" || step.name === "purpose") return KIND.string;
    if (step.name === "principal") return KIND.object;
    return KIND.absent | BOOLEAN | KIND.number | KIND.string | KIND.array;
  }
  if (step.name === "kind" || step.name === "id") return KIND.string;
  return step.name === "responsible" ? KIND.absent | KIND.string : KIND.absent;
}

/** Every place that one question mentions. */
export class Places {
  readonly all: Place[] = [];
  readonly args = new Place(this.all, "args", KIND.object, undefined, undefined);
  readonly grant = new Place(this.all, "grant", KIND.object, undefined, undefined);
}
