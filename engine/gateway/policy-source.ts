/** Where the gateway's policy comes from: the newest one that may be used, whole. */
import type { ReadyRepository } from "../decide/prepare.ts";

/** The bundle as every decision record names it. */
export interface BundleIdentity {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /** The reviewed commit that it was made of. */
  readonly commit?: string;
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
  | { readonly event: "refused"; readonly check: string; readonly says: string };

export interface PolicySource {
  /** undefined: none was ever verified, and everything is denied. */
  current(): ActivePolicy | undefined;
  /** Whether the policy is older than it may be. */
  stale(): boolean;
  /** Whether an emergency stop is in force. */
  halted(): boolean;
  /** Called for each activation and refusal from now on. */
  onEvent(listener: (event: PolicyEvent) => void): void;
  stop(): void;
}
