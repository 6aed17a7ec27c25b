/** A pull request from a fork: its token may only read, and its commits are in another repository. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FakeGitHub, FakePull } from "../support/github.ts";
import { BROADER, hospital, NARROWER } from "./change.ts";
import { forget, job, pullEvent, quickJob, TOKEN } from "./job.ts";

const FORK = "mallory/policies";

let github: FakeGitHub;
beforeAll(async () => {
  github = await hospital();
});
afterAll(() => github.close());

function fromFork(branch: string, edit: typeof BROADER): FakePull {
  github.push(branch, "mallory", edit, { repository: FORK });
  return github.open("mallory", branch, { repository: FORK });
}

async function run(pull: FakePull, event = "pull_request", start = job) {
  const ran = await start(github, event, pullEvent(github, pull));
  forget(ran);
  return ran;
}

test("works with a token that can only read, and says why there is no comment", async () => {
  github.tokens.set(TOKEN, { login: "github-actions[bot]", pulls: "read", members: false });
  const narrower = await run(fromFork("narrower", NARROWER));
  expect(narrower).toMatchObject({ exit: 0, outputs: { verdict: "narrower" } });

  const pull = fromFork("broader", BROADER);
  const ran = await run(pull);
  expect(ran).toMatchObject({ exit: 1, outputs: { verdict: "broader", approved: "false" } });
  expect(pull.comments).toEqual([]);
  expect(ran.summary).toContain("may not write a comment");
  // A job's own token may not read the members of a team.
  expect(ran.summary).toContain("`privacy-officers` does not exist or may not be read");
});

test("is approved like any other, by who did not push to the fork", async () => {
  github.tokens.set(TOKEN, { login: "phiward-gate[bot]", pulls: "write", members: true });
  const pull = fromFork("approved", BROADER);
  github.review(pull, "ana");
  github.review(pull, "carl");
  const ran = await run(pull, "pull_request_target");
  expect(ran).toMatchObject({ exit: 0, outputs: { approved: "true" } });
  expect(pull.comments).toHaveLength(1);

  github.push("approved", "mallory", NARROWER, { repository: FORK });
  github.push("approved", "mallory", BROADER, { repository: FORK, pusher: "carl" });
  github.review(pull, "ana");
  github.review(pull, "carl");
  const helped = await run(pull, "pull_request_target", quickJob);
  expect(helped.exit).toBe(1);
  expect(helped.summary).toContain("`carl` pushed a commit of this change");
});

test("is not approved where GitHub does not tell who pushed to the fork", async () => {
  const pull = fromFork("private", BROADER);
  github.review(pull, "ana");
  github.review(pull, "carl");
  github.trouble = ({ path }) => (path.includes("/activity") ? { status: 404 } : undefined);
  const ran = await run(pull, "pull_request", quickJob);
  github.trouble = () => undefined;
  expect(ran.exit).toBe(1);
  expect(ran.summary).toContain("does not tell who pushed to `private` of `mallory/policies`");
});
