/** Bounds of what is read before anything of it is believed. */
export const MAX_ENVELOPE_BYTES = 2 * 1024 * 1024;
export const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;
/** Roots in a row that are followed in one update. */
export const MAX_ROOTS = 64;
/** Versions that a release may be ahead of the one before it. */
export const MAX_JUMP = 10_000;
/** Clocks of two machines differ. */
export const MAX_SKEW_MS = 5 * 60 * 1000;
