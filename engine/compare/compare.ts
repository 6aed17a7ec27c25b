/**
 * What a change does: every grant on every tool and method of every server, before and after.
 *
 * For one cell (grant g, server s, target t) let A_base(g, s, t) be the calls that base allows, at
 * some time and with nothing used, and A_head likewise. A call is allowed only while the grant, and
 * where the project asks for one the business associate agreement, are in force: T_base and T_head.
 *
 *     head is broader  ⇔  some call is in A_head × T_head and not in A_base × T_base
 *                      ⇔  (A_head ⊄ A_base  and  T_head ∩ T_base ≠ ∅)
 *                         or  (T_head ⊄ T_base  and  A_head ≠ ∅)
 *
 * (Where T_head ∩ T_base = ∅, T_head ⊄ T_base unless T_head is empty, and then nothing is allowed.)
 * So time never has to be guessed: the verdict is the same whenever the comparison runs.
 *
 * A_head ⊆ A_base is decided by the prover. It is asked once for all grants, with the grant's
 * constants free: a proof then covers everybody. Only where that is refuted, and the rules do read
 * the grant, is it asked again for each grant with its own constants on either side.
 *
 * Everything that is called broader by proof comes with a call that was replayed through the
 * ordinary decision on both sides: base denies it, head allows it.
 */

import { prepare, type ReadyRepository } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import { canonical, type Json, type ReceivedObject } from "../json/value.ts";
import type { Effect, Grant, Server } from "../policy/ir.ts";
import type { LoadedRepository } from "../policy/load.ts";
import {
  agreementText,
  agreementUnclear,
  grantInterval,
  type Interval,
  inForce,
  intersect,
  isEmpty,
  momentOf,
  momentOutside,
  NEVER,
  within,
} from "./interval.ts";
import { Places } from "./places.ts";
import { type Allowed, type Answer, Proofs } from "./proofs.ts";
import { compareLimits, describeLimit, limitsOf, playSequence } from "./quota.ts";
import { reachOn } from "./reach.ts";
import {
  type Change,
  type Diff,
  overall,
  type Side,
  type Verdict,
  type Witness,
} from "./report.ts";
import { safeguardsOf } from "./safeguards.ts";
import { compareSettings } from "./settings.ts";
import {
  type Cell,
  callOf,
  cellText,
  effectOf,
  factsOf,
  type Half,
  kindOf,
  labelOf,
  mayBeEphi,
  reached,
  readsGrant,
  replay,
  targetName,
  targetsOf,
  watchedCalls,
} from "./sides.ts";
import { list, masked, period, place, who } from "./words.ts";

export interface CompareOptions {
  readonly base: string;
  readonly head: string;
  /** Which broadening blocks; the base's gate decides when absent. */
  readonly scope?: "ephi" | "all";
}

export function compare(
  base: LoadedRepository,
  head: LoadedRepository,
  options: CompareOptions,
): Diff {
  const comparison = new Comparison(base, head);
  const scope = options.scope ?? base.project?.value.gate?.scope ?? "ephi";
  const changes = [...comparison.run(), ...compareSettings(base, head)]
    .map((change) => (holdsUp(change, scope) ? { ...change, blocks: true as const } : change))
    .sort(byGravity);
  return {
    base: { rev: options.base, digest: base.repository.digest },
    head: { rev: options.head, digest: head.repository.digest },
    scope,
    verdict: overall(changes.map(({ verdict }) => verdict)),
    blocks: changes.some(({ blocks }) => blocks === true),
    changes,
    cells: comparison.cells,
  };
}

function holdsUp({ verdict, ephi }: Change, scope: Diff["scope"]): boolean {
  return (verdict === "broader" || verdict === "unknown") && (scope === "all" || ephi);
}

const GRAVITY: Readonly<Record<Verdict, number>> = { broader: 0, unknown: 1, narrower: 2, same: 3 };

function byGravity(a: Change, b: Change): number {
  return (
    GRAVITY[a.verdict] - GRAVITY[b.verdict] ||
    Number(b.ephi) - Number(a.ephi) ||
    compareText(a.by, b.by) ||
    compareText(a.grant, b.grant) ||
    compareText(a.server, b.server) ||
    compareText(a.tool ?? a.method, b.tool ?? b.method) ||
    compareText(a.kind, b.kind)
  );
}

function compareText(a: string | null, b: string | null): number {
  const [x, y] = [a ?? "", b ?? ""];
  return x < y ? -1 : x > y ? 1 : 0;
}

const UNCLEAR =
  "an argument decides whether it is patient data, and the agreement that the project demands is not in force all the time";

class Comparison {
  readonly cells = { total: 0, compared: 0, equivalent: 0 };
  readonly #base: ReadyRepository;
  readonly #head: ReadyRepository;
  readonly #places: Places;
  readonly #proofs = new Proofs();
  readonly #halves = new Map<string, Half>();
  readonly #cells = new Map<Half, Map<Half, readonly Cell[]>>();
  readonly #serverTexts = new Map<Server, string>();

  constructor(base: LoadedRepository, head: LoadedRepository) {
    this.#base = prepare(base.repository);
    this.#head = prepare(head.repository);
    this.#places = new Places(base, head);
  }

  run(): Change[] {
    const ids = new Set([...this.#base.grants.keys(), ...this.#head.grants.keys()]);
    return [...ids].sort().flatMap((id) => {
      const base = this.#base.grants.get(id)?.source;
      const head = this.#head.grants.get(id)?.source;
      if (base === undefined) return this.#added(head!);
      if (head === undefined) return [this.#removed(base)];
      return this.#changed(base, head);
    });
  }

  /** The same value for the same policy on the same server, so that what is known of it is kept. */
  #half(side: "base" | "head", grant: Grant | undefined, server: string): Half {
    const name = grant?.access[server];
    const repository = side === "base" ? this.#base : this.#head;
    const source = repository.servers.get(server)?.source;
    const monitored = grant?.mode === "monitor" || source?.mode === "monitor";
    const key = JSON.stringify([side, server, name ?? null, monitored]);
    let half = this.#halves.get(key);
    if (half === undefined) {
      half = {
        repository,
        policy: name === undefined ? undefined : repository.policies.get(name)?.source,
        server: source,
        monitored,
      };
      this.#halves.set(key, half);
    }
    return half;
  }

  #cellsOf(base: Grant | undefined, head: Grant | undefined, server: string): readonly Cell[] {
    const halves = {
      base: this.#half("base", base, server),
      head: this.#half("head", head, server),
    };
    let cells = this.#cells.get(halves.base)?.get(halves.head);
    if (cells === undefined) {
      cells = targetsOf(halves.base, halves.head).map((target) => ({ target, ...halves }));
      const known = this.#cells.get(halves.base) ?? new Map<Half, readonly Cell[]>();
      this.#cells.set(halves.base, known.set(halves.head, cells));
    }
    return cells;
  }

  /** Whether nothing that decides about the calls of a grant on a server differs. */
  #untouched(base: Grant, head: Grant, server: string): boolean {
    const [was, is] = [this.#half("base", base, server), this.#half("head", head, server)];
    return (
      was.policy?.digest === is.policy?.digest &&
      this.#base.source.requireBaa === this.#head.source.requireBaa &&
      this.#serverText(was) === this.#serverText(is) &&
      sameJson(base.attributes, head.attributes) &&
      sameJson(base.principal, head.principal) &&
      base.purpose === head.purpose &&
      base.mode === head.mode
    );
  }

  #serverText({ server }: Half): string {
    if (server === undefined) return "";
    let text = this.#serverTexts.get(server);
    if (text === undefined) {
      text = canonical(server as unknown as Json);
      this.#serverTexts.set(server, text);
    }
    return text;
  }

  #added(grant: Grant): Change[] {
    const cells = serversOf(grant).flatMap((server) => this.#cellsOf(undefined, grant, server));
    this.cells.total += cells.length;
    const found = this.#anyAllowed(grant, cells);
    const servers = [...new Set(serversOf(grant))];
    const shared = {
      kind: "grant-added" as const,
      ...who(grant),
      server: servers.length === 1 ? servers[0]! : null,
      ...this.#places.grant(grant.id, "head"),
      safeguards: safeguardsOf("grant-added", null),
    };
    if (found.answer === "no") {
      return [
        {
          ...shared,
          method: null,
          tool: null,
          ephi: cells.some(mayBeEphi),
          effect: null,
          verdict: "narrower",
          by: "proof",
          summary: `the grant \`${grant.id}\` is new, and allows no call`,
        },
      ];
    }
    const ephi = cells.some(mayBeEphi);
    if (found.answer === "unknown") {
      return [
        {
          ...shared,
          method: null,
          tool: null,
          ephi,
          effect: null,
          verdict: "unknown",
          by: "proof",
          summary: `the grant \`${grant.id}\` is new; what it allows could not be proved: ${found.why}`,
        },
      ];
    }
    const { cell, args } = found;
    const at = momentOf(inForce(this.#head, grant, cell.head, cell.target));
    const targets = cells
      .filter((each) => reached(each.head, each.target))
      .map(({ target }) => `\`${targetName(target)}\``);
    return [
      {
        ...shared,
        ...place(cell),
        ephi,
        verdict: "broader",
        by: "proof",
        reach: reachOf(cell),
        summary: `the grant \`${grant.id}\` is new: ${grant.principal.id} may call ${list(targets)}`,
        ...this.#witnessed(grant, cell, args, at),
      },
    ];
  }

  #removed(grant: Grant): Change {
    const cells = serversOf(grant).flatMap((server) => this.#cellsOf(grant, undefined, server));
    this.cells.total += cells.length;
    return {
      kind: "grant-removed",
      ...who(grant),
      server: null,
      method: null,
      tool: null,
      ephi: cells.some(mayBeEphi),
      effect: null,
      verdict: "narrower",
      by: "proof",
      summary: `the grant \`${grant.id}\` is removed: ${grant.principal.id} may call nothing`,
      ...this.#places.grant(grant.id, "base"),
      safeguards: safeguardsOf("grant-removed", null),
    };
  }

  #changed(base: Grant, head: Grant): Change[] {
    const servers = new Set([...serversOf(base), ...serversOf(head)]);
    const cells = [...servers].sort().flatMap((server) => this.#cellsOf(base, head, server));
    this.cells.total += cells.length;
    const touched = [...servers].sort().filter((server) => !this.#untouched(base, head, server));
    return [
      ...this.#expiry(base, head, cells),
      ...touched.flatMap((server) =>
        this.#cellsOf(base, head, server).flatMap((cell) => this.#cell(base, head, cell)),
      ),
    ];
  }

  #expiry(base: Grant, head: Grant, cells: readonly Cell[]): Change[] {
    const [was, is] = [grantInterval(base), grantInterval(head)];
    if (was.from === is.from && was.until === is.until) return [];
    const shared = {
      kind: "expiry" as const,
      ...who(head),
      before: period(was),
      after: period(is),
      ephi: cells.some(mayBeEphi),
      ...this.#places.grant(head.id, "head", is.until !== was.until ? "expires" : "issued"),
      safeguards: safeguardsOf("expiry", null),
    };
    const nothing = { server: null, method: null, tool: null, effect: null, by: "proof" as const };
    if (within(is, was)) {
      // Nobody loses what no call could use.
      const lost = cells.some(
        (cell) =>
          (agreementUnclear(this.#base, base, cell.base, cell.target) ||
            !within(inForce(this.#base, base, cell.base, cell.target), is)) &&
          this.#proofs.allows(cell, factsOf(this.#head, head)).answer !== "no",
      );
      if (!lost) return [];
      return [
        {
          ...shared,
          ...nothing,
          verdict: "narrower",
          summary: `the grant \`${head.id}\` is valid for a shorter time`,
        },
      ];
    }
    const found = this.#anyAllowed(head, cells, was);
    if (found.answer === "no") return [];
    if (found.answer === "unknown") {
      return [
        {
          ...shared,
          ...nothing,
          verdict: "unknown",
          summary: `the grant \`${head.id}\` is valid for longer; what it allows could not be proved: ${found.why}`,
        },
      ];
    }
    const at = momentOutside(inForce(this.#head, head, found.cell.head, found.cell.target), was);
    return [
      {
        ...shared,
        ...place(found.cell),
        verdict: "broader",
        by: "proof",
        summary: `the grant \`${head.id}\` is valid for longer: ${period(is)}, before ${period(was)}`,
        ...this.#witnessed(head, found.cell, found.args, at),
      },
    ];
  }

  #cell(base: Grant, head: Grant, cell: Cell): Change[] {
    const { target } = cell;
    const [was, is] = [
      inForce(this.#base, base, cell.base, target),
      inForce(this.#head, head, cell.head, target),
    ];
    const [before, after] = [cellText(cell.base, target), cellText(cell.head, target)];
    const facts = { base: factsOf(this.#base, base), head: factsOf(this.#head, head) };
    const reads = readsGrant(cell.base, target) || readsGrant(cell.head, target);
    const sameRules = before === after;
    const sameFacts = !reads || canonical(facts.base as Json) === canonical(facts.head as Json);
    const changes: Change[] = [];
    if (
      agreementUnclear(this.#base, base, cell.base, target) ||
      agreementUnclear(this.#head, head, cell.head, target)
    ) {
      const sameTimes =
        agreementText(this.#base, cell.base, target) ===
        agreementText(this.#head, cell.head, target);
      if (sameRules && sameFacts && sameTimes) return [];
      return [this.#access(head, cell, { verdict: "unknown", why: UNCLEAR }, 0)];
    }
    const common = intersect(was, is);
    if (!(sameRules && sameFacts) && !isEmpty(common)) {
      this.cells.compared++;
      const answer = this.#proofs.compare(
        cell,
        `${before}\n${after}`,
        sameRules,
        reads ? facts : undefined,
      );
      if (answer.verdict !== "same")
        changes.push(this.#access(head, cell, answer, momentOf(common)));
      changes.push(...this.#quota(head, cell, answer, momentOf(common)));
      if (changes.length === 0) this.cells.equivalent++;
    }
    changes.push(...this.#agreement(base, head, cell, was, is));
    return changes;
  }

  #access(grant: Grant, cell: Cell, answer: Answer, at: number): Change {
    const kind = kindOf(cell);
    const { base, head, target } = cell;
    const name = `\`${targetName(target)}\``;
    const shared = {
      kind,
      ...who(grant),
      ...place(cell),
      ephi: mayBeEphi(cell),
      effect: effectOf(cell),
      by: "proof" as const,
      reach: reachOf(cell),
      ...this.#places.cell(cell),
      safeguards: safeguardsOf(kind, effectOf(cell)),
    };
    if (answer.verdict === "unknown") {
      return {
        ...shared,
        verdict: "unknown",
        summary: `whether \`${grant.id}\` may make more calls of ${name} could not be proved: ${answer.why}`,
      };
    }
    if (answer.verdict !== "broader") {
      const after = reached(head, target) ? "fewer calls" : "no call";
      const summary = reached(head, target)
        ? `\`${grant.id}\` may make fewer calls of ${name}`
        : `\`${grant.id}\` may no longer call ${name}`;
      return { ...shared, verdict: "narrower", summary, before: "some calls", after };
    }
    const witnessed = this.#witnessed(grant, cell, answer.args, at);
    const summary = reached(base, target)
      ? `\`${grant.id}\` may now make calls of ${name} that \`${witnessed.baseDecision.rule}\` denied`
      : `\`${grant.id}\` may now call ${name}; before, no call of it was allowed`;
    const [before, after] = reached(base, target)
      ? ["some calls", "more calls"]
      : ["no call", "some calls"];
    return { ...shared, verdict: "broader", summary, before, after, ...witnessed };
  }

  #quota(grant: Grant, cell: Cell, answer: Answer, at: number): Change[] {
    // The limits of a tool that is new, or gone, are part of what was said of the tool.
    if (!reached(cell.base, cell.target) || !reached(cell.head, cell.target)) return [];
    // A limit that is only watched stops nobody, whatever its maximum is.
    if (watchedCalls(cell.base, cell.target) === "all") return [];
    const change = compareLimits(
      limitsOf(cell.base, cell.target),
      limitsOf(cell.head, cell.target),
    );
    if (change === undefined) return [];
    // Only a call that the rules allow at all can be repeated more often, or less.
    const allowed = this.#proofs.allows(cell, factsOf(this.#head, grant));
    if (allowed.answer === "no") return [];
    const name = `\`${targetName(cell.target)}\``;
    const shared = {
      kind: "quota" as const,
      ...who(grant),
      ...place(cell),
      ephi: mayBeEphi(cell),
      effect: effectOf(cell),
      ...this.#places.limits(cell),
      safeguards: safeguardsOf("quota", effectOf(cell)),
    };
    if (change.verdict === "narrower") {
      return [
        {
          ...shared,
          by: "rule",
          verdict: "narrower",
          summary: `\`${grant.id}\` may call ${name} less often`,
        },
      ];
    }
    const [was, is] = [change.base, change.head];
    const before = describeLimit(was.limit);
    const after = is === undefined ? "no such limit" : describeLimit(is.limit);
    const server = cell.head.server?.id ?? "";
    // Where head allows more kinds of calls too, a call of head's may not be one of base's.
    const played =
      allowed.answer === "unknown" || answer.verdict === "broader" || answer.verdict === "unknown"
        ? undefined
        : playSequence({ base: this.#base, head: this.#head }, was.limit, {
            grant: grant.id,
            server,
            target: cell.target,
            args: allowed.args,
            at,
            label: labelOf(cell.head, cell.target),
          });
    const summary = `\`${grant.id}\` may call ${name} more often: ${is === undefined ? `no longer at most ${before}` : `at most ${after}, before ${before}`}`;
    if (played === undefined)
      return [{ ...shared, before, after, by: "rule", verdict: "broader", summary }];
    const calls = played.calls;
    return [
      {
        ...shared,
        before,
        after,
        by: "proof",
        verdict: "broader",
        summary,
        witness: {
          ...this.#witness(grant, cell, calls.at(-1)!, at),
          sequence: { every: "0s", calls },
        },
        baseDecision: played.base,
        headDecision: played.head,
      },
    ];
  }

  /** Where the project demands an agreement, one that is in force for longer opens the server for longer. */
  #agreement(base: Grant, head: Grant, cell: Cell, was: Interval, is: Interval): Change[] {
    const grantTime = intersect(grantInterval(base), grantInterval(head));
    const [before, after] = [intersect(was, grantTime), intersect(is, grantTime)];
    const shorter = within(after, before);
    if (shorter && within(before, after)) return [];
    const allowed = this.#proofs.allows(cell, factsOf(this.#head, head));
    if (allowed.answer === "no") return [];
    const shared = {
      kind: "server" as const,
      ...who(head),
      ...place(cell),
      ephi: true,
      effect: effectOf(cell),
      by: "proof" as const,
      ...this.#places.server(cell.head.server?.id ?? "", ["vendor", "baa"]),
      safeguards: safeguardsOf("server", null),
    };
    const name = `\`${targetName(cell.target)}\``;
    if (shorter) {
      return [
        {
          ...shared,
          verdict: "narrower",
          summary: `the business associate agreement, or the demand for one, changed: \`${head.id}\` may call ${name} for a shorter time`,
        },
      ];
    }
    if (allowed.answer === "unknown") {
      return [
        {
          ...shared,
          verdict: "unknown",
          summary: `whether \`${head.id}\` may call ${name} under the changed agreement could not be proved: ${allowed.why}`,
        },
      ];
    }
    const at = momentOutside(after, before);
    return [
      {
        ...shared,
        verdict: "broader",
        summary: `the business associate agreement, or the demand for one, changed: \`${head.id}\` may call ${name} when base denied it`,
        ...this.#witnessed(head, cell, allowed.args, at),
      },
    ];
  }

  /** The first of the cells of which head allows some call to this grant, at a time outside of `but`. */
  #anyAllowed(
    grant: Grant,
    cells: readonly Cell[],
    but: Interval = NEVER,
  ): { answer: "yes"; cell: Cell; args: ReceivedObject } | Exclude<Allowed, { answer: "yes" }> {
    let open: Exclude<Allowed, { answer: "yes" }> = { answer: "no" };
    // What may concern patient data is shown first.
    for (const cell of [...cells].sort((a, b) => Number(mayBeEphi(b)) - Number(mayBeEphi(a)))) {
      const unclear = agreementUnclear(this.#head, grant, cell.head, cell.target);
      if (!unclear && within(inForce(this.#head, grant, cell.head, cell.target), but)) continue;
      const allowed = this.#proofs.allows(cell, factsOf(this.#head, grant));
      if (allowed.answer === "yes" && !unclear) return { ...allowed, cell };
      if (allowed.answer === "yes") open = { answer: "unknown", why: UNCLEAR };
      if (allowed.answer === "unknown") open = allowed;
    }
    return open;
  }

  /** The call, replayed on both sides. One that does not show what was proved is a bug of ours. */
  #witnessed(
    grant: Grant,
    cell: Cell,
    args: ReceivedObject,
    at: number,
  ): { effect: Effect; witness: Witness; baseDecision: Side; headDecision: Side } {
    const server = cell.head.server?.id ?? "";
    const call = callOf(grant.id, server, cell.target, args, at);
    const [base, head] = [replay(this.#base, call), replay(this.#head, call)];
    if (base.verdict !== "deny" || head.verdict !== "allow") {
      throw new PhiwardError(
        "BUG",
        `a call that was found for \`${targetName(cell.target)}\` does not replay: base says ${base.verdict} ${base.rule}, head says ${head.verdict} ${head.rule}`,
      );
    }
    return {
      effect: effectOf(cell, args),
      witness: this.#witness(grant, cell, args, at),
      baseDecision: { verdict: base.verdict, rule: base.rule, reason: base.reason },
      headDecision: { verdict: head.verdict, rule: head.rule },
    };
  }

  #witness(grant: Grant, cell: Cell, args: ReceivedObject, at: number): Witness {
    return {
      grant: grant.id,
      ...place(cell),
      args,
      attributes: readsGrant(cell.head, cell.target) ? masked(grant.attributes) : {},
      at: new Date(at).toISOString(),
    };
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  return canonical(a as Json) === canonical(b as Json);
}

function reachOf({ base, head, target }: Cell): NonNullable<Change["reach"]> {
  return { before: reachOn(base, target), after: reachOn(head, target) };
}

function serversOf(grant: Grant): string[] {
  return Object.keys(grant.access);
}
