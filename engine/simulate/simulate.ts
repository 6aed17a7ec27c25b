/** Recorded calls, judged again: by one revision against what happened, or by two. */
import type { RecordedCall } from "../calls/calls.ts";
import { type Decision, decide } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import type { PersonCount, Side, Simulation } from "./report.ts";
import {
  add,
  addExample,
  type Change,
  emptyCount,
  entryOf,
  noExamples,
  personCounts,
  toolCounts,
} from "./tally.ts";
import { boundedUsage } from "./usage.ts";

/** A simulation that goes on: calls come in blocks, so that no more than a block is held. */
export interface Running {
  /** Judges the calls in their order, with quotas in recorded time on each side. */
  judge(calls: Iterable<RecordedCall>): void;
  report(): Simulation;
}

/** Without a base the verdicts that were recorded stand in for it. */
export function simulate(
  calls: Iterable<RecordedCall>,
  head: ReadyRepository,
  base: ReadyRepository | undefined,
): Simulation {
  const running = startSimulation(head, base);
  running.judge(calls);
  return running.report();
}

export function startSimulation(head: ReadyRepository, base: ReadyRepository | undefined): Running {
  const headSide = replay(head);
  const baseSide = base === undefined ? undefined : replay(base);
  const tally = {
    all: emptyCount(),
    ephi: emptyCount(),
    tools: new Map<string, ReturnType<typeof emptyCount>>(),
    people: new Map<string, { -readonly [K in keyof PersonCount]: PersonCount[K] }>(),
    rules: new Map<string, { denied: number }>(),
    gained: noExamples(),
    revoked: noExamples(),
    uncompared: 0,
  };

  const judgeOne = (recorded: RecordedCall): void => {
    const { call } = recorded;
    const now = headSide.decide(recorded);
    const was = baseSide?.decide(recorded);
    const before = was ?? recordedSide(recorded);
    const change = changeOf(before, now);
    const allowed = now.verdict === "allow";
    // A change that also relabels a tool must not thereby leave the view: either side's label counts.
    const ephi = now.ephi || was?.ephi === true;
    if (before === undefined) tally.uncompared++;
    add(tally.all, allowed, change);
    if (ephi) add(tally.ephi, allowed, change);
    add(
      entryOf(tally.tools, call.tool === "" ? call.method : call.tool, emptyCount),
      allowed,
      change,
    );
    const person = personOf(call.grant);
    add(person, allowed, change);
    if (change === "gained" && ephi) person.ephiGained++;
    if (!allowed) entryOf(tally.rules, now.rule, () => ({ denied: 0 })).denied++;
    if (change === "none") return;
    const { grant = "", server = "", method, tool } = call;
    addExample(tally[change], { grant, server, method, tool }, ephi, () =>
      described(recorded, ephi, before!, now, was),
    );
  };

  const personOf = (id: string | undefined): ReturnType<typeof nobody> => {
    const grant =
      id === undefined ? undefined : (head.grants.get(id) ?? base?.grants.get(id))?.source;
    const { id: principal = null, responsible = null } = grant?.principal ?? {};
    const key = principal === null ? "" : `${principal}\n${responsible ?? ""}`;
    return entryOf(tally.people, key, () => ({ ...nobody(), principal, responsible }));
  };

  return {
    judge(calls) {
      for (const recorded of calls) judgeOne(recorded);
    },
    report() {
      const { all, ephi, tools, people, rules, gained, revoked, uncompared } = tally;
      return {
        total: all.calls,
        gained: gained.kept,
        gainedTotal: gained.total,
        revoked: revoked.kept,
        revokedTotal: revoked.total,
        unchanged: all.calls - uncompared - gained.total - revoked.total,
        uncompared,
        ephiGained: gained.ephi,
        gainedCells: [...gained.cells.values()],
        ephi,
        byPerson: personCounts(people.values()),
        outOfOrder: headSide.late(),
        head: {
          allowed: all.allowed,
          denied: all.denied,
          byTool: toolCounts(tools),
          byRule: Object.fromEntries(
            [...rules]
              .sort(([, a], [, b]) => b.denied - a.denied)
              .map(([rule, { denied }]) => [rule, denied]),
          ),
        },
      };
    },
  };
}

function nobody(): { -readonly [K in keyof PersonCount]: PersonCount[K] } {
  return { principal: null, responsible: null, ...emptyCount(), ephiGained: 0 };
}

/** One side: every call is decided by what that side has used so far. */
function replay(repository: ReadyRepository): {
  decide(recorded: RecordedCall): Decision;
  late(): number;
} {
  const usage = boundedUsage();
  const circumstances = { usage };
  return {
    decide({ call }) {
      usage.at(call.at);
      const { decision, charges } = decide(repository, call, circumstances);
      if (charges.length > 0) usage.charge(charges);
      return decision;
    },
    late: usage.late,
  };
}

function recordedSide({ outcome }: RecordedCall): Side | undefined {
  return outcome.verdict === undefined
    ? undefined
    : { verdict: outcome.verdict, rule: outcome.rule ?? "" };
}

function changeOf(before: Side | undefined, now: Side): Change {
  if (before === undefined || before.verdict === now.verdict) return "none";
  return now.verdict === "allow" ? "gained" : "revoked";
}

function described(
  { call, id, file, line }: RecordedCall,
  ephi: boolean,
  before: Side,
  now: Decision,
  base: Decision | undefined,
): Simulation["gained"][number] {
  return {
    id,
    at: new Date(call.at).toISOString(),
    grant: call.grant ?? "",
    server: call.server ?? "",
    method: call.method,
    tool: call.tool,
    ephi,
    effect: now.effect,
    base: { verdict: before.verdict, rule: before.rule },
    head: { verdict: now.verdict, rule: now.rule },
    reason: now.verdict === "deny" ? now.reason : (base?.reason ?? now.reason),
    file,
    line,
  };
}
