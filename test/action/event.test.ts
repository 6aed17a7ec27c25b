/** The event that starts a job → what is judged. */
import { expect, test } from "vitest";
import { readEvent } from "../../action/event.ts";

const COMMIT = "a".repeat(40);
const QUEUED = `refs/heads/gh-readonly-queue/release/1/pr-12-${"b".repeat(40)}`;

const pull = { pull_request: { number: 3, head: { sha: COMMIT } } };
const group = {
  merge_group: {
    head_sha: COMMIT,
    head_ref: QUEUED,
    base_sha: "b".repeat(40),
    base_ref: "refs/heads/release/1",
  },
};

test.each<[string, unknown, object]>([
  ["pull_request", pull, { kind: "pull", number: 3, head: COMMIT }],
  ["pull_request_target", pull, { kind: "pull", number: 3, head: COMMIT }],
  ["pull_request_review", pull, { kind: "pull", number: 3, head: COMMIT }],
  [
    "merge_group",
    group,
    { kind: "queue", number: 12, branch: "release/1", base: "b".repeat(40), head: COMMIT },
  ],
  [
    "workflow_run",
    {
      repository: { default_branch: "main" },
      workflow_run: {
        head_sha: COMMIT,
        head_branch: "x",
        head_repository: { owner: { login: "eve" } },
      },
    },
    { kind: "branch", owner: "eve", branch: "x", head: COMMIT, base: "main" },
  ],
  ["push", { after: COMMIT }, { kind: "revisions" }],
  ["schedule", null, { kind: "revisions" }],
])("`%s` is read", (event, payload, occasion) => {
  expect(readEvent(event, payload)).toEqual(occasion);
});

test.each<[string, string, unknown, string]>([
  ["nothing", "pull_request", undefined, "pull_request.number"],
  ["a list", "pull_request", [], "pull_request.number"],
  ["a number as text", "pull_request", { pull_request: { number: "3" } }, "pull_request.number"],
  [
    "a part of a commit",
    "pull_request",
    { pull_request: { number: 3, head: { sha: "abc" } } },
    "head.sha",
  ],
  // A name that every object has is none of the event's.
  [
    "an inherited name",
    "workflow_run",
    { workflow_run: Object.create({ head_branch: "x" }) },
    "workflow_run.",
  ],
  [
    "another branch",
    "merge_group",
    { merge_group: { ...group.merge_group, head_ref: "refs/heads/x" } },
    "head_ref",
  ],
])("%s in place of `%s` is an error", (_, event, payload, says) => {
  expect(() => readEvent(event, payload)).toThrow(
    expect.objectContaining({ code: "GITHUB", message: expect.stringContaining(says) }),
  );
});
