/**
 * Where each grant and each rule of a release comes from: the commit that last changed its text on the
 * way from the release before to this one, and the pull request and approvals of that commit. What did
 * not change keeps the origin that the release before names.
 */
import type { History, Step, Tree } from "../host/tree.ts";
import { canonical, type Digest, type Json, sha256 } from "../json/value.ts";
import type { Repository } from "../policy/ir.ts";
import { emptyRepository, load } from "../policy/load.ts";
import type { ProvenanceChange, ProvenanceFile } from "../schema/types.ts";
import type { Demand } from "./checks.ts";
import type { GateReview } from "./gate-report.ts";
import { MAX_BUNDLE_BYTES } from "./limits.ts";
import { type Place, type PlacedText, placesOf } from "./places.ts";
import { readSigned } from "./read.ts";

export interface ProvenanceInput {
  readonly commit: string;
  /** The repository at that commit. */
  readonly repository: Repository;
  /** Back to the commit of the release before, where there is `before`. */
  readonly history: History;
  readonly treeAt: (commit: string) => Promise<Tree>;
  /** The release before, and what it says of its origins. */
  readonly before?: { readonly repository: Repository; readonly file: ProvenanceFile };
  readonly reports: readonly GateReview[];
}

export async function provenanceOf(input: ProvenanceInput): Promise<ProvenanceFile> {
  const texts = placesOf(input.repository);
  const origins = new Map<Digest, ProvenanceChange>();
  const states = await statesBack(input);
  const changes = changesOf(input, states);
  for (const { mark } of texts) {
    // The newest change before which it was not there.
    const at = states.findIndex((_, i) => i > 0 && !states[i]!.marks.has(mark)) - 1;
    if (at >= 0) origins.set(mark, changes[at]!);
  }
  const { before, history, commit } = input;
  const carried = history.before === "since" && before !== undefined ? carry(before) : undefined;
  const oldest = changes.at(-1) ?? { commit, approvers: [] };
  for (const { mark } of texts) {
    if (!origins.has(mark)) origins.set(mark, carried?.get(mark) ?? { ...oldest, orBefore: true });
  }
  return writeDown(texts, origins);
}

interface State {
  readonly digest: Digest;
  readonly marks: ReadonlySet<Digest>;
}

/** The repository after each step, newest first, and then what stood before all of them, where that is known. */
async function statesBack({
  repository,
  history,
  treeAt,
  before,
}: ProvenanceInput): Promise<readonly State[]> {
  const states = [stateOf(repository)];
  for (const { commit } of history.steps.slice(1)) {
    states.push(stateOf(await repositoryAt(commit, treeAt)));
  }
  if (history.steps.length === 0) return states;
  if (history.before === "nothing") states.push(stateOf(EMPTY));
  if (history.before === "since" && before !== undefined) states.push(stateOf(before.repository));
  return states;
}

function stateOf(repository: Repository): State {
  const { digest } = repository;
  return { digest, marks: new Set(placesOf(repository).map(({ mark }) => mark)) };
}

/**
 * Each step as a change. A report of the gate is of the steps between the two revisions that it judged:
 * one for a merge or a squashed pull request, several for one that was rebased.
 */
function changesOf(
  { history: { steps }, reports }: ProvenanceInput,
  states: readonly State[],
): readonly ProvenanceChange[] {
  const judged = new Map<number, GateReview>();
  for (const report of reports) {
    const from = states.findIndex(({ digest }) => digest === report.head);
    const to = states.findIndex(({ digest }, i) => i > from && digest === report.base);
    if (from < 0 || to < 0) continue;
    for (let i = from; i < to; i++) if (!judged.has(i)) judged.set(i, report);
  }
  return steps.map((step, i) => changeOf(step, judged.get(i)));
}

const EMPTY: Repository = emptyRepository("nothing").repository;

/** A revision with errors counts for what of it can be read. */
async function repositoryAt(
  commit: string,
  treeAt: ProvenanceInput["treeAt"],
): Promise<Repository> {
  const tree = await treeAt(commit);
  const { length } = await tree.list();
  return length === 0 ? EMPTY : (await load(tree)).repository;
}

function changeOf({ commit, subject }: Step, report: GateReview | undefined): ProvenanceChange {
  const approvers = [...(report?.approvers ?? [])];
  if (report?.pullRequest !== undefined) {
    return { commit, pullRequest: { number: report.pullRequest, from: "gate" }, approvers };
  }
  const number = numberIn(subject);
  if (number === undefined) return { commit, approvers };
  return { commit, pullRequest: { number, from: "message" }, approvers };
}

/** As GitHub writes it into a merge, and at the end of a squashed change. */
function numberIn(subject: string): number | undefined {
  const [, merged, squashed] =
    /^Merge pull request #([1-9][0-9]{0,9}) |\(#([1-9][0-9]{0,9})\)$/.exec(subject) ?? [];
  const number = merged ?? squashed;
  return number === undefined ? undefined : Number(number);
}

function carry({
  repository,
  file,
}: NonNullable<ProvenanceInput["before"]>): ReadonlyMap<Digest, ProvenanceChange> {
  return new Map(
    placesOf(repository).flatMap(({ place, mark }) => {
      const change = changeAt(file, place);
      return change === undefined ? [] : [[mark, change]];
    }),
  );
}

function writeDown(
  texts: readonly PlacedText[],
  origins: ReadonlyMap<Digest, ProvenanceChange>,
): ProvenanceFile {
  const changes = new Map<string, number>();
  const grants: ProvenanceFile["grants"] = {};
  const policies: ProvenanceFile["policies"] = {};
  for (const { place, mark } of texts) {
    const text = canonical(origins.get(mark) as unknown as Json);
    const index = changes.get(text) ?? changes.size;
    changes.set(text, index);
    if ("grant" in place) grants[place.grant] = index;
    else policies[place.policy] = { ...policies[place.policy], [place.rule]: index };
  }
  const list = [...changes.keys()].map((text) => JSON.parse(text) as ProvenanceChange);
  return { type: "phiward.provenance/1", changes: list, grants, policies };
}

function changeAt(file: ProvenanceFile, place: Place): ProvenanceChange | undefined {
  const within = "grant" in place ? file.grants : ownOf(file.policies, place.policy);
  const index = ownOf(within ?? {}, "grant" in place ? place.grant : place.rule);
  return index === undefined ? undefined : file.changes[index];
}

function ownOf<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

export function writeProvenance(file: ProvenanceFile): { text: string; digest: Digest } {
  const text = canonical(file as unknown as Json);
  return { text, digest: sha256(text) };
}

/** The file that a release names, if it names one. Throws Refused. */
export function takeProvenance(
  { provenance }: { readonly provenance?: Digest },
  bytes: Uint8Array | undefined,
  demand: Demand,
): ProvenanceFile | undefined {
  if (provenance === undefined) return undefined;
  demand("provenance", bytes !== undefined, "the origin of the grants and rules is not there");
  demand("size", bytes.length <= MAX_BUNDLE_BYTES, "the origin of the rules is too large");
  const same = sha256(Buffer.from(bytes).toString("utf8")) === provenance;
  demand("provenance", same, "the origin of the grants and rules is not the one that was signed");
  const file = readSigned("provenance", PROVENANCE_FILE, bytes, MAX_BUNDLE_BYTES, demand);
  const named = [...Object.values(file.grants), ...Object.values(file.policies).flatMap(values)];
  const there = named.every((index) => index < file.changes.length);
  demand("form", there, "the origin of the grants and rules names a change that is not there");
  return file;
}

const PROVENANCE_FILE = "the origin of the grants and rules";
const values = (rules: Readonly<Record<string, number>>): readonly number[] => Object.values(rules);
