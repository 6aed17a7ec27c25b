/**
 * What the prover is asked about a cell, and what is made of its answers: each question once, a
 * refutation with its call, a proof only with a certificate that the checker accepts.
 */
import { PhiwardError } from "../errors.ts";
import { canonical, type Json, own, type ReceivedObject } from "../json/value.ts";
import type { RuleSet } from "../policy/ir.ts";
import { type Certificate, checkCertificate } from "../prove/certificate.ts";
import { allowsAny, proveTool } from "../prove/prove.ts";
import { rulesAllow } from "../prove/replay.ts";
import type { Side as Proved, Target } from "../prove/rules.ts";
import type { Witness as ProvedWitness } from "../prove/witness.ts";
import { type Cell, cellText, type Half, provedSide, readsGrant, targetName } from "./sides.ts";

/** What the prover says of a cell, and what the limits say beside it. */
export type Answer =
  | { readonly verdict: "same" | "narrower" }
  | { readonly verdict: "broader"; readonly args: ReceivedObject }
  | { readonly verdict: "unknown"; readonly why: string };

export type Allowed =
  | { readonly answer: "yes"; readonly args: ReceivedObject }
  | { readonly answer: "no" }
  | { readonly answer: "unknown"; readonly why: string };

export class Proofs {
  /** Answers that hold for every grant, by what the two sides say of the target. */
  readonly #open = new Map<string, Answer>();
  readonly #allowed = new Map<string, Allowed>();
  readonly #check: typeof checkCertificate;

  /** `check` accepts a certificate by answering nothing; whatever it answers is what is wrong. */
  constructor(check: typeof checkCertificate = checkCertificate) {
    this.#check = check;
  }

  /** What the change does to the calls of a cell; `facts` where the rules read the grant. */
  compare(
    cell: Cell,
    key: string,
    sameRules: boolean,
    facts: { base: ReceivedObject; head: ReceivedObject } | undefined,
  ): Answer {
    if (!sameRules || facts === undefined) {
      const cacheKey = `${"tool" in cell.target ? "tool" : "method"} ${targetName(cell.target)}\n${key}`;
      let open = this.#open.get(cacheKey);
      if (open === undefined) {
        open = this.#prove(cell, { base: "free", head: "free" });
        this.#open.set(cacheKey, open);
      }
      if (facts === undefined) return open;
      // "Same" with free constants covers every grant with the same constants on both sides. What was
      // refuted, or became narrower, may be so only for the grant that the prover made up.
      const equal = canonical(facts.base as Json) === canonical(facts.head as Json);
      if (open.verdict === "same" && equal) return open;
    }
    return this.#prove(cell, facts!);
  }

  #prove(cell: Cell, views: { base: Proved["grant"]; head: Proved["grant"] }): Answer {
    const { base, head, target } = cell;
    const confirm = ({ args, grant }: ProvedWitness): boolean => {
      const region = (half: Half, view: Proved["grant"]): boolean =>
        regionAllows(half, target, args, view === "free" ? (grant ?? {}) : view);
      return region(head, views.head) && !region(base, views.base);
    };
    const verdict = proveTool(
      withMaximaOf(head, provedSide(base, target, views.base)),
      provedSide(head, target, views.head),
      { confirm },
    );
    if (verdict.verdict === "broader") return { verdict: "broader", args: verdict.witness.args };
    if ("certificate" in verdict) this.#accept(verdict.certificate, target);
    return verdict.verdict === "unknown" ? verdict : { verdict: verdict.verdict };
  }

  /** Whether head allows some call of a cell to a grant with these constants. */
  allows({ head, target }: Cell, facts: ReceivedObject): Allowed {
    const reads = readsGrant(head, target);
    const key = `${targetName(target)}\n${cellText(head, target)}\n${reads ? canonical(facts as Json) : ""}`;
    let allowed = this.#allowed.get(key);
    if (allowed === undefined) {
      const view = reads ? facts : "free";
      const confirm = ({ args, grant: made }: ProvedWitness): boolean =>
        regionAllows(head, target, args, view === "free" ? (made ?? {}) : view);
      const answer = allowsAny(provedSide(head, target, view), { confirm });
      if (answer.answer === "no") this.#accept(answer.certificate, target);
      allowed =
        answer.answer === "yes"
          ? { answer: "yes", args: answer.witness.args }
          : answer.answer === "no"
            ? { answer: "no" }
            : answer;
      this.#allowed.set(key, allowed);
    }
    return allowed;
  }

  /** The search is large and clever; the checker is small and plain, and it has the last word. */
  #accept(certificate: Certificate, target: Target): void {
    const problem = this.#check(certificate);
    if (problem === undefined) return;
    throw new PhiwardError(
      "BUG",
      `a proof about \`${targetName(target)}\` is not accepted: ${problem}`,
    );
  }
}

/**
 * Base with head's maxima where both limit the number of different patients in the same way. How
 * many patients one text names is opaque to the prover, and the maxima are compared by themselves:
 * what is found with them equal is not due to them, whichever is larger.
 */
function withMaximaOf({ policy: head }: Half, side: Proved): Proved {
  const { policy, target } = side;
  if (policy === undefined || head === undefined) return side;
  const aligned = (rules: RuleSet, other: RuleSet | undefined): RuleSet => ({
    ...rules,
    limits: rules.limits.map((limit) => {
      const { counter, window, scope, distinct } = limit;
      const twin = other?.limits.find(
        (h) => h.counter === counter && h.window === window && h.scope === scope,
      );
      return distinct === undefined || twin?.distinct !== distinct
        ? limit
        : { ...limit, max: twin.max };
    }),
  });
  const section = "tool" in target ? "tools" : "methods";
  const rules = own(policy[section], targetName(target));
  return {
    ...side,
    policy: {
      ...policy,
      allTools: aligned(policy.allTools, head.allTools),
      ...(rules === undefined
        ? {}
        : {
            [section]: {
              [targetName(target)]: aligned(rules, own(head[section], targetName(target))),
            },
          }),
    },
  };
}

/** Whether the rules alone allow a call: without the grant's dates and the server's agreement. */
function regionAllows(
  half: Half,
  target: Target,
  args: ReceivedObject,
  facts: ReceivedObject,
): boolean {
  const { policy, server, repository, monitored } = half;
  if (policy === undefined || server === undefined) return false;
  return rulesAllow(repository, { policy, server: server.id, target, monitored }, args, facts);
}
