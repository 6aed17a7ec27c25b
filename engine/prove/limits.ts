/**
 * How much work a proof may cost. Every bound has a name and a unit, and running into one is a
 * typed error that ends as `unknown`: a prover that guesses when it is tired proves nothing.
 */
export { Exhausted, MAX_REGEX_STATES } from "../regex/limits.ts";

/** States of a product of automata, explored for one question about one string. */
export const MAX_PRODUCT_STATES = 200_000;
/** Product states times word lengths, where a length has to be met exactly. */
export const MAX_LAYER_CELLS = 4_000_000;
/** Code points of a text in a witness. */
export const MAX_WITNESS_LENGTH = 65_536;
/** Elements of an array in a witness. */
export const MAX_WITNESS_ELEMENTS = 10_000;
/** Places that stand for elements of arrays, over the whole question. */
export const MAX_ELEMENTS = 2_000;
/** Conflicts of the SAT solver in one question. */
export const MAX_CONFLICTS = 200_000;
/** Steps of the search for pairwise different values. */
export const MAX_COLOURING_STEPS = 100_000;
/** Calls that were found with the help of something uninterpreted, and were not confirmed. */
export const MAX_UNCONFIRMED = 20;
/** How often `$ref` may be followed inside one schema before it is kept as an opaque atom. */
export const MAX_REF_DEPTH = 4;
/** Propositional clauses of one question. */
export const MAX_CLAUSES = 1_000_000;
