/** From kinds and values to a call: the arguments and the grant that a person can look at. */
import { InexactNumber, type Received, type ReceivedObject } from "../json/value.ts";
import type { Place, Places } from "./places.ts";
import type { Values } from "./theory.ts";
import { KIND } from "./values.ts";

/** A call, and the attributes of the grant that makes it. */
export interface Witness {
  readonly args: ReceivedObject;
  /** What a free grant has to be; absent where the grant is given. */
  readonly grant?: ReceivedObject;
}

/** In the order of preference where several kinds would do: nothing, then what reads well. */
const PREFERRED = [
  KIND.absent,
  KIND.bad,
  KIND.string,
  KIND.number,
  KIND.true,
  KIND.false,
  KIND.null,
  KIND.object,
  KIND.array,
  KIND.inexact,
] as const;

export function preferredKind(kinds: number): number {
  return PREFERRED.find((kind) => (kinds & kind) !== 0) ?? 0;
}

/** A number that no double holds, for the rare witness that has to have one. */
const INEXACT_TEXT = "9007199254740993";
/** Stands for a member whose name does not matter. */
const OTHER_NAME = "other";

export class WitnessBuilder {
  readonly #values: Values;
  readonly #kindAt: (place: Place) => number;

  constructor(values: Values, kindAt: (place: Place) => number) {
    this.#values = values;
    this.#kindAt = kindAt;
  }

  build({ args, grant }: Places, freeGrant: boolean): Witness {
    const witness = { args: this.#object(args) };
    return freeGrant ? { ...witness, grant: this.#grant(grant) } : witness;
  }

  /** Every grant has an id, a purpose and a principal, whether a condition asks for them or not. */
  #grant(place: Place): ReceivedObject {
    const { principal, ...rest } = this.#object(place);
    return {
      id: "a",
      purpose: "other",
      ...rest,
      principal: { kind: "agent", id: "a", ...(principal as ReceivedObject | undefined) },
    };
  }

  #value(place: Place): Received | undefined {
    const kind = this.#kindAt(place);
    switch (kind) {
      case KIND.null:
        return null;
      case KIND.true:
        return true;
      case KIND.false:
        return false;
      case KIND.inexact:
        return new InexactNumber(INEXACT_TEXT);
      case KIND.string:
        return this.#values.texts.get(place) ?? "a";
      case KIND.number:
        return this.#values.numbers.get(place) ?? 0;
      case KIND.array:
        return this.#array(place);
      case KIND.object:
        return this.#object(place);
      default:
        return undefined;
    }
  }

  #object(place: Place): ReceivedObject {
    const members = new Map<string, Received>();
    const taken = new Set(
      place.children.flatMap(({ step }) => (step?.by === "name" ? [step.name] : [])),
    );
    for (const child of place.children) {
      const value = this.#value(child);
      if (value === undefined) continue;
      let name = child.step?.by === "name" ? child.step.name : OTHER_NAME;
      if (child.step?.by === "other") {
        for (let n = 2; taken.has(name); n++) name = `${OTHER_NAME}${n}`;
        taken.add(name);
      }
      members.set(name, value);
    }
    return Object.fromEntries(members);
  }

  #array(place: Place): readonly Received[] {
    const indexed: Received[] = [];
    const elements: Received[] = [];
    for (const child of place.children) {
      const value = this.#value(child);
      if (value === undefined) continue;
      if (child.step?.by === "index") indexed[child.step.index] = value;
      else elements.push(value);
    }
    const count = Math.max(this.#values.counts.get(place) ?? 0, indexed.length + elements.length);
    const last = elements.length > 0 ? elements.at(-1) : indexed.at(-1);
    // Nothing is asked of an index that is left: a text has neither elements nor members that an
    // "every" could be about.
    for (let i = 0; i < indexed.length; i++) if (indexed[i] === undefined) indexed[i] = "a";
    const all = [...indexed, ...elements];
    while (all.length < count) all.push(last === undefined ? "a" : last);
    return all;
  }
}
