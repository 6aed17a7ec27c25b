/** Does a release say what the history on this machine says? */
import type { History } from "../host/tree.ts";
import { canonical, type Json } from "../json/value.ts";
import type { ProvenanceChange, ProvenanceFile } from "../schema/types.ts";
import type { Demand } from "./checks.ts";

/**
 * Refuses what this machine's own history does not say. Pull requests and approvals of new commits
 * that come from the gate's reports are the builder's word, and are shown to whoever signs.
 */
export function requireSameOrigins(
  said: ProvenanceFile,
  mine: ProvenanceFile,
  { steps }: History,
  demand: Demand,
): void {
  const fresh = new Set(steps.map(({ commit }) => commit));
  const here = new Map(placed(mine));
  const there = placed(said);
  const same =
    there.length === here.size &&
    there.every(([place, change]) => agrees(change, here.get(place), fresh));
  demand("provenance", same, "the history here says otherwise where a grant or rule comes from");
}

function placed(file: ProvenanceFile): readonly (readonly [string, ProvenanceChange])[] {
  const entries = (at: string, record: Readonly<Record<string, number>>) =>
    Object.entries(record).map(([key, index]) => [`${at}\n${key}`, file.changes[index]!] as const);
  return [
    ...entries("", file.grants),
    ...Object.entries(file.policies).flatMap(([name, rules]) => entries(name, rules)),
  ];
}

function agrees(
  said: ProvenanceChange,
  mine: ProvenanceChange | undefined,
  fresh: ReadonlySet<string>,
): boolean {
  if (mine === undefined) return false;
  const reported = said.pullRequest?.from === "gate" || said.approvers.length > 0;
  const claimed = reported && fresh.has(said.commit);
  const told = ({ commit, orBefore, ...rest }: ProvenanceChange): string =>
    canonical([commit, orBefore ?? false, claimed ? null : rest] as unknown as Json);
  return told(said) === told(mine);
}
