/** Where something stands in a file. Offsets are carried from the start and made readable last. */

/** A place for people: `line` and `column` start at 1; a column counts UTF-16 code units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Steps from a document's root: property names and array indices. */
export type Pointer = readonly (string | number)[];

/** RFC 6901. */
export function formatPointer(pointer: Pointer): string {
  return pointer.map((step) => `/${escapeStep(String(step))}`).join("");
}

/** One step of a JSON Pointer: `~` becomes `~0` and `/` becomes `~1` (RFC 6901 §3). */
export function escapeStep(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Turns offsets of a text into lines and columns. */
export class LineMap {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  at(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }
}

/** A parsed file: its value, and the place of each part of it. */
export interface Located<T> {
  readonly file: string;
  readonly value: T;
  /**
   * The place of the value at `pointer`, or of its key. A pointer to something that is not in the
   * file answers with the place of its nearest ancestor that is.
   */
  place(pointer: Pointer, part?: "key" | "value"): Place;
}
