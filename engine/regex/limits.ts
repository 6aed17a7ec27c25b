/** How far an automaton may grow, and what is said when something grows too far. */

/** States of the automaton of one regular expression; a policy that needs more is refused. */
export const MAX_REGEX_STATES = 5_000;

/** The work limit was met. `construct` says, in the policy author's words, what was too much. */
export class Exhausted extends Error {
  readonly construct: string;
  constructor(construct: string) {
    super(`work limit reached: ${construct}`);
    this.construct = construct;
  }
}
