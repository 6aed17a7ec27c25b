/** Recorded calls, judged again: by one revision against what happened, or by two. */

import type { RecordedCall } from "../calls/calls.ts";
import { type Decision, decide } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import type { Effect } from "../policy/ir.ts";
import { MemoryUsage } from "../quota/quota.ts";

export interface Side {
  readonly verdict: "allow" | "deny";
  readonly rule: string;
}

/** A recorded call whose verdict differs. It names the fixture, never its arguments' values. */
export interface ChangedCall {
  readonly id: string;
  readonly at: string;
  readonly grant: string;
  readonly server: string;
  readonly method: string;
  readonly tool: string;
  readonly ephi: boolean;
  readonly effect: Effect;
  readonly base: Side;
  readonly head: Side;
  readonly reason: string;
  readonly file: string;
  readonly line: number;
}

export interface ToolCount {
  readonly tool: string;
  readonly allowed: number;
  readonly denied: number;
}

export interface Simulation {
  readonly total: number;
  readonly gained: readonly ChangedCall[];
  readonly revoked: readonly ChangedCall[];
  readonly unchanged: number;
  /** Recorded calls without a verdict to compare with, when there is no base. */
  readonly uncompared: number;
  readonly ephiGained: number;
  /** What head says of all of them. */
  readonly head: {
    readonly allowed: number;
    readonly denied: number;
    readonly byTool: readonly ToolCount[];
    readonly byRule: Readonly<Record<string, number>>;
  };
}

/**
 * Judges the calls in their order, with quotas in recorded time on each side. Without a base the
 * verdicts that were recorded stand in for it.
 */
export function simulate(
  calls: Iterable<RecordedCall>,
  head: ReadyRepository,
  base: ReadyRepository | undefined,
): Simulation {
  const headSide = new Replay(head);
  const baseSide = base === undefined ? undefined : new Replay(base);
  const gained: ChangedCall[] = [];
  const revoked: ChangedCall[] = [];
  const byTool = new Map<string, { allowed: number; denied: number }>();
  const byRule = new Map<string, number>();
  let total = 0;
  let unchanged = 0;
  let uncompared = 0;
  let allowed = 0;
  for (const recorded of calls) {
    total++;
    const now = headSide.decide(recorded);
    const before = baseSide?.decide(recorded) ?? recordedSide(recorded);
    const count = byTool.get(recorded.call.tool) ?? { allowed: 0, denied: 0 };
    if (now.verdict === "allow") {
      allowed++;
      count.allowed++;
    } else {
      count.denied++;
      byRule.set(now.rule, (byRule.get(now.rule) ?? 0) + 1);
    }
    byTool.set(recorded.call.tool, count);
    if (before === undefined) uncompared++;
    else if (before.verdict === now.verdict) unchanged++;
    else
      (now.verdict === "allow" ? gained : revoked).push(
        changed(recorded, before, now, baseSide?.last),
      );
  }
  return {
    total,
    gained,
    revoked,
    unchanged,
    uncompared,
    ephiGained: gained.filter((call) => call.ephi).length,
    head: {
      allowed,
      denied: total - allowed,
      byTool: [...byTool]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([tool, counts]) => ({ tool, ...counts })),
      byRule: Object.fromEntries([...byRule].sort(([, a], [, b]) => b - a)),
    },
  };
}

class Replay {
  last: Decision | undefined;
  readonly #repository: ReadyRepository;
  readonly #usage = new MemoryUsage();

  constructor(repository: ReadyRepository) {
    this.#repository = repository;
  }

  decide({ call }: RecordedCall): Decision {
    const { decision, charges } = decide(this.#repository, call, { usage: this.#usage });
    this.#usage.charge(charges);
    this.last = decision;
    return decision;
  }
}

function recordedSide({ outcome }: RecordedCall): Side | undefined {
  return outcome.verdict === undefined
    ? undefined
    : { verdict: outcome.verdict, rule: outcome.rule ?? "" };
}

function changed(
  recorded: RecordedCall,
  before: Side,
  now: Decision,
  base: Decision | undefined,
): ChangedCall {
  const { call, id, file, line } = recorded;
  return {
    id,
    at: new Date(call.at).toISOString(),
    grant: call.grant ?? "",
    server: call.server ?? "",
    method: call.method,
    tool: call.tool,
    // A change that also relabels a tool must not thereby leave the view: either side's label counts.
    ephi: now.ephi || base?.ephi === true,
    effect: now.effect,
    base: { verdict: before.verdict, rule: before.rule },
    head: { verdict: now.verdict, rule: now.rule },
    reason: now.verdict === "deny" ? now.reason : (base?.reason ?? now.reason),
    file,
    line,
  };
}
