/** What is told of a gate's report as a whole: the answer, who has approved, and how the phases ended. */
import type { GateReport } from "../gate/report.ts";
import { plural } from "./paint.ts";
import type { Told } from "./told.ts";

/** What happened, in one line; never more than is known. */
export function headline(report: GateReport, items: readonly Told[]): string {
  const { verdict, diff } = report;
  if (diff === undefined) return "What this change does could not be judged";
  const wider = items.filter((item) => item.verdict === "broader");
  const calls = wider.filter(({ change }) => change.by === "proof");
  switch (verdict) {
    case "same":
      return "Nothing wider: every call is decided as before";
    case "narrower":
      return "Nothing wider: some of what was possible no longer is";
    case "unknown":
      return "It could not be proved that nothing becomes wider";
    case "broader":
      if (calls.length === 0) return "Something that protects access becomes weaker";
      return calls.some(({ ephi }) => ephi)
        ? "More can be done with patient data than before"
        : "More can be done than before, but not with patient data";
  }
}

/** May it be merged? */
export function outcome(report: GateReport): string {
  const { passed, blocks, approved } = report;
  if (passed) return `${blocks && approved ? "Approved" : "Passes"}: it may be merged.`;
  const until = asksForApproval(report) && !approved ? " until it is approved" : "";
  return `Blocked: it may not be merged${until}.`;
}

/** What somebody says by approving; nothing where nothing needs approval. */
export function commitment(report: GateReport, commit: string | undefined): string | undefined {
  if (!asksForApproval(report)) return undefined;
  const which = commit === undefined ? "this commit" : `commit \`${commit.slice(0, 12)}\``;
  return `Who approves says: I have read what becomes wider here, the purpose needs it, and no less would do. It is kept with the release, by name. It holds for ${which} only: after another push it has to be given again, and nobody who made a commit of the change can give it.`;
}

/** How each group stands: who has approved, how many are missing. */
export function approvalLines({ requires, approvals }: GateReport): readonly GroupLine[] {
  return requires.map(({ group, name, kind, needed }) => {
    const by = approvals?.groups.find((each) => each.group === group)?.by ?? [];
    return {
      group: kind === "team" ? `team \`${name}\`` : `\`${name}\``,
      needed,
      people: by.map(({ person }) => person),
    };
  });
}

export interface GroupLine {
  readonly group: string;
  readonly needed: number;
  readonly people: readonly string[];
}

/** Whether there is something that people are asked to approve. */
export function asksForApproval({ blocks, diff, requires }: GateReport): boolean {
  return blocks && diff !== undefined && requires.length > 0;
}

/** How a phase ended: as it should, with something to look at, or so that nothing may be merged. */
export type PhaseState = "good" | "look" | "bad";
type PhaseLine = readonly [name: string, says: string, state: PhaseState];

/** The other phases, a line each. */
export function phaseLines(report: GateReport): readonly PhaseLine[] {
  return [files(report), tests(report), recordedCalls(report), proof(report)];
}

function files({ lint }: GateReport): PhaseLine {
  const count = (of: string): number =>
    lint.findings.filter(({ severity }) => severity === of).length;
  const [errors, warnings] = [count("error"), count("warning")];
  const suppressed = lint.suppressed === 0 ? "" : `, ${lint.suppressed} suppressed`;
  const says = `${plural(errors, "error")}, ${plural(warnings, "warning")}${suppressed} in ${plural(lint.files, "file")}`;
  return ["Files", says, errors > 0 ? "bad" : warnings > 0 ? "look" : "good"];
}

function tests({ test }: GateReport): PhaseLine {
  if (test === undefined) return ["Tests", "not run", "bad"];
  const { passed, failed, errors, skipped } = test;
  const left = skipped === 0 ? "" : `, ${skipped} skipped`;
  const broken = failed + errors;
  return ["Tests", `${passed} hold, ${broken} do not${left}`, broken === 0 ? "good" : "bad"];
}

function recordedCalls({ simulate }: GateReport): PhaseLine {
  const name = "Recorded calls";
  if (simulate === undefined) return [name, "not replayed", "bad"];
  const { total, gainedTotal, ephiGained, revokedTotal } = simulate;
  if (total === 0) return [name, "none recorded", "good"];
  const gained = `${gainedTotal} newly allowed${gainedTotal === 0 ? "" : ` (${ephiGained} of patient data)`}`;
  const says = `${total} replayed: ${gained}, ${revokedTotal} newly denied`;
  return [name, says, gainedTotal === 0 ? "good" : "look"];
}

function proof({ diff }: GateReport): PhaseLine {
  if (diff === undefined) return ["Proof", "not made", "bad"];
  const { total, compared, equivalent } = diff.cells;
  const pairs = plural(total, "pair");
  const says =
    compared === 0
      ? `${pairs} of grant and tool, for all calls: none changed`
      : `${pairs} of grant and tool, for all calls: ${compared} changed, ${equivalent} of those proved to decide as before`;
  return [
    "Proof",
    says,
    diff.verdict === "broader" || diff.verdict === "unknown" ? "look" : "good",
  ];
}
