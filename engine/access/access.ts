/**
 * Who can reach what: every grant on every tool and method of the servers that it names.
 *
 * For one grant g and one target, with C the calls that the target's pinned schema accepts and A the
 * ones that are allowed, at some time within the grant's dates and with no quota used:
 *
 *     none          A = ∅, proved
 *     all           A = C, proved, and nothing but time and limits stands between
 *     conditional   anything else, or what could not be proved
 *
 * So `none` and `all` are claims about every call, and `conditional` claims nothing. The words of the
 * conditions are those of the policy, without what the grant's own constants settle; a constant is
 * shown by its name, never by its value.
 */
import { baaInterval, grantInterval, intersect, isEmpty, within } from "../compare/interval.ts";
import { describeLimit, limitsOf } from "../compare/quota.ts";
import {
  cellText,
  factsOf,
  type Half,
  labelOf,
  provedSide,
  readsGrant,
  rulesOf,
  targetName,
  watchedCalls,
} from "../compare/sides.ts";
import { TOOLS_CALL } from "../decide/call.ts";
import { describeCondition, readyCondition } from "../decide/condition.ts";
import { prepare, type ReadyRepository } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import { canonical, type Json, own, type ReceivedObject } from "../json/value.ts";
import {
  type Condition,
  EFFECTS,
  type Effect,
  type Entry,
  type Grant,
  type Repository,
  type Server,
  WORST_LABEL,
} from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import { HOUR, MINUTE } from "../policy/time.ts";
import type { Formula } from "../prove/formula.ts";
import { whereEffect, whereEphi } from "../prove/labels.ts";
import { type Asked, allowsAny, deniesAny, find } from "../prove/prove.ts";
import { rulesAllow } from "../prove/replay.ts";
import type { Rules, Side, Target } from "../prove/rules.ts";
import type { Witness } from "../prove/witness.ts";
import { didYouMean } from "../suggest.ts";

export interface AccessRow {
  readonly grant: string;
  readonly principal: string;
  readonly server: string;
  readonly method: string;
  /** Empty where `method` is not a tool call. */
  readonly tool: string;
  /** Whether an allowed call may touch patient data; of `none`, whether any call may. */
  readonly ephi: boolean;
  /** The worst that an allowed call can do; of `none`, that any call can. */
  readonly effect: Effect;
  readonly access: "all" | "conditional" | "none";
  /** What has to be so for a call to be allowed, or why none is. */
  readonly conditions: readonly string[];
  /** RFC 3339; the grant is valid from the first until just before the second. */
  readonly validFrom: string;
  readonly validUntil: string;
  /** Whether that is so at the time of the report. */
  readonly inForce: boolean;
  /** Where a proof met its work limit: what stopped it. */
  readonly unproved?: string;
}

export interface Access {
  readonly digest: string;
  readonly at: string;
  readonly rows: readonly AccessRow[];
}

export interface AccessOptions {
  readonly grant?: string | undefined;
  /** A tool or a method. */
  readonly tool?: string | undefined;
  /** Only what may touch patient data. */
  readonly ephi?: boolean;
}

/** `now`, in epoch milliseconds, decides only which grants are in force. */
export function access(repository: Repository, now: number, options: AccessOptions = {}): Access {
  const ready = prepare(repository);
  const matrix = new Matrix(ready, now);
  const grants = [...ready.grants.keys()].sort();
  if (options.grant !== undefined) known("grant", options.grant, grants);
  const cells = grants.flatMap((id) => matrix.cellsOf(ready.grants.get(id)!.source));
  if (options.tool !== undefined) {
    known("tool or method", options.tool, new Set(cells.map(({ target }) => targetName(target))));
  }
  const rows = cells
    .filter(
      ({ grant, target }) =>
        (options.grant ?? grant.id) === grant.id &&
        (options.tool ?? targetName(target)) === targetName(target),
    )
    .map((cell) => matrix.row(cell))
    .filter(({ ephi }) => ephi || options.ephi !== true);
  return { digest: repository.digest, at: new Date(now).toISOString(), rows };
}

function known(what: string, name: string, names: Iterable<string>): void {
  const all = [...names].sort();
  if (all.includes(name)) return;
  throw new PhiwardError("USAGE", `there is no ${what} \`${name.slice(0, 60)}\``, {
    help: didYouMean(name, all),
  });
}

interface Cell {
  readonly grant: Grant;
  readonly server: string;
  readonly half: Half;
  readonly target: Target;
}

/** What is proved of a cell, whoever has the grant. */
interface Proved {
  readonly access: AccessRow["access"];
  readonly ephi: boolean;
  /** Whether some allowed call may touch none. */
  readonly plain: boolean;
  readonly effect: Effect;
  readonly unproved?: string;
}

class Matrix {
  readonly #ready: ReadyRepository;
  readonly #now: number;
  readonly #proved = new Map<string, Proved>();

  constructor(ready: ReadyRepository, now: number) {
    this.#ready = ready;
    this.#now = now;
  }

  /** Everything that the grant's servers have, and everything that its policies list. */
  cellsOf(grant: Grant): Cell[] {
    return Object.entries(grant.access).flatMap(([id, policyName]) => {
      const server = this.#ready.servers.get(id)?.source;
      const policy = this.#ready.policies.get(policyName)?.source;
      const monitored = grant.mode === "monitor" || server?.mode === "monitor";
      const half = { repository: this.#ready, policy, server, monitored };
      const tools = new Set([
        ...Object.keys(server?.lock?.tools ?? {}),
        ...Object.keys(server?.tools ?? {}),
        ...Object.keys(policy?.tools ?? {}),
      ]);
      const methods = new Set([
        ...Object.keys(server?.methods ?? {}),
        ...Object.keys(policy?.methods ?? {}),
      ]);
      return [
        ...[...tools].sort().map((tool) => ({ tool })),
        ...[...methods].sort().map((method) => ({ method })),
      ].map((target) => ({ grant, server: id, half, target }));
    });
  }

  row(cell: Cell): AccessRow {
    const { grant, server, half, target } = cell;
    const time = grantInterval(grant);
    const shared = {
      grant: grant.id,
      principal: grant.principal.id,
      server,
      ...("tool" in target
        ? { method: TOOLS_CALL, tool: target.tool }
        : { method: target.method, tool: "" }),
    };
    const dates = {
      validFrom: new Date(time.from).toISOString(),
      validUntil: new Date(time.until).toISOString(),
      inForce: time.from <= this.#now && this.#now < time.until,
    };
    const label = labelOf(half, target);
    const worst = {
      ephi: label.ephi !== false,
      effect: typeof label.effect === "string" ? label.effect : ("execute" as const),
    };
    const none = (why: string): AccessRow => ({
      ...shared,
      ...worst,
      access: "none",
      conditions: [why],
      ...dates,
    });
    const why = this.#shut(cell);
    if (why !== undefined) return none(why);
    const proved = this.#prove(cell);
    if (proved.access === "none")
      return none("its rules, and the pinned schema, exclude every call");
    const { plain, ephi, effect, unproved } = proved;
    const agreement = this.#agreement(cell, proved);
    if (agreement === "never" && !plain) return none("no business associate agreement is in force");
    const isWatched = watchedCalls(half, target) !== "none";
    const circumstances = [
      ...(agreement === undefined ? [] : [agreement === "never" ? NO_AGREEMENT : agreement]),
      ...(grant.breakGlass === undefined ? [] : [opened(grant.breakGlass.maxMs)]),
    ];
    return {
      ...shared,
      ephi: ephi && agreement !== "never",
      effect,
      access: circumstances.length > 0 ? "conditional" : proved.access,
      conditions: [...circumstances, ...(isWatched ? [WATCHED] : []), ...this.#words(cell)],
      ...dates,
      ...(unproved === undefined ? {} : { unproved }),
    };
  }

  /** Why no call of the target can be allowed, where that needs no proof. */
  #shut({ half, target }: Cell): string | undefined {
    const { policy, server } = half;
    if (server === undefined) return "the server is not in the registry";
    if (policy === undefined) return "the policy does not exist";
    if ("method" in target) {
      return own(policy.methods, target.method) === undefined
        ? "the policy does not list this method"
        : undefined;
    }
    const { tool } = target;
    if (watchedCalls(half, target) !== "none") return this.#quarantine(server, tool);
    if (policy.hide === "*" || policy.hide.includes(tool)) return "the policy hides it";
    if (rulesOf(policy, target, labelOf(half, target)).length === 0) {
      return policy.default === "deny"
        ? "the policy does not list it"
        : "the policy does not list it, and it is not labelled `ephi: false`";
    }
    return this.#quarantine(server, tool);
  }

  #quarantine(server: Server, tool: string): string | undefined {
    const pinned = this.#ready.servers.get(server.id)?.pinned(tool);
    if (server.lock !== undefined && pinned === undefined) {
      return "quarantined: the server's lock does not pin it";
    }
    return pinned !== undefined && "problem" in pinned
      ? "quarantined: its pinned schema cannot be used"
      : undefined;
  }

  /** What the project's demand for an agreement adds to the conditions. */
  #agreement({ grant, half }: Cell, { ephi }: Proved): string | "never" | undefined {
    if (!ephi || half.server === undefined) return undefined;
    const agreement = baaInterval(this.#ready, half.server, WORST_LABEL);
    const time = grantInterval(grant);
    const both = intersect(time, agreement);
    if (isEmpty(both)) return "never";
    if (within(time, agreement)) return undefined;
    return `only while the business associate agreement is in force: ${day(both.from)} until ${day(both.until)}`;
  }

  #prove({ grant, half, target }: Cell): Proved {
    const reads = readsGrant(half, target);
    const facts = factsOf(this.#ready, grant);
    const key = canonical([
      half.server!.id,
      half.policy!.name,
      targetName(target),
      cellText(half, target),
      reads ? (facts as Json) : null,
    ]);
    let proved = this.#proved.get(key);
    if (proved === undefined) {
      // What does not read the grant is proved once, for everybody.
      proved = this.#ask(half, target, reads ? facts : "free");
      this.#proved.set(key, proved);
    }
    return proved;
  }

  #ask(half: Half, target: Target, view: Side["grant"]): Proved {
    const side = provedSide(half, target, view);
    const label = labelOf(half, target);
    const { monitored } = half;
    const of = { policy: half.policy!, server: half.server!.id, target, monitored };
    const allows = ({ args, grant }: Witness): boolean =>
      rulesAllow(this.#ready, of, args, view === "free" ? (grant ?? {}) : view);
    const hasForm = ({ args }: Witness): boolean => this.#hasForm(half, target, args);
    const some = allowsAny(side, { confirm: allows });
    /** Whether some allowed call is of the kind; so it is too where that could not be excluded. */
    const reaches = (kind: (rules: Rules, asked: Asked) => Formula): boolean =>
      find(
        [side],
        (asked) => {
          const [rules] = asked.rules as readonly [Rules];
          return asked.shop.and([rules.allowed(), kind(rules, asked)]);
        },
        { confirm: allows },
      ).answer !== "no";
    const effect =
      typeof label.effect === "string"
        ? label.effect
        : (EFFECTS.toReversed().find((one) =>
            reaches((rules, { shop }) => whereEffect(shop, rules, label, [one])),
          ) ?? "execute");
    const ephi =
      typeof label.ephi === "boolean"
        ? label.ephi
        : reaches((rules, { shop }) => whereEphi(shop, rules, label));
    const plain =
      typeof label.ephi === "boolean"
        ? !label.ephi
        : reaches((rules, { shop }) => shop.not(whereEphi(shop, rules, label)));
    if (some.answer === "no") return { access: "none", ephi, plain, effect };
    const denied = deniesAny(side, {
      confirm: (witness) => hasForm(witness) && !allows(witness),
    });
    const open = [some, denied].find((answer) => answer.answer === "unknown");
    return {
      access: denied.answer === "no" ? "all" : "conditional",
      ephi,
      plain,
      effect,
      ...(open?.answer === "unknown" ? { unproved: open.why } : {}),
    };
  }

  #hasForm({ server }: Half, target: Target, args: ReceivedObject): boolean {
    if (!("tool" in target)) return true;
    const pinned = this.#ready.servers.get(server!.id)?.pinned(target.tool);
    return pinned === undefined || ("schema" in pinned && pinned.schema.check(args) === undefined);
  }

  /** The policy's rules for the target in words, as far as they depend on more than the grant. */
  #words({ grant, half, target }: Cell): string[] {
    const facts = factsOf(this.#ready, grant);
    const sets = rulesOf(half.policy!, target, labelOf(half, target));
    return [
      ...sets.flatMap(({ args, require, denyIf }) => [
        ...(args === undefined ? [] : [argumentWords(args)]),
        ...require.flatMap((entry) => entryWords("only if", specialise(entry, facts, "require"))),
        ...denyIf.flatMap((entry) => entryWords("not if", specialise(entry, facts, "deny_if"))),
      ]),
      ...limitsOf(half, target).map(({ limit }) => `at most ${describeLimit(limit)}`),
    ];
  }
}

const WATCHED =
  "monitor mode: calls that touch no patient data pass, whatever the rules say of them";

const NO_AGREEMENT =
  "only calls that touch no patient data: no business associate agreement is in force";

function argumentWords(args: readonly string[]): string {
  if (args.length === 0) return "without arguments";
  return `with no arguments but ${args.join(", ")}`;
}

/** The alternatives that the grant leaves open, each without the conditions that it settles. */
function specialise(
  { anyOf }: Entry,
  facts: ReceivedObject,
  kind: "require" | "deny_if",
): readonly (readonly Condition[])[] {
  return anyOf.flatMap((group) => {
    const judged = group.map((condition) => ({
      condition,
      truth:
        condition.path.root === "grant"
          ? readyCondition(condition).judge({ args: {}, grant: facts })
          : "open",
    }));
    const out = judged.some(
      ({ truth }) => truth === "false" || (truth === "undetermined" && kind === "require"),
    );
    return out
      ? []
      : [judged.filter(({ truth }) => truth !== "true").map(({ condition }) => condition)];
  });
}

function entryWords(start: string, groups: readonly (readonly Condition[])[]): string[] {
  // No alternative is left: the entry says nothing (deny_if), or the target would be `none`. An
  // alternative without conditions: the grant alone settles it.
  if (groups.length === 0 || groups.some((group) => group.length === 0)) return [];
  // Alternatives that only ask whether an argument is there are told together.
  const present = groups.flatMap((group) => {
    const [only] = group as [Condition];
    return group.length === 1 && presence(only) === "present" ? [pathWords(only)] : [];
  });
  const together = present.length > 1;
  const rest = groups.filter(
    ([only], i) => !(together && groups[i]!.length === 1 && presence(only!) === "present"),
  );
  const texts = rest.map((group) => {
    const text = group.map(conditionWords).join(" and ");
    return group.length > 1 && (rest.length > 1 || together) ? `(${text})` : text;
  });
  if (together) texts.unshift(`any of ${present.join(", ")} is present`);
  return [`${start} ${texts.join(" or ")}`];
}

/** With the whole of what it compares with: what is cut could be what matters. */
function conditionWords(condition: Condition): string {
  const is = presence(condition);
  if (is !== undefined) return `${pathWords(condition)} is ${is}`;
  return describeCondition(condition, Number.POSITIVE_INFINITY);
}

function presence({ op, operand, not, path }: Condition): "present" | "absent" | undefined {
  if (op !== "exists" || !("literal" in operand) || path.each !== undefined) return undefined;
  return operand.literal !== not ? "present" : "absent";
}

function pathWords({ path }: Condition): string {
  return formatPath(path);
}

function opened(maxMs: number): string {
  const [count, unit] = maxMs % HOUR === 0 ? [maxMs / HOUR, "h"] : [maxMs / MINUTE, "min"];
  return `only while a person has opened it, for at most ${count} ${unit}`;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
