/** Bounds of what is read before anything of it is believed. */
export const MAX_ENVELOPE_BYTES = 2 * 1024 * 1024;
export const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;
/** Roots in a row that are followed in one update. */
export const MAX_ROOTS = 64;
/** Versions that a release may be ahead of the one before it. */
export const MAX_JUMP = 10_000;
/** Clocks of two machines differ. */
export const MAX_SKEW_MS = 5 * 60 * 1000;
/** A heartbeat vouches for no longer: whoever stole its key can freeze engines for that long. */
export const MAX_HEARTBEAT_LIFE_MS = 7 * 24 * 60 * 60 * 1000;
/** Who signs a release vouches for that day as a heartbeat does. */
export const RELEASE_FRESH_MS = 24 * 60 * 60 * 1000;
/** All files of a release together. */
export const MAX_RELEASE_BYTES = 64 * 1024 * 1024;
