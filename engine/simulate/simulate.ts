/** Recorded calls, judged again: by one revision against what happened, or by two. */
import type { RecordedCall } from "../calls/calls.ts";
import { type Decision, decide } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import { reading } from "./replaced.ts";
import type { PersonCount, Side, Simulation } from "./report.ts";
import {
  add,
  addExample,
  addMark,
  type Change,
  emptyCount,
  entryOf,
  markedOf,
  noExamples,
  noMarks,
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
    marks: noMarks(),
    uncompared: 0,
  };

  const judgeOne = (recorded: RecordedCall): void => {
    const { call } = recorded;
    const { decision: now, read } = headSide.decide(recorded);
    const { decision: was, read: alsoRead = [] } = baseSide?.decide(recorded) ?? {};
    const readReplaced = [...new Set([...read, ...alsoRead])].sort();
    if (readReplaced.length > 0) {
      addMark(tally.marks, readReplaced, () => marked(recorded, now, readReplaced));
    }
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
    addExample(tally[change], { grant, server, method, tool }, ephi, () => ({
      ...described(recorded, ephi, before!, now, was),
      ...(readReplaced.length === 0 ? {} : { readReplaced }),
    }));
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
      const { all, ephi, tools, people, rules, gained, revoked, marks, uncompared } = tally;
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
        marked: markedOf(marks),
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
  decide(recorded: RecordedCall): { decision: Decision; read: readonly string[] };
  late(): number;
} {
  const usage = boundedUsage();
  const circumstances = { usage };
  return {
    decide({ call, replaced = [] }) {
      usage.at(call.at);
      const traced = replaced.length === 0 ? undefined : reading(repository, call, replaced);
      const { decision, charges } = decide(repository, call, circumstances, traced?.tracer);
      if (charges.length > 0) usage.charge(charges);
      return { decision, read: traced?.of(decision) ?? [] };
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

function marked(
  { call, id, file, line }: RecordedCall,
  { verdict, rule }: Decision,
  paths: readonly string[],
): Simulation["marked"]["first"][number] {
  const { grant = "", server = "", method, tool } = call;
  return { id, grant, server, method, tool, verdict, rule, paths, file, line };
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
