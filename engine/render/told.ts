/**
 * A change of access as it is told to the person who answers for privacy, in every format alike: one
 * sentence, who it is about, what could be reached before and after, and a call that shows it.
 *
 * Sentences are ours; names in them come from policies, tools and people, and stand in backticks, so
 * that a format can set them apart and escape them.
 */
import type { Change, Reach, Verdict } from "../compare/report.ts";
import type { GateReport, GrantFacts, ServerFacts } from "../gate/report.ts";
import { type Group, grouped } from "./diff.ts";
import { capital, plural } from "./paint.ts";
import { type Call, callOf } from "./told-call.ts";

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
