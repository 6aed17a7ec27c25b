/**
 * A change of access as it is told to the person who answers for privacy, in every format alike: one
 * sentence, who it is about, what could be reached before and after, and a call that shows it.
 *
 * Sentences are ours; names in them come from policies, tools and people, and stand in backticks, so
 * that a format can set them apart and escape them.
 */
import type { Change, Reach, Verdict, Witness } from "../compare/report.ts";
import type { GateReport, GrantFacts, ServerFacts } from "../gate/report.ts";
import { InexactNumber } from "../json/value.ts";
import { type Group, grouped } from "./diff.ts";
import { plural } from "./paint.ts";

export interface Told {
  readonly verdict: Exclude<Verdict, "same">;
  readonly ephi: boolean;
  /** Whether it holds up the merge. */
  readonly blocks: boolean;
  /** Capital letter, no full stop. */
  readonly sentence: string;
  /** Who may now do it; empty where the change is about everybody. */
  readonly people: readonly GrantFacts[];
  readonly server: ServerFacts | undefined;
  /** What differs, line by line: `What`, `Whose records`, `How often` … */
  readonly compared: readonly Compared[];
  /** Recorded calls that are newly allowed. */
  readonly recorded: string | undefined;
  readonly call: Call | undefined;
  readonly known: string;
  readonly change: Change;
}

export interface Compared {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** A concrete call, as a table. */
export interface Call {
  readonly intro: string;
  readonly args: readonly Argument[];
  /** Arguments that are not shown. */
  readonly more: number;
  /** Why base denied it; a sentence. */
  readonly denied: string;
}

export interface Argument {
  readonly name: string;
  readonly value: string;
}

/** The gravest first, as the report has them; changes that differ only in who makes the call are one. */
export function told(report: GateReport): Told[] {
  const grants = new Map(report.grants.map((facts) => [facts.id, facts]));
  const servers = new Map(report.servers.map((facts) => [facts.id, facts]));
  return grouped(report.diff?.changes ?? []).map((group) => {
    const { change, members } = group;
    return {
      verdict: change.verdict,
      ephi: change.ephi,
      blocks: members.some(({ blocks }) => blocks === true),
      sentence: capital(sentenceOf(group)),
      people: group.grants.flatMap((id) => grants.get(id) ?? []),
      server: change.server === null ? undefined : servers.get(change.server),
      compared: comparedOf(change),
      recorded: recordedOf(members),
      call: change.witness === undefined ? undefined : callOf(change, change.witness),
      known: knownBy(change),
      change,
    };
  });
}

function sentenceOf({ change, grants, members }: Group): string {
  const { kind, verdict, method, tool, reach, summary } = change;
  if (grants.length === 0) return summary;
  const who =
    members.length === 1
      ? `\`${change.principal ?? grants[0]}\``
      : `\`${change.principal ?? grants[0]}\` and ${members.length - 1} more`;
  const what = `\`${tool === null || tool === "" ? method : tool}\``;
  if (reach === undefined || kind === "grant-added")
    return members.length === 1 ? summary : summary.replace(`\`${grants[0]}\``, `${who}`);
  if (verdict === "unknown") return `whether ${who} may do more with ${what} could not be proved`;
  if (reach.before.what === "nothing") return `${who} may use ${what}, which was closed before`;
  if (reach.after.what === "nothing") return `${who} may no longer use ${what}`;
  return verdict === "broader"
    ? `${who} may do more with ${what} than before`
    : `${who} may do less with ${what} than before`;
}

/** Only what differs; of something that is closed on one side, everything. */
function comparedOf({ kind, reach, before, after }: Change): Compared[] {
  if (reach !== undefined) return comparedReach(reach);
  if (before === undefined || after === undefined || before === after) return [];
  // A digest tells a reader nothing.
  if ([before, after].some((text) => text.startsWith("sha256:"))) return [];
  return [{ name: NAMES[kind] ?? "Setting", before, after }];
}

const NAMES: Readonly<Partial<Record<Change["kind"], string>>> = {
  expiry: "In force",
  quota: "How often",
};

function comparedReach({ before, after }: NonNullable<Change["reach"]>): Compared[] {
  const lines = [
    { name: "May", before: before.what, after: after.what },
    { name: "Whose records", before: before.whose, after: after.whose },
    { name: "Conditions", ...comparedConditions(before, after) },
    { name: "How often", before: before.howOften, after: after.howOften },
  ];
  const [may, ...rest] = lines as [Compared, ...Compared[]];
  if (before.what === NOTHING) return [may, ...rest.map((line) => ({ ...line, before: "" }))];
  if (after.what === NOTHING) return [may];
  const differing = lines.filter((line) => line.before !== line.after);
  return differing.length > 0 ? differing : [SAME_WORDS];
}

/** What a tool that is closed lets a grant do. */
const NOTHING = "nothing";

/** The rules differ in values that these words do not tell. */
const SAME_WORDS: Compared = {
  name: "Conditions",
  before: "as they were",
  after: "of the same names, with other values",
};

function comparedConditions(
  before: Reach,
  after: Reach,
): { readonly before: string; readonly after: string } {
  const words = ({ conditions }: Reach): string =>
    conditions.length === 0 ? "none" : conditions.join(", ");
  const gone = before.conditions.filter((name) => !after.conditions.includes(name));
  // What was demanded by name and no longer is deserves to be read, not looked for.
  const noLonger = gone.some((name) => name.startsWith("`"))
    ? `; no longer ${gone.join(", ")}`
    : "";
  return { before: words(before), after: `${words(after)}${noLonger}` };
}

function recordedOf(members: readonly Change[]): string | undefined {
  const recorded = members.flatMap((member) => member.recorded ?? []);
  const [first] = recorded;
  if (first === undefined) return undefined;
  const calls = recorded.reduce((sum, each) => sum + each.calls, 0);
  const { id, at, file, line } = first.first;
  const which = calls === 1 ? "it is" : "the first is";
  return `${plural(calls, "recorded call")} would newly be allowed; ${which} \`${id}\` of ${at.slice(0, 10)} (\`${file}:${line}\`)`;
}

function knownBy({ by, verdict, witness }: Change): string {
  if (by === "rule") return "by rule: a setting that protects access became weaker or changed";
  if (verdict === "unknown") return "not proved, so it counts as wider";
  return witness === undefined
    ? "by proof, over all calls"
    : "by proof: this call was decided on both sides";
}

// ---------------------------------------------------------------- a call

/** More are read by nobody; the JSON report has them all. */
const MAX_ARGUMENTS = 12;
const MAX_VALUE = 160;

function callOf({ baseDecision }: Change, witness: Witness): Call {
  const { args, at, sequence } = witness;
  const all = argumentsOf(args, "");
  const when = `${at.slice(0, 10)} at ${at.slice(11, 16)} UTC`;
  const intro =
    sequence === undefined
      ? `A call that shows it, on ${when}`
      : `The last of ${plural(sequence.calls.length, "call")} within one window shows it, on ${when}`;
  return {
    intro,
    args: all.slice(0, MAX_ARGUMENTS),
    more: Math.max(0, all.length - MAX_ARGUMENTS),
    denied: baseDecision === undefined ? "" : deniedBecause(baseDecision),
  };
}

/** Nested arguments by their path, each with its value as a person would write it. */
function argumentsOf(value: unknown, name: string): Argument[] {
  const members =
    typeof value === "object" && value !== null && !(value instanceof InexactNumber)
      ? Object.entries(value)
      : [];
  if (members.length > 0)
    return members.flatMap(([key, of]) => argumentsOf(of, name === "" ? key : `${name}.${key}`));
  return name === "" ? [] : [{ name, value: shortened(written(value)) }];
}

function written(value: unknown): string {
  if (value instanceof InexactNumber) return value.text;
  if (value === "") return "(empty text)";
  if (Array.isArray(value)) return "(empty list)";
  return typeof value === "object" ? "(nothing)" : String(value);
}

function shortened(text: string): string {
  const points = [...text];
  return points.length <= MAX_VALUE ? text : `${points.slice(0, MAX_VALUE).join("")}…`;
}

const BECAUSE: Readonly<Record<string, string>> = {
  "(no grant)": "there was no such grant",
  "(expired)": "the grant was over by then",
  "(not yet valid)": "the grant was not in force yet",
  "(unknown server)": "the server was not known",
  "(no baa)": "no business associate agreement was in force",
  "(no policy)": "the grant had no policy for the server",
  "(method)": "the policy did not list it",
  "(hidden)": "the policy hid the tool",
  "(default deny)": "the policy did not list the tool",
  "(quarantined)": "the tool, as it was then, had not been reviewed",
  "(schema)": "the tool's reviewed definition did not take such arguments",
};

function deniedBecause({
  rule,
  reason,
}: {
  readonly rule: string;
  readonly reason?: string;
}): string {
  // A sequence that uses up a limit is played without words.
  const limit = rule.includes("/limits/") ? "the limit was used up by then" : undefined;
  return `denied before: ${BECAUSE[rule] ?? reason ?? limit ?? `\`${rule}\``}`;
}

export function capital(from: string): string {
  return from.charAt(0).toUpperCase() + from.slice(1);
}

// ---------------------------------------------------------------- people and servers

const KIND: Readonly<Record<GrantFacts["kind"], string>> = {
  person: "a person",
  agent: "an agent",
  service: "a service",
};

/** Facts of a grant by name, each in one line; names stand in backticks. */
export function grantLines(facts: GrantFacts): readonly (readonly [string, string])[] {
  const { id, principal, kind, responsible, purpose, justification, issued, expires } = facts;
  return [
    ["Who", `\`${principal}\`, ${KIND[kind]}, by grant \`${id}\``],
    ["Answers for it", responsible === undefined ? "nobody is named" : `\`${responsible}\``],
    ["Purpose", purpose.replaceAll("_", " ")],
    ["Reason given", justification === undefined ? "none" : `\`${justification}\``],
    [
      "In force",
      `${issued} until ${expires}${facts.breakGlass ? ", in an emergency only (break-glass)" : ""}`,
    ],
  ];
}

const BAA: Readonly<Record<ServerFacts["baa"]["status"], string>> = {
  signed: "signed",
  pending: "not signed yet",
  none: "none",
  not_required: "not required",
};

export function serverLine({ id, vendor, baa }: ServerFacts): string {
  const since = baa.signed === undefined ? "" : ` on ${baa.signed}`;
  const until = baa.expires === undefined ? "" : `, in force until ${baa.expires}`;
  const agreement = `business associate agreement: ${BAA[baa.status]}${baa.status === "signed" ? since + until : ""}`;
  return `\`${id}\`${vendor === undefined ? "" : ` of \`${vendor}\``}; ${agreement}`;
}

// ---------------------------------------------------------------- the whole

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
