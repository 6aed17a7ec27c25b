/** A decision in sentences: every step that was judged, and for an open one the line to paste. */

import type { Call } from "./call.ts";
import { describeCondition, lineToPaste, whyUndetermined } from "./condition.ts";
import { BY_ITSELF, type Circumstances, type Decision, decide, type Tracer } from "./decide.ts";
import type { ReadyRepository } from "./prepare.ts";
import { entryReason, openCondition, openGroup } from "./reason.ts";

export interface TraceCondition {
  readonly condition: string;
  readonly truth: "true" | "false" | "undetermined";
  readonly why?: string;
}

export interface TraceStep {
  readonly rule: string;
  readonly outcome: "passed" | "denied";
  readonly says: string;
  /** The groups of an entry, with each condition's value. */
  readonly groups?: readonly (readonly TraceCondition[])[];
  /** For an undetermined `deny_if`: the line that lets such calls pass this entry, and where it goes. */
  readonly paste?: { readonly at: string; readonly line: string; readonly effect: string };
}

export interface Explanation {
  readonly decision: Decision;
  readonly trace: readonly TraceStep[];
  /** What was assumed about the moment of the call. */
  readonly assumptions: readonly string[];
}

export function explain(
  repository: ReadyRepository,
  call: Call,
  circumstances: Circumstances = BY_ITSELF,
): Explanation {
  const trace: TraceStep[] = [];
  const tracer: Tracer = {
    step: (rule, outcome, says) => trace.push({ rule, outcome, says }),
    entry: (entry, kind, truth, facts) => {
      const passed = truth === (kind === "require" ? "true" : "false");
      const groups = entry.groups.map((group) =>
        group.conditions.map((condition): TraceCondition => {
          const value = condition.judge(facts);
          const said = { condition: describeCondition(condition.source), truth: value };
          if (value !== "undetermined") return said;
          const { path, why } = whyUndetermined(condition.source, facts);
          return { ...said, why: `\`${path}\` is ${why}` };
        }),
      );
      const { reason } = entryReason(entry, kind, truth, facts);
      let paste: TraceStep["paste"];
      if (truth === "undetermined" && kind === "deny_if") {
        const line = lineToPaste(openCondition(entry, facts), facts);
        const index = entry.groups.indexOf(openGroup(entry, facts));
        const at =
          entry.source.anyOf.length > 1
            ? `${entry.pointer}/any_of/${index}/0`
            : `${entry.pointer}/conditions/0`;
        if (line !== undefined) {
          paste = {
            at,
            line,
            effect:
              "as the first condition there, it lets such calls pass this entry; leave it out to keep them denied",
          };
        }
      }
      trace.push({
        rule: entry.pointer,
        outcome: passed ? "passed" : "denied",
        says: reason,
        groups,
        ...(paste === undefined ? {} : { paste }),
      });
    },
  };
  const { decision } = decide(repository, call, circumstances, tracer);
  const breakGlass =
    call.grant !== undefined && repository.grants.get(call.grant)?.source.breakGlass !== undefined;
  return {
    decision,
    trace,
    assumptions: ["no quota has been used", ...(breakGlass ? ["break-glass is open"] : [])],
  };
}
