/** Exit codes. Where several phases answer, the gravest wins: 3 > 2 > 1 > 0. */
export const EXIT = {
  /** Yes: valid, passed, not broader, verified, allowed. */
  YES: 0,
  /** The answer is no: findings, failed tests, broader, denied. */
  NO: 1,
  /** Could not answer: usage, unreadable or invalid input, unproved. */
  UNANSWERED: 2,
  /** Untrusted: signature, freshness, rollback, wrong repository or signer, broken audit chain. */
  UNTRUSTED: 3,
  /** Our bug. */
  BUG: 70,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];
