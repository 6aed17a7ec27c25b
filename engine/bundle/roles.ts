/** What may be signed, and the two marks that keep a signature for one purpose from serving another. */
export const ROLES = {
  root: {
    payloadType: "application/vnd.phiward.root.v1+json",
    namespace: "phiward-root",
  },
  release: {
    // In-toto Statement v1, so that other tools know what they see.
    payloadType: "application/vnd.in-toto+json",
    namespace: "phiward-release",
  },
  heartbeat: {
    payloadType: "application/vnd.phiward.heartbeat.v1+json",
    namespace: "phiward-heartbeat",
  },
  halt: {
    payloadType: "application/vnd.phiward.halt.v1+json",
    namespace: "phiward-halt",
  },
} as const satisfies Record<string, { payloadType: string; namespace: string }>;

export type Role = keyof typeof ROLES;
