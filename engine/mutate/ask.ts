/** What is asked of the prover: a refutation with its call, a proof only if the checker accepts it. */
import { subjectCases } from "../decide/label.ts";
import { PhiwardError } from "../errors.ts";
import type { ReceivedObject } from "../json/value.ts";
import { EFFECTS, type Entry, type Label } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import { checkCertificate } from "../prove/certificate.ts";
import type { Formula } from "../prove/formula.ts";
import { whereEffect, whereEphi } from "../prove/labels.ts";
import { type Answer, type Asked, allowsAny, allowsMore, find } from "../prove/prove.ts";
import type { Target } from "../prove/rules.ts";
import type { Witness as Found } from "../prove/witness.ts";
import { allows, labelIn, type Pair, type Seat, sideOf } from "../testing/seats.ts";

export type Asking =
  | { readonly answer: "no" }
  | { readonly answer: "yes"; readonly args: ReceivedObject }
  | { readonly answer: "unknown"; readonly why: string };

/** Is there a call that `more` allows and `less` does not? */
export function allowsBeyond(less: Seat, more: Seat, target: Target): Asking {
  const confirm = ({ args }: Found): boolean =>
    allows(more, target, args) && !allows(less, target, args);
  const [base, head] = [sideOf(less, target), sideOf(more, target)];
  const answer = accepted(allowsMore(base, head, { confirm }));
  if (answer.answer !== "unknown") return answer;
  for (const also of patientHints([base.label, head.label])) {
    const hinted = allowsMore(base, { ...head, also }, { confirm });
    if (hinted.answer === "yes") return accepted(hinted);
  }
  return answer;
}

/** Ids as people write them: a text alone, a reference, one below a path, one of no patient. */
const FORMS = [
  "p-[0-9]{3}",
  "Patient/p-[0-9]{3}",
  "[a-z]{3}/Patient/p-[0-9]{3}",
  "Group/g-[0-9]{3}",
];

/**
 * How patients are read out of an argument is opaque to the prover, so it finds calls that turn out to
 * name nobody. Asked for an id of a usual form, it finds one that does. A hint narrows the search for
 * a call that is replayed anyway; "no" under a hint is never taken for a proof.
 */
function patientHints(labels: readonly (Label | undefined)[]): readonly Entry[] {
  const paths = labels.flatMap((label) =>
    label === undefined
      ? []
      : subjectCases(label).flatMap(({ subject }) => (typeof subject === "string" ? [] : subject)),
  );
  const distinct = new Map(paths.map((path) => [formatPath(path), path]));
  return [...distinct.values()]
    .filter(({ each }) => each === undefined)
    .flatMap((path) =>
      FORMS.map((literal) => ({
        anyOf: [[{ path, op: "matches" as const, operand: { literal }, not: false }]],
      })),
    );
}

/** Is there a call that is allowed? */
export function allowsSome(seat: Seat, target: Target): Asking {
  const confirm = ({ args }: Found): boolean => allows(seat, target, args);
  return accepted(allowsAny(sideOf(seat, target), { confirm }));
}

/** Is there a call that both allow, and of which their labels say something else? */
export function labelledDifferently({ original, mutant }: Pair, target: Target): Asking {
  const [before, after] = [labelIn(original, target), labelIn(mutant, target)];
  const confirm = ({ args }: Found): boolean =>
    allows(original, target, args) && allows(mutant, target, args);
  const question = ({ shop, rules: [o, m] }: Asked): Formula => {
    const ephi = [whereEphi(shop, o!, before), whereEphi(shop, m!, after)] as const;
    const differs = [
      shop.and([ephi[0], shop.not(ephi[1])]),
      shop.and([ephi[1], shop.not(ephi[0])]),
      ...EFFECTS.map((effect) =>
        shop.and([
          whereEffect(shop, o!, before, [effect]),
          shop.not(whereEffect(shop, m!, after, [effect])),
        ]),
      ),
    ];
    return shop.and([o!.allowed(), m!.allowed(), shop.or(differs)]);
  };
  const sides = [sideOf(original, target), sideOf(mutant, target)];
  return accepted(find(sides, question, { confirm }));
}

/** The search is large and clever; the checker is small and plain, and it has the last word. */
function accepted(answer: Answer): Asking {
  if (answer.answer === "yes") return { answer: "yes", args: answer.witness.args };
  if (answer.answer === "unknown") return answer;
  const problem = checkCertificate(answer.certificate);
  if (problem !== undefined)
    throw new PhiwardError("BUG", `a proof about a mutant is not accepted: ${problem}`);
  return { answer: "no" };
}
