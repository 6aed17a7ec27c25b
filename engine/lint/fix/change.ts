/** What a fix does to the values of a file. How its text then reads is decided in edits.ts. */
import type { Scalar } from "../../policy/ir.ts";
import type { Pointer } from "../../source.ts";

/** The value at a pointer, or a member of a list or a mapping, as it should be. */
export type Change =
  | { readonly file: string; readonly pointer: Pointer; readonly do: "remove" }
  | {
      readonly file: string;
      readonly pointer: Pointer;
      readonly do: "set";
      readonly value: Scalar | readonly Scalar[];
    };

export interface Fix {
  /** In the imperative, with a lower-case start: "remove `require/1`". */
  readonly what: string;
  readonly changes: readonly Change[];
}
