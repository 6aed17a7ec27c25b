/** A merge queue: what the branch will be is judged again, with everything that is before it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FakeGitHub, FakePull } from "../support/github.ts";
import { BROADER, change, FILES, hospital } from "./change.ts";
import { forget, job, quickJob } from "./job.ts";

let github: FakeGitHub;
beforeAll(async () => {
  github = await hospital();
});
afterAll(() => github.close());

const README = { "README.md": "Policies of the hospital\n" };

async function run(entry: ReturnType<FakeGitHub["enqueue"]>, start = quickJob) {
  const ran = await start(github, "merge_group", {
    action: "checks_requested",
    merge_group: {
      head_sha: entry.head,
      head_ref: entry.ref,
      base_sha: entry.base,
      base_ref: "refs/heads/main",
    },
  });
  forget(ran);
  return ran;
}

const approve = (pull: FakePull): void => {
  github.review(pull, "ana");
  github.review(pull, "carl");
};

test("an entry is judged with the approvals of its pull request", async () => {
  const pull = change(github, BROADER, "alone");
  const entry = github.enqueue(pull);
  expect(await run(entry, job)).toMatchObject({ exit: 1, outputs: { verdict: "broader" } });
  approve(pull);
  expect(await run(entry, job)).toMatchObject({ exit: 0, outputs: { approved: "true" } });
});

test("an entry does not pass on top of one that does not, even when it changes nothing", async () => {
  const wider = change(github, BROADER, "first");
  const harmless = change(github, README, "second");
  const first = github.enqueue(wider);
  const second = github.enqueue(harmless, first.head);
  const ran = await run(second);
  // What it is about itself is the same; GitHub may be set to merge both when only this one passes.
  expect(ran).toMatchObject({ exit: 1, outputs: { verdict: "same" } });
  expect(ran.log).toContain("which this merge group stands on, does not pass");
  approve(wider);
  expect(await run(second)).toMatchObject({ exit: 0, outputs: { verdict: "same" } });
});

test("an entry of an older head is refused", async () => {
  const pull = change(github, BROADER, "moved");
  approve(pull);
  const entry = github.enqueue(pull);
  github.push("moved", "eve", { "policies/lookup.yaml": FILES["policies/lookup.yaml"] });
  approve(pull);
  const ran = await run(entry);
  expect(ran).toMatchObject({ exit: 2, outputs: { verdict: "unknown" } });
  expect(ran.log).toContain("NOT_MERGEABLE");
});

test("a group that stands on something unknown is refused", async () => {
  const pull = change(github, README, "unknown");
  const stray = github.repository().commit(
    [github.headOf(pull)],
    {},
    {
      author: { name: "eve", email: "eve@example.org" },
    },
  );
  const ran = await run(github.enqueue(pull, stray));
  expect(ran.exit).toBe(2);
  expect(ran.log).toContain("neither the tip of `main` nor an entry of its queue");
});
