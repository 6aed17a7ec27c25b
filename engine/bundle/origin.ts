/** The origin of one decision: the change that last touched its grant, and the one of its rule. */
import { own } from "../json/value.ts";
import type { ProvenanceChange, ProvenanceFile } from "../schema/types.ts";
import { formatPointer } from "../source.ts";

export interface Decided {
  readonly grant: string | null;
  readonly policy: string | null;
  /** As the decision names it; "" for an allowed call. */
  readonly rule: string;
  readonly method: string;
  /** "" when the method calls none. */
  readonly tool: string;
}

export interface Origin {
  /** null: there is no such grant in the release. */
  readonly grant: ProvenanceChange | null;
  /** null: what decided is no rule of a policy, such as an expiry or an emergency stop. */
  readonly rule: ProvenanceChange | null;
}

export function originOf(file: ProvenanceFile, decided: Decided): Origin {
  const grant = decided.grant === null ? undefined : own(file.grants, decided.grant);
  const rules = decided.policy === null ? undefined : own(file.policies, decided.policy);
  const rule = rules === undefined ? undefined : ruleIndex(rules, decided);
  return { grant: changeAt(file, grant), rule: changeAt(file, rule) };
}

function ruleIndex(
  rules: Readonly<Record<string, number>>,
  { rule, method, tool }: Decided,
): number | undefined {
  if (rule.startsWith("/")) return own(rules, rule);
  const whole = formatPointer(tool === "" ? ["methods", method] : ["tools", tool]);
  switch (rule) {
    // Every rule of the tool allowed it; where the policy does not list the tool, its default did.
    case "":
      return own(rules, whole) ?? own(rules, "/default");
    case "(default deny)":
    case "(method)":
      return own(rules, "/default");
    case "(hidden)":
      return own(rules, "/hide");
    default:
      return undefined;
  }
}

function changeAt({ changes }: ProvenanceFile, index: number | undefined): ProvenanceChange | null {
  return (index === undefined ? undefined : changes[index]) ?? null;
}
