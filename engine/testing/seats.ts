/**
 * Who can ask about a policy, and what the original and the mutant are to them: every grant that
 * has it, and the policy by itself, as a test may ask for it.
 */

import { grantInterval, type Interval, inForce, NEVER } from "../compare/interval.ts";
import { limitsOf } from "../compare/quota.ts";
import { factsOf, type Half, labelOf, provedSide, rulesOf, targetsOf } from "../compare/sides.ts";
import type { Call } from "../decide/call.ts";
import { TOOLS_CALL } from "../decide/call.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import { canonical, type Json, own, type ReceivedObject } from "../json/value.ts";
import type { Label } from "../policy/ir.ts";
import { rulesAllow } from "../prove/replay.ts";
import type { Side, Target } from "../prove/rules.ts";

/** Whom a call names: a grant on a server, or a policy alone. */
export type Asker =
  | { readonly grant: string; readonly server: string }
  | { readonly policy: string; readonly server?: string };

/** What one repository is to an asker. */
export interface Seat {
  readonly half: Half;
  readonly facts: ReceivedObject;
}

export interface Pair {
  readonly asker: Asker;
  readonly original: Seat;
  readonly mutant: Seat;
}

export function pairOf(original: ReadyRepository, mutant: ReadyRepository, asker: Asker): Pair {
  return { asker, original: seatOf(original, asker), mutant: seatOf(mutant, asker) };
}

function seatOf(repository: ReadyRepository, asker: Asker): Seat {
  const { source } = repository;
  const server = asker.server === undefined ? undefined : own(source.servers, asker.server);
  if ("policy" in asker) {
    return { half: { repository, policy: own(source.policies, asker.policy), server }, facts: {} };
  }
  const grant = own(source.grants, asker.grant);
  const name = grant?.access[asker.server];
  const policy = name === undefined ? undefined : own(source.policies, name);
  return {
    half: { repository, policy, server },
    facts: grant === undefined ? {} : factsOf(repository, grant),
  };
}

/**
 * Everyone who is decided about by the policy: the grants that have it, and the policy alone on their
 * servers. A policy that no grant has is asked about alone, with the labels of any server or of none.
 */
export function askersOf({ source }: ReadyRepository, policy: string): readonly Asker[] {
  const grants = Object.values(source.grants).flatMap(({ id, access }) =>
    Object.entries(access)
      .filter(([server, name]) => name === policy && own(source.servers, server) !== undefined)
      .map(([server]) => ({ grant: id, server })),
  );
  const reached = [...new Set(grants.map(({ server }) => server))];
  const alone = (server: string): Asker => ({ policy, server });
  return grants.length > 0
    ? [...grants, ...reached.map(alone)]
    : [{ policy }, ...Object.keys(source.servers).map(alone)];
}

export function targetsOfPair({ original, mutant }: Pair): readonly Target[] {
  return targetsOf(original.half, mutant.half);
}

/** What the prover is asked about one seat. */
export function sideOf({ half, facts }: Seat, target: Target): Side {
  // Without a server nothing is pinned, and the label is the worst.
  if (half.server === undefined) return { policy: half.policy, target, grant: facts };
  return provedSide(half, target, facts);
}

/** Whether the rules allow a call, whatever the time: the judge of what the prover found. */
export function allows({ half, facts }: Seat, target: Target, args: ReceivedObject): boolean {
  const { policy, server, repository } = half;
  if (policy === undefined) return false;
  return rulesAllow(repository, { policy, server: server?.id, target }, args, facts);
}

export function labelIn({ half }: Seat, target: Target): Label {
  return labelOf(half, target);
}

/** Whether the limits are the same, and count the same. */
export function countAlike(pair: Pair, target: Target): boolean {
  const text = ({ half }: Seat): string =>
    canonical(limitsOf(half, target).map(({ limit, at }) => [at, limit]) as unknown as Json);
  return text(pair.original) === text(pair.mutant) && samePatients(pair, target);
}

/** Whether limits that count patients count the same ones. */
export function samePatients({ original, mutant }: Pair, target: Target): boolean {
  const text = (seat: Seat): string => canonical(labelIn(seat, target).subject as unknown as Json);
  return text(original) === text(mutant);
}

/** Everything that decides which calls of the target are allowed, as text: equal texts, equal calls. */
export function seatText({ half, facts }: Seat, target: Target): string {
  const { policy } = half;
  if (policy === undefined) return "";
  const rules = rulesOf(policy, target, labelOf(half, target));
  if (rules.length === 0) return "";
  const entries = rules.flatMap(({ require, denyIf }) => [...require, ...denyIf]);
  const reads = entries.some(({ anyOf }) =>
    anyOf.flat().some(({ path, operand }) => path.root === "grant" || "grant" in operand),
  );
  const { subject } = labelOf(half, target);
  return canonical([rules, subject, reads ? facts : null] as unknown as Json);
}

/** When a seat's grant is in force for the target; a policy alone always is. */
export function forceOf({ half }: Seat, asker: Asker, target: Target): Interval | undefined {
  if ("policy" in asker) return undefined;
  const grant = half.repository.grants.get(asker.grant)?.source;
  // Where an argument decides whether the agreement matters, the call itself is asked at every time.
  if (grant !== undefined && typeof labelOf(half, target).ephi === "object") {
    return half.server === undefined ? NEVER : grantInterval(grant);
  }
  return grant === undefined ? NEVER : inForce(half.repository, grant, half, target);
}

export function callOf(asker: Asker, target: Target, args: ReceivedObject, at: number): Call {
  const [method, tool] = "tool" in target ? [TOOLS_CALL, target.tool] : [target.method, ""];
  return { ...asker, method, tool, args, at };
}
