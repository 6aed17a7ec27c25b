/** The event that started the job → what is to be judged. */
import { PhiwardError } from "../engine/index.ts";

export type Occasion =
  /** A pull request; `head` is its last commit as the event saw it. */
  | { readonly kind: "pull"; readonly number: number; readonly head: string }
  /**
   * The branch of a pull request of which only the branch is known. Whoever opened it chooses where it
   * goes; this run speaks for the default branch, and judges nothing that goes elsewhere.
   */
  | {
      readonly kind: "branch";
      readonly owner: string;
      readonly branch: string;
      readonly head: string;
      readonly base: string;
    }
  /** An entry of a merge queue: the commit that the branch will be, if it passes. */
  | {
      readonly kind: "queue";
      readonly number: number;
      /** The branch that it goes to, without `refs/heads/`. */
      readonly branch: string;
      readonly base: string;
      readonly head: string;
    }
  /** Whatever the inputs name. */
  | { readonly kind: "revisions" };

/** A queue's branch: `refs/heads/gh-readonly-queue/main/pr-12-<the commit that it builds on>`. */
export const QUEUE_REF = /^refs\/heads\/gh-readonly-queue\/.+\/pr-(\d{1,10})-([0-9a-f]{40})$/;

/** @throws PhiwardError GITHUB for a payload that is not what GitHub's documentation says. */
export function readEvent(event: string, payload: unknown): Occasion {
  switch (event) {
    case "pull_request":
    case "pull_request_target":
    case "pull_request_review":
      return {
        kind: "pull",
        number: numberAt(payload, "pull_request.number"),
        head: commitAt(payload, "pull_request.head.sha"),
      };
    case "workflow_run":
      return {
        kind: "branch",
        owner: textAt(payload, "workflow_run.head_repository.owner.login"),
        branch: textAt(payload, "workflow_run.head_branch"),
        head: commitAt(payload, "workflow_run.head_sha"),
        base: textAt(payload, "repository.default_branch"),
      };
    case "merge_group": {
      const ref = textAt(payload, "merge_group.head_ref");
      const number = QUEUE_REF.exec(ref)?.[1];
      if (number === undefined) return unreadable("merge_group.head_ref");
      return {
        kind: "queue",
        number: Number(number),
        branch: textAt(payload, "merge_group.base_ref").replace(/^refs\/heads\//, ""),
        base: commitAt(payload, "merge_group.base_sha"),
        head: commitAt(payload, "merge_group.head_sha"),
      };
    }
    default:
      return { kind: "revisions" };
  }
}

function at(payload: unknown, path: string): unknown {
  let value = payload;
  for (const step of path.split("."))
    value =
      typeof value === "object" && value !== null && Object.hasOwn(value, step)
        ? (value as Readonly<Record<string, unknown>>)[step]
        : undefined;
  return value;
}

function textAt(payload: unknown, path: string): string {
  const value = at(payload, path);
  return typeof value === "string" && value !== "" ? value : unreadable(path);
}

function commitAt(payload: unknown, path: string): string {
  const value = textAt(payload, path);
  return /^[0-9a-f]{40}$/.test(value) ? value : unreadable(path);
}

function numberAt(payload: unknown, path: string): number {
  const value = at(payload, path);
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0
    ? value
    : unreadable(path);
}

function unreadable(path: string): never {
  throw new PhiwardError("GITHUB", `the event has no \`${path}\` that can be read`, {
    help: "run the Action on `pull_request`, `pull_request_target` or `merge_group`, as GitHub starts it",
  });
}
