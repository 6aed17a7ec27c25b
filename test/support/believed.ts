/** What an engine believes, in numbers that only rise, and what it denies. */
import type { Kept } from "../../engine/bundle/kept.ts";
import type { Halted } from "../../engine/decide/decide.ts";
import type { PolicySource } from "../../engine/gateway/policy-source.ts";

/** Each counter is 0 before there is anything to count. */
export interface Believed {
  readonly version: number;
  readonly root: number;
  readonly halts: number;
  /** Of the newest heartbeat. */
  readonly beat: number;
}

export interface InForce extends Believed {
  /** Of the bundle. */
  readonly digest: string;
  readonly denied: unknown;
}

/** Release and stops as they are in force, the rest as it is on the disk. */
export function inForce(policy: PolicySource, { state }: Kept): InForce {
  const bundle = policy.current()?.bundle;
  return {
    version: Number(bundle?.version ?? 0),
    root: state?.rootVersion ?? 0,
    halts: state?.halts.length ?? 0,
    beat: state?.heartbeat?.sequence ?? 0,
    digest: bundle?.digest ?? "",
    denied: wordsOf(policy.halted()),
  };
}

export function wordsOf(stop: Halted | undefined): unknown {
  const { all = false, tools = [], grants = new Set() } = stop ?? {};
  return { all, tools, grants: [...grants].sort() };
}

/** Which of the counters of `later` are below those of `before`. */
export function fallen(before: Believed, later: Believed): readonly string[] {
  const counters = ["version", "root", "halts", "beat"] as const;
  return counters
    .filter((name) => later[name] < before[name])
    .map((name) => `${name} ${later[name]} after ${before[name]}`);
}
