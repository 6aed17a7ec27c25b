/**
 * What a policy's rules do, decided by the prover for all calls and all grants.
 *
 * Let C be the calls of one target that have the pinned form, and r₁ … rₙ the entries that judge
 * them, in the order of the decision; an entry stops a call that is not let through by it.
 *
 *     the target is unreachable   no call of C is allowed
 *     rᵢ says nothing             it stops no call of C
 *     rᵢ never decides            it stops no call of C that r₁ … rᵢ₋₁ let through
 *     rᵢ is redundant             it stops no call of C that all other entries, and the limits, allow
 *
 * Each follows from the one above it, so the last is asked first: a call that only rᵢ stops shows
 * that none of the three is so, and that is the answer for nearly every entry. An entry is said to
 * be one of these only if it is so on every target that it judges and that can be reached at all.
 *
 * Two entries that say the same make each other superfluous, and removing both would not be
 * harmless. So what is found is taken out of the policy before the next entry is asked about:
 * everything that is reported can be removed at once.
 *
 * "No" is what is reported, and only when it is proved. `unknown` is silence.
 */

import { type Half, provedSide } from "../compare/sides.ts";
import { type ReadyCondition, readyCondition } from "../decide/condition.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import type { Truth } from "../decide/truth.ts";
import { own, type ReceivedObject } from "../json/value.ts";
import type { Condition, Entry, Policy, RuleSet, Server } from "../policy/ir.ts";
import type { Judgement } from "../prove/conditions.ts";
import type { Formula } from "../prove/formula.ts";
import { type Answer, type Asked, allowsAny, canBe, find } from "../prove/prove.ts";
import type { Rules, Side, Target } from "../prove/rules.ts";

/** One target of a policy: on a server with which a grant pairs it, or on none where no grant does. */
export interface Ruled {
  readonly policy: Policy;
  readonly server: Server | undefined;
  readonly target: Target;
}

export type Section = "tools" | "methods" | "all_tools";

/** An entry of a policy, and where it stands. */
export interface EntrySite {
  readonly section: Section;
  /** The tool or method; empty for `all_tools`. */
  readonly name: string;
  readonly kind: "require" | "deny_if";
  readonly index: number;
  readonly entry: Entry;
}

/** A part of a policy that can be the reason why nothing is allowed. */
export type Part =
  | { readonly part: "entry"; readonly site: EntrySite }
  | { readonly part: "args" }
  | { readonly part: "limit"; readonly section: Section; readonly index: number };

export interface Unreachable {
  readonly section: "tools" | "methods";
  readonly name: string;
  readonly servers: readonly string[];
  /** Parts that together allow nothing, and none of which can be spared; none: the schema does. */
  readonly parts: readonly Part[];
}

export interface Superfluous {
  readonly site: EntrySite;
  /** The alternative of `any_of` that it is about; absent: the whole entry. */
  readonly group?: number;
  readonly why: "says nothing" | "never decides" | "redundant";
  /** The entries and `args` that already stop what it would, as few as do. */
  readonly because: readonly Part[];
  /** What is judged by it, for the message. */
  readonly ruled: readonly Ruled[];
}

export interface Constant {
  readonly site: EntrySite;
  readonly group: number;
  readonly index: number;
  readonly condition: Condition;
  readonly never: "true" | "false";
  readonly ruled: readonly Ruled[];
}

export interface Analysis {
  readonly unreachable: readonly Unreachable[];
  readonly superfluous: readonly Superfluous[];
  readonly constant: readonly Constant[];
}

/** Everything that judges a policy's targets, proved when it is first asked for. */
export class Proofs {
  readonly #ready: ReadyRepository;
  /** What a policy judges; nothing where that cannot be told. */
  readonly ruled: (policy: Policy) => readonly Ruled[];
  readonly #known = new Map<Policy, Analysis>();

  constructor(ready: ReadyRepository, ruled: (policy: Policy) => readonly Ruled[]) {
    this.#ready = ready;
    this.ruled = ruled;
  }

  of(policy: Policy): Analysis {
    let analysis = this.#known.get(policy);
    if (analysis === undefined) {
      analysis = new PolicyProofs(this.#ready, policy, this.ruled(policy)).analyse();
      this.#known.set(policy, analysis);
    }
    return analysis;
  }
}

export function halfOf(repository: ReadyRepository, { policy, server }: Ruled): Half {
  return { repository, policy, server };
}

/** What the prover is asked about a target, for every grant. */
export function openSide(repository: ReadyRepository, ruled: Ruled): Side {
  const { policy, server, target } = ruled;
  // Without a server there is no label, so nothing can be said of limits that need one.
  if (server === undefined) {
    return { policy: cut(policy, target, () => true, "entries"), target, grant: "free" };
  }
  return provedSide(halfOf(repository, ruled), target, "free");
}

/** The entries of one rule set, in the order in which they decide. */
export function entriesOf(section: Section, name: string, rules: RuleSet): EntrySite[] {
  return (["require", "deny_if"] as const).flatMap((kind) =>
    (kind === "require" ? rules.require : rules.denyIf).map((entry, index) => ({
      section,
      name,
      kind,
      index,
      entry,
    })),
  );
}

function entriesOfPolicy(policy: Policy): EntrySite[] {
  return [
    ...(["tools", "methods"] as const).flatMap((section) =>
      Object.entries(policy[section]).flatMap(([name, rules]) => entriesOf(section, name, rules)),
    ),
    ...entriesOf("all_tools", "", policy.allTools),
  ];
}

/** What of a target's rules is kept besides some entries: `args` and limits, `args`, or neither. */
type Kept = "everything" | "entries" | "only entries";

/** The policy of one target, with some of its entries. */
function cut(
  policy: Policy,
  target: Target,
  keeps: (entry: Entry) => boolean,
  also: Kept,
  shrunk: ReadonlyMap<Entry, Entry> = new Map(),
): Policy {
  const kept = (entries: readonly Entry[]): Entry[] =>
    entries.filter(keeps).map((entry) => shrunk.get(entry) ?? entry);
  const cutRules = ({ args, require, denyIf, limits }: RuleSet): RuleSet => ({
    ...(args === undefined || also === "only entries" ? {} : { args }),
    require: kept(require),
    denyIf: kept(denyIf),
    limits: also === "everything" ? limits : [],
  });
  const only = (known: Policy["tools"], name: string | undefined): Policy["tools"] => {
    const rules = name === undefined ? undefined : own(known, name);
    return rules === undefined ? {} : { [name!]: cutRules(rules) };
  };
  return {
    ...policy,
    allTools: cutRules(policy.allTools),
    tools: only(policy.tools, "tool" in target ? target.tool : undefined),
    methods: only(policy.methods, "tool" in target ? undefined : target.method),
  };
}

class PolicyProofs {
  readonly #ready: ReadyRepository;
  readonly #policy: Policy;
  /** The targets of which some call can be allowed, as far as is known. */
  #reached: readonly Ruled[] = [];
  readonly #all: readonly Ruled[];
  readonly #judges = new Map<Condition, ReadyCondition>();
  /** Entries without the alternatives that were reported. */
  readonly #shrunk = new Map<Entry, Entry>();
  /** What a condition was seen to be, of a call of the pinned form. */
  readonly #seen = new Map<Condition, Set<Truth>>();

  constructor(ready: ReadyRepository, policy: Policy, ruled: readonly Ruled[]) {
    this.#ready = ready;
    this.#policy = policy;
    this.#all = ruled;
  }

  analyse(): Analysis {
    const unreachable = this.#unreachable();
    const sites = entriesOfPolicy(this.#policy);
    const superfluous = this.#superfluous(sites);
    const gone = new Set(superfluous.map(({ site }) => site.entry));
    const groups = this.#groups(sites, gone);
    const found = [...superfluous, ...groups];
    return { unreachable, superfluous: found, constant: this.#constant(sites, found) };
  }

  /** The side of a target with only some of the policy's rules. */
  #side(ruled: Ruled, keeps: (entry: Entry) => boolean, also: Kept): Side {
    const side = openSide(this.#ready, ruled);
    if (side.policy === undefined) return side;
    return { ...side, policy: cut(side.policy, ruled.target, keeps, also, this.#shrunk) };
  }

  #unreachable(): Unreachable[] {
    const reached: Ruled[] = [];
    const shut = new Map<string, Ruled[]>();
    const open = new Set<string>();
    for (const ruled of this.#all) {
      const key = keyOf(ruled.target);
      if (this.#watched(ruled, allowsAny(openSide(this.#ready, ruled))).answer === "no") {
        shut.set(key, [...(shut.get(key) ?? []), ruled]);
      } else {
        open.add(key);
        reached.push(ruled);
      }
    }
    this.#reached = reached;
    return [...shut].flatMap(([key, all]) => {
      const [first] = all as [Ruled];
      const { target } = first;
      const [section, name] =
        "tool" in target
          ? (["tools", target.tool] as const)
          : (["methods", target.method] as const);
      // Where `default: allow` reaches it the tool has no place of its own.
      if (open.has(key) || own(this.#policy[section], name) === undefined) return [];
      const servers = all.flatMap(({ server }) => (server === undefined ? [] : [server.id]));
      return [{ section, name, servers, parts: this.#least(first, section, name) }];
    });
  }

  /** Of everything that judges an unreachable target, parts that suffice and cannot be spared. */
  #least(ruled: Ruled, section: "tools" | "methods", name: string): Part[] {
    const side = openSide(this.#ready, ruled);
    const rules = own(this.#policy[section], name)!;
    const sets: [Section, RuleSet][] =
      section === "tools"
        ? [
            ["tools", rules],
            ["all_tools", this.#policy.allTools],
          ]
        : [["methods", rules]];
    const all: Part[] = [
      ...(rules.args === undefined ? [] : [{ part: "args" } as const]),
      ...sets.flatMap(([of, set]) => [
        ...entriesOf(of, of === "all_tools" ? "" : name, set).map(
          (site): Part => ({ part: "entry", site }),
        ),
        ...(ruled.server === undefined ? [] : set.limits).map(
          (_, index): Part => ({ part: "limit", section: of, index }),
        ),
      ]),
    ];
    const keep = (parts: readonly Part[]): Side => {
      const entries = new Set(parts.flatMap((p) => (p.part === "entry" ? [p.site.entry] : [])));
      const kept = (of: Section, set: RuleSet): RuleSet => ({
        ...(set.args !== undefined && parts.some(({ part }) => part === "args")
          ? { args: set.args }
          : {}),
        require: set.require.filter((entry) => entries.has(entry)),
        denyIf: set.denyIf.filter((entry) => entries.has(entry)),
        limits: set.limits.filter((_, i) =>
          parts.some((p) => p.part === "limit" && p.section === of && p.index === i),
        ),
      });
      const policy = side.policy!;
      return {
        ...side,
        policy: {
          ...policy,
          allTools: kept("all_tools", policy.allTools),
          [section]: { [name]: kept(section, rules) },
        },
      };
    };
    return spareOut(all, (parts) => allowsAny(keep(parts)).answer === "no");
  }

  /** The targets that an entry judges and of which some call can be allowed. */
  #judgedBy({ section, name }: EntrySite): readonly Ruled[] {
    return this.#reached.filter(({ target }) =>
      section === "methods"
        ? "method" in target && target.method === name
        : "tool" in target && (section === "all_tools" || target.tool === name),
    );
  }

  #superfluous(sites: readonly EntrySite[]): Superfluous[] {
    const judged = new Map(sites.map((site) => [site, this.#judgedBy(site)]));
    const suspects = sites.filter((site) => {
      const ruled = judged.get(site)!;
      const others = (entry: Entry): boolean => entry !== site.entry;
      return ruled.length > 0 && this.#never(ruled, site, others, "everything");
    });
    if (suspects.length === 0) return [];
    const found: Superfluous[] = [];
    const gone = new Set<Entry>();
    // In the order of the decision: what an earlier entry makes of a later one.
    for (const site of suspects) {
      const ruled = judged.get(site)!;
      const before = this.#before(sites, site);
      const earlier = (entry: Entry): boolean => before.has(entry) && !gone.has(entry);
      if (this.#never(ruled, site, () => false, "only entries")) {
        found.push({ site, why: "says nothing", because: [], ruled });
      } else if (this.#never(ruled, site, earlier, "entries")) {
        const because = this.#because(ruled, site, sites, earlier);
        found.push({ site, why: "never decides", because, ruled });
      } else continue;
      gone.add(site.entry);
    }
    for (const site of suspects) {
      if (gone.has(site.entry)) continue;
      const ruled = judged.get(site)!;
      const others = (entry: Entry): boolean => entry !== site.entry && !gone.has(entry);
      if (!this.#never(ruled, site, others, "everything")) continue;
      const because = this.#because(ruled, site, sites, others);
      found.push({ site, why: "redundant", because, ruled });
      gone.add(site.entry);
    }
    return found;
  }

  /** The entries that decide before this one, on the targets that it judges. */
  #before(sites: readonly EntrySite[], site: EntrySite): ReadonlySet<Entry> {
    const before = new Set<Entry>();
    for (const other of sites) {
      if (other === site) continue;
      const same = other.section === site.section && other.name === site.name;
      const rank = ({ kind, index }: EntrySite): number =>
        (kind === "require" ? 0 : 1_000_000) + index;
      // A tool's own rules come before those of all tools; other tools' rules judge other calls.
      const earlier = same
        ? rank(other) < rank(site)
        : site.section === "all_tools" && other.section === "tools";
      if (earlier) before.add(other.entry);
    }
    return before;
  }

  /** Whether the entry stops no call that the kept rules allow, on any of the targets. */
  #never(
    ruled: readonly Ruled[],
    { kind, entry }: EntrySite,
    keeps: (entry: Entry) => boolean,
    also: Kept,
  ): boolean {
    const stopped = (rules: Rules, { shop }: Asked): Formula =>
      shop.not(through(kind, rules.conditions.entry(entry)));
    return this.#none(ruled, keeps, also, stopped);
  }

  /** Whether no target has a call that the kept rules allow and of which the formula is true. */
  #none(
    ruled: readonly Ruled[],
    keeps: (entry: Entry) => boolean,
    also: Kept,
    formula: (rules: Rules, asked: Asked) => Formula,
  ): boolean {
    return ruled.every((one) => {
      const question = (asked: Asked): Formula => {
        const [rules] = asked.rules as readonly [Rules];
        return asked.shop.and([rules.allowed(), formula(rules, asked)]);
      };
      const answer = find([this.#side(one, keeps, also)], question);
      return this.#watched(one, answer).answer === "no";
    });
  }

  /** As few of the kept entries, and `args`, as stop what the entry would; none where it takes limits. */
  #because(
    ruled: readonly Ruled[],
    site: EntrySite,
    sites: readonly EntrySite[],
    keeps: (entry: Entry) => boolean,
  ): Part[] {
    const judging = sites.filter(
      ({ entry, section, name }) =>
        keeps(entry) &&
        (section === "all_tools" ? site.section !== "methods" : true) &&
        (site.section === "all_tools" || section === "all_tools" || name === site.name),
    );
    const parts: Part[] = [
      { part: "args" },
      ...judging.map((of): Part => ({ part: "entry", site: of })),
    ];
    const enough = (some: readonly Part[]): boolean => {
      const kept = new Set(some.flatMap((p) => (p.part === "entry" ? [p.site.entry] : [])));
      const args = some.some(({ part }) => part === "args");
      const also = args ? "entries" : "only entries";
      return this.#never(ruled, site, (entry) => kept.has(entry), also);
    };
    return enough(parts) ? spareOut(parts, enough) : [];
  }

  /** Alternatives that change nothing, of the entries that do. */
  #groups(sites: readonly EntrySite[], gone: ReadonlySet<Entry>): Superfluous[] {
    return sites.flatMap((site) => {
      const ruled = this.#judgedBy(site);
      const { entry, kind } = site;
      if (gone.has(entry) || entry.anyOf.length < 2 || ruled.length === 0) return [];
      const kept = new Set(entry.anyOf);
      const found: Superfluous[] = [];
      for (const [group, conditions] of entry.anyOf.entries()) {
        if (kept.size === 1) break;
        const alone: Entry = { anyOf: [conditions] };
        const rest: Entry = { anyOf: [...kept].filter((other) => other !== conditions) };
        // An alternative of `require` lets calls through, one of `deny_if` stops them.
        const matters = ({ conditions: of }: Rules, { shop }: Asked): Formula => {
          const here = through(kind, of.entry(alone));
          const elsewhere = through(kind, of.entry(rest));
          return kind === "require"
            ? shop.and([here, shop.not(elsewhere)])
            : shop.and([elsewhere, shop.not(here)]);
        };
        const others = (other: Entry): boolean => other !== entry && !gone.has(other);
        if (!this.#none(ruled, others, "everything", matters)) continue;
        const speaks = ({ conditions: of }: Rules, { shop }: Asked): Formula => {
          const here = through(kind, of.entry(alone));
          return kind === "require" ? here : shop.not(here);
        };
        const why = this.#none(ruled, () => false, "only entries", speaks)
          ? "says nothing"
          : "redundant";
        found.push({ site, group, why, because: [], ruled });
        kept.delete(conditions);
        this.#shrunk.set(entry, rest);
      }
      return found;
    });
  }

  #constant(sites: readonly EntrySite[], found: readonly Superfluous[]): Constant[] {
    return sites.flatMap((site) => {
      const ruled = this.#judgedBy(site);
      const here = found.filter((of) => of.site === site);
      if (ruled.length === 0 || here.some(({ group }) => group === undefined)) return [];
      return site.entry.anyOf.flatMap((conditions, group) => {
        if (here.some((of) => of.group === group)) return [];
        return conditions.flatMap((condition, index): Constant[] => {
          const seen = this.#seen.get(condition);
          const never = (truth: "true" | "false"): boolean =>
            seen?.has(truth) !== true &&
            ruled.every(
              (one) => canBe(truth, condition, openSide(this.#ready, one)).answer === "no",
            );
          const [no, yes] = [never("false"), never("true")];
          // One that is neither reads an argument as what it is not, and other rules say so.
          if (no === yes) return [];
          return [{ site, group, index, condition, never: no ? "false" : "true", ruled }];
        });
      });
    });
  }

  /** A call that was found shows what conditions can be, so that it need not be asked again. */
  #watched(ruled: Ruled, answer: Answer): Answer {
    if (answer.answer !== "yes" || !this.#hasForm(ruled, answer.witness.args)) return answer;
    const { args, grant = {} } = answer.witness;
    for (const { entry, section, name } of entriesOfPolicy(this.#policy)) {
      const { target } = ruled;
      const judges =
        section === "all_tools"
          ? "tool" in target
          : name === ("tool" in target ? target.tool : target.method);
      if (!judges) continue;
      for (const condition of entry.anyOf.flat()) {
        let ready = this.#judges.get(condition);
        if (ready === undefined) {
          ready = readyCondition(condition);
          this.#judges.set(condition, ready);
        }
        const truths = this.#seen.get(condition) ?? new Set();
        this.#seen.set(condition, truths.add(ready.judge({ args, grant })));
      }
    }
    return answer;
  }

  #hasForm({ server, target }: Ruled, args: ReceivedObject): boolean {
    if (server === undefined || !("tool" in target)) return true;
    const pinned = this.#ready.servers.get(server.id)?.pinned(target.tool);
    if (pinned === undefined) return server.lock === undefined;
    return "schema" in pinned && pinned.schema.check(args) === undefined;
  }
}

/** When an entry lets a call through. */
function through(kind: "require" | "deny_if", judgement: Judgement): Formula {
  return kind === "require" ? judgement.whenTrue : judgement.whenFalse;
}

function keyOf(target: Target): string {
  return JSON.stringify(target);
}

/** The parts without those that can be left out one after the other, the last ones first. */
function spareOut(parts: readonly Part[], enough: (parts: readonly Part[]) => boolean): Part[] {
  let kept = [...parts];
  for (const part of parts.toReversed()) {
    const fewer = kept.filter((other) => other !== part);
    if (enough(fewer)) kept = fewer;
  }
  return kept;
}
