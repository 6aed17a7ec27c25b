/** A mutant: the repository with one small mistake in it, of the kinds that people make. */
import type { Grant, Label, Policy } from "../policy/ir.ts";
import type { Target } from "../prove/rules.ts";
import type { Place, Pointer } from "../source.ts";

/** What stands in place of the original's part. */
export type Edit =
  | {
      readonly of: "policy";
      readonly value: Policy;
      /** The only tool or method whose rules differ; absent where others may be concerned. */
      readonly target?: Target;
      /** Where a limit differs: how often, and not which calls. */
      readonly limit?: true;
    }
  | { readonly of: "grant"; readonly value: Grant }
  | {
      readonly of: "label";
      readonly server: string;
      readonly target: Target;
      readonly value: Label;
    };

export interface Mutant {
  /** What was done to the original, as a sentence without a full stop; names stand in backticks. */
  readonly mutation: string;
  readonly place: Place;
  /** What was mutated, from the root of the place's file. */
  readonly pointer: Pointer;
  readonly edit: Edit;
}

/** A mutation of a part, before it is known in which file and at which line the part stands. */
export interface Draft<Part> {
  /** From the part's own place in its file. */
  readonly at: readonly (string | number)[];
  readonly mutation: string;
  readonly value: Part;
}
