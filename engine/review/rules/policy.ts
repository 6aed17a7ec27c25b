/** Rules about the policy in force: what changed, what was refused, what was stopped. */
import type { PolicyRecord } from "../../audit/record.ts";
import type { Facts } from "../facts.ts";
import type { ReviewFinding, ReviewSeverity } from "../report.ts";
import { counted, queryCommand, type ReviewRule } from "../rule.ts";

interface Kind {
  readonly event: PolicyRecord["event"];
  readonly severity: ReviewSeverity;
  readonly title: string;
  readonly says: (times: string, names: string) => string;
  /** What tells several apart. */
  readonly name: (record: PolicyRecord) => string;
}

function* ofKind({ events }: Facts, rule: string, kind: Kind): Generator<ReviewFinding> {
  const records = events.policy.filter(({ event }) => event === kind.event);
  if (records.length === 0) return;
  const names = [...new Set(records.map(kind.name))].filter((name) => name !== "");
  const shown = names.slice(0, 5).map((name) => `\`${name}\``);
  if (names.length > shown.length) shown.push(`${names.length - shown.length} more`);
  yield {
    id: rule,
    rule,
    severity: kind.severity,
    title: kind.title,
    says: kind.says(counted(records.length, "time"), shown.join(", ")),
    principal: null,
    numbers: { times: records.length },
    records: records
      .map(({ seq }) => seq)
      .slice(-10)
      .reverse(),
    command: queryCommand({ kind: "policy", rule: kind.event }),
  };
}

const toolOf = ({ server, tool }: PolicyRecord): string =>
  [server, tool].filter((one) => one !== undefined).join("/");

export const refusedRelease: ReviewRule = {
  id: "refused-release",
  severity: "medium",
  looks: "A gateway refused a release or a change of the policy.",
  why: "A refusal is a fault of the one who published, or an attack; either way the gateway goes on with what it had.",
  check: (facts) =>
    ofKind(facts, "refused-release", {
      event: "refused",
      severity: "medium",
      title: "a release was refused",
      says: (times, names) =>
        `${times} the gateway refused what was published (${names || "no check is named"}). docs/releases.md says what each check stops.`,
      name: ({ check }) => check ?? "",
    }),
};

export const emergencyStop: ReviewRule = {
  id: "emergency-stop",
  severity: "medium",
  looks: "An emergency stop came into force, or was taken back.",
  why: "Somebody denied a grant, a tool or everything at once. The cause, and whether it is over, belong in the review.",
  check: (facts) =>
    ofKind(facts, "emergency-stop", {
      event: "halted",
      severity: "medium",
      title: "an emergency stop changed what is denied",
      says: (times) =>
        `${times} the emergency stops in force changed. \`phiward halt list\` shows them with their reasons.`,
      name: () => "",
    }),
};

export const quarantinedTool: ReviewRule = {
  id: "quarantined-tool",
  severity: "medium",
  looks: "A tool was quarantined, because its live definition is not the one that was reviewed.",
  why: "A server that changes a tool after its review can make an agent do something else under the same name.",
  check: (facts) =>
    ofKind(facts, "quarantined-tool", {
      event: "quarantined",
      severity: "medium",
      title: "a tool is no longer what was reviewed",
      says: (times, names) =>
        `${times} a tool was quarantined: ${names}. It is denied until its pin is changed by review; ask the vendor why it changed.`,
      name: toolOf,
    }),
};

export const driftedServer: ReviewRule = {
  id: "drifted-server",
  severity: "low",
  looks: "A server's list of tools differs from its lock.",
  why: "New tools and changed instructions are denied until somebody has looked at them.",
  check: (facts) =>
    ofKind(facts, "drifted-server", {
      event: "drift",
      severity: "low",
      title: "a server offers something else than was reviewed",
      says: (times, names) => `${times} a server's list differed from its lock: ${names}.`,
      name: toolOf,
    }),
};

export const rolledBack: ReviewRule = {
  id: "rolled-back",
  severity: "medium",
  looks: "The policy in force went back to an older release.",
  why: "An older release may allow what a newer one had taken away.",
  check: (facts) =>
    ofKind(facts, "rolled-back", {
      event: "rolled_back",
      severity: "medium",
      title: "an older release came back into force",
      says: (times, names) => `${times} an older release came back into force: ${names}.`,
      name: ({ bundle }) => bundle?.version ?? "",
    }),
};
