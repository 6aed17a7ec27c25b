/**
 * Everything that is checked before a release is believed: one entry a check, with the attack that it
 * stops. The name is the reason code of a refusal.
 */
export const CHECKS = {
  size: "a file so large that reading it is the attack",
  canonical: "two readers that take one file for two different ones",
  form: "a field that nobody looks at, or one that is not what it seems",
  purpose: "a text that was signed for one purpose, shown for another",
  duplicate: "one key that counts twice",
  unsigned: "a release that nobody signed",
  tampered: "a text that was changed after it was signed",
  role: "a signature that was made for another purpose",
  touch: "malware that signs with a security key while nobody touches it",
  revoked: "a stolen key that signs a new version",
  signer: "a stranger's key",
  "too-few": "a single person, or too few, who decide alone",
  "extra-signers": "a broader policy that only the usual people signed",
  "root-pin": "a root of trust that was exchanged on its way",
  "root-key-id": "a key that stands under another key's name",
  "root-key-shared": "one key that stands for two people, or under two schemes",
  "root-person": "a key that belongs to nobody, or a person without one",
  "root-threshold": "a role that nobody can fill, or everybody",
  "root-version": "a root that was skipped, or an old one shown again",
  "root-domain": "the root of another organisation",
  "root-expired": "a set of signers that should have been renewed",
  stream: "a release of another organisation or stream",
  repository: "a release of a repository that the root does not name",
  "root-withheld": "a new root that is kept from this engine",
  epoch: "a release from before the counter was set anew",
  floor: "a release from before this engine was set up",
  rollback: "an old release with a hole that was closed since",
  fork: "two different releases under one version",
  jump: "a version so high that no other can follow",
  lineage: "a release that does not follow the one that was reviewed",
  future: "a release that is dated so that it outlives its time",
  expired: "an old release that is served for ever",
  "heartbeat-order": "an old heartbeat that hides a newer release",
  "heartbeat-life": "a stolen heartbeat key that vouches for years",
  freeze: "an old state that is served as if it were today's",
  "heartbeat-release": "a release of one day beside the heartbeat of another",
  "halt-order": "an emergency stop that is left out, or shown again",
  "halt-withheld": "an emergency stop that is kept from this engine",
  "halt-cleared": "a release that lifts emergency stops before they are made",
  state: "a state folder that was changed behind the engine's back",
  pin: "another release than the one that this engine is told to run",
  proof: "a change that its builder calls harmless",
  bundle: "a bundle of one release beside the signatures of another",
  provenance: "a change that is put down to a commit which did not make it",
  semantics: "a policy that was reviewed under another meaning of the language",
  compile: "a bundle that does not compile to a policy",
} as const;

export type Check = keyof typeof CHECKS;

/** A check that was made, as reports show it. */
export interface CheckMade {
  readonly name: Check;
  readonly attack: string;
  readonly ok: boolean;
}

/** Something is not to be believed. Nothing that was read may be used. */
export class Refused extends Error {
  readonly check: Check;
  constructor(check: Check, says: string) {
    super(says);
    this.name = "Refused";
    this.check = check;
  }
}

/** Throws Refused when it does not hold. `says` has no part of an unverified text. */
export type Demand = (check: Check, holds: boolean, says: string) => asserts holds;

/** The checks that were made so far, and the function that makes them. */
export interface Checks {
  readonly made: readonly CheckMade[];
  readonly demand: Demand;
}

export function startChecks(): Checks {
  const made = new Map<Check, CheckMade>();
  const demand: Demand = (name, holds, says) => {
    made.set(name, { name, attack: CHECKS[name], ok: holds });
    if (!holds) throw new Refused(name, says);
  };
  return {
    get made() {
      return [...made.values()];
    },
    demand,
  };
}
