/** Hears the tests run, and counts what decided and what each condition was. */
import { type Call, TOOLS_CALL } from "../decide/call.ts";
import type { ReadyCondition } from "../decide/condition.ts";
import type { Decision } from "../decide/decide.ts";
import type { ReadyPolicy, ReadyRepository } from "../decide/prepare.ts";
import type { Truth } from "../decide/truth.ts";
import { formatPointer } from "../source.ts";
import type { Observer } from "../testing/play.ts";

export type Seen = Record<Truth, number>;

export interface Recording extends Observer {
  /** How many calls the rule of a policy decided. */
  decisions(policy: string, rule: string): number;
  seen(condition: ReadyCondition): Readonly<Seen>;
}

export function recording(repository: ReadyRepository): Recording {
  const decisions = new Map<string, number>();
  const seen = new Map<ReadyCondition, Seen>();
  return {
    decided(call, decision) {
      const { policy } = decision;
      const ready = policy === null ? undefined : repository.policies.get(policy.name);
      if (ready === undefined) return;
      const key = keyOf(ready.source.name, ruleOf(ready, call, decision));
      decisions.set(key, (decisions.get(key) ?? 0) + 1);
    },
    tracer: {
      step: () => {},
      // A decision stops at the first condition that settles an entry; all of them are looked at here.
      entry: ({ groups }, _kind, _truth, facts) => {
        for (const condition of groups.flatMap(({ conditions }) => conditions)) {
          const known = seen.get(condition) ?? { true: 0, false: 0, undetermined: 0 };
          known[condition.judge(facts)]++;
          seen.set(condition, known);
        }
      },
    },
    decisions: (policy, rule) => decisions.get(keyOf(policy, rule)) ?? 0,
    seen: (condition) => seen.get(condition) ?? { true: 0, false: 0, undetermined: 0 },
  };
}

function keyOf(policy: string, rule: string): string {
  return JSON.stringify([policy, rule]);
}

/** The rule that denied; of an allowed call what let it in. */
function ruleOf(policy: ReadyPolicy, { method, tool }: Call, { verdict, rule }: Decision): string {
  if (verdict === "deny") return rule;
  if (method !== TOOLS_CALL) return formatPointer(["methods", method]);
  return policy.tools.has(tool) ? formatPointer(["tools", tool]) : "(default allow)";
}
