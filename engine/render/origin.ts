/** Where a decision comes from, in words: commits, pull requests, and who approved. */
import type { ProvenanceChange } from "../schema/types.ts";
import { visible } from "./paint.ts";

/** A commit, its pull request and who approved it. */
export function originText({ commit, pullRequest, approvers, orBefore }: ProvenanceChange): string {
  return [
    `commit ${commit.slice(0, 12)}${orBefore === true ? " or one before it" : ""}`,
    pullRequest === undefined
      ? "no pull request known"
      : `pull request ${pullRequest.number}${pullRequest.from === "message" ? " by its message" : ""}`,
    approvers.length === 0
      ? "no approval known"
      : `approved by ${approvers.map(({ name }) => visible(name)).join(", ")}`,
  ].join(", ");
}

/** Rows of an answer: the change that last touched the grant, and the one of the rule. */
export function originRows(origin: {
  readonly grant: ProvenanceChange | null;
  readonly rule: ProvenanceChange | null;
}): readonly (readonly [string, string])[] {
  return [
    ...(origin.grant === null ? [] : [["grant from", originText(origin.grant)] as const]),
    ...(origin.rule === null ? [] : [["rule from", originText(origin.rule)] as const]),
  ];
}
