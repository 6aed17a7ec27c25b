/** Where the gateway's policy comes from: the newest one that may be used, whole. */
import type { Halted } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";

/** The bundle as every decision record names it. */
export interface BundleIdentity {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /** The reviewed commit that it was made of. */
  readonly commit?: string;
  /** Digest of the file in which the release says where each grant and rule comes from. */
  readonly provenance?: string;
}

/** A policy in force. Never changed: another one takes its place. */
export interface ActivePolicy {
  readonly repository: ReadyRepository;
  readonly bundle: BundleIdentity;
  /** Names the key under which patients are pseudonymised. */
  readonly subjectKey: string;
}

export type PolicyEvent =
  | { readonly event: "activated"; readonly policy: ActivePolicy }
  /** A newer one was not taken, and why; the one before stays in force. */
  | { readonly event: "refused"; readonly check: string; readonly says: string }
  /** An emergency stop came, or was lifted by a release. */
  | { readonly event: "halted" }
  /** Nobody has vouched for the policy lately. */
  | { readonly event: "stale" };

/**
 * `stale`: nobody vouched for the policy lately, which its release allows for a time; records say so.
 * `overdue`: for too long, and patient data is denied.
 */
export type Freshness = "fresh" | "stale" | "overdue";

export interface PolicySource {
  /** undefined: none was ever verified, or it is trusted no longer; everything is denied. */
  current(): ActivePolicy | undefined;
  /** `at` in epoch milliseconds. */
  freshness(at: number): Freshness;
  /** What emergency stops deny; undefined: there is none in force. */
  halted(): Halted | undefined;
  /** Epoch milliseconds at which a source answered last; only of signed releases. */
  answeredAt?(): number | undefined;
  /** Called for each event from now on. */
  onEvent(listener: (event: PolicyEvent) => void): void;
  stop(): void;
}
