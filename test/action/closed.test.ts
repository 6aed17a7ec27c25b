/** Whatever cannot be asked or does not fit fails, and says what to do: nothing passes by accident. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, Asked, FakeGitHub } from "../support/github.ts";
import { BROADER, change, hospital, NARROWER } from "./change.ts";
import { forget, type JobOptions, job, pullEvent, quickJob } from "./job.ts";

let github: FakeGitHub;
beforeAll(async () => {
  github = await hospital();
});
afterAll(() => github.close());

async function run(event: string, payload: unknown, options: JobOptions = {}) {
  const ran = await quickJob(github, event, payload, options);
  forget(ran);
  return ran;
}

describe("GitHub", () => {
  const inAnHour = String(Math.floor(Date.now() / 1000) + 3600);
  const limited: Answer = {
    status: 403,
    headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": inAnHour },
  };
  const when = (part: string, answer: Answer) => (asked: Asked) =>
    asked.path.includes(part) ? answer : undefined;

  type Row = readonly [string, (asked: Asked) => Answer | undefined, string];
  const BUILT: readonly Row[] = [
    ["is down", when("/api/", { status: 502 }), "status 502"],
    ["has had enough of us", when("/api/", limited), "limit of requests is used up until"],
  ];
  const QUICK: readonly Row[] = [
    ["breaks every connection", when("/api/", { status: 0 }), "no connection"],
    [
      "asks us to slow down for long",
      when("/api/", { status: 429, headers: { "retry-after": "600" } }),
      "limit of requests is used up until",
    ],
    ["does not know the token", when("/api/", { status: 401 }), "status 401"],
    ["hides the pull request", when("/pulls/", { status: 404 }), "status 404"],
    ["does not tell the reviews", when("/reviews", { status: 502 }), "asked for the reviews"],
    // Refused is the same as down: the gate does not go on without the reviews.
    ["refuses the reviews", when("/reviews", { status: 403 }), "refuses the reviews"],
    ["does not tell the commits", when("/commits", { status: 500 }), "asked for the commits"],
    ["does not tell a team", when("/teams/", { status: 503 }), "asked for the members of team"],
    [
      "does not hand out the objects",
      when("/git-upload-pack", { status: 403 }),
      "Git cannot fetch",
    ],
  ];
  test.each([
    ...BUILT.map((row) => [...row, job] as const),
    ...QUICK.map((row) => [...row, quickJob] as const),
  ])("that %s fails the gate", async (name, trouble, says, start) => {
    const pull = change(github, BROADER, name.replaceAll(" ", "-"));
    github.review(pull, "ana");
    github.review(pull, "carl");
    const payload = pullEvent(github, pull);
    github.trouble = trouble;
    const ran = await start(github, "pull_request", payload);
    github.trouble = () => undefined;
    forget(ran);
    expect(ran.log).toContain(says);
    expect(ran).toMatchObject({ exit: 2, outputs: { verdict: "unknown", blocks: "true" } });
    expect(ran.summary).toContain("could not judge");
  });

  test("is asked again when it fails once", async () => {
    const pull = change(github, NARROWER, "once");
    const payload = pullEvent(github, pull);
    let failures = 1;
    github.trouble = ({ path }) =>
      path.includes("/api/") && failures-- > 0 ? { status: 502 } : undefined;
    const ran = await run("pull_request", payload);
    github.trouble = () => undefined;
    expect(ran.exit).toBe(0);
  });

  test("need not answer what decides nothing: rules of the branch, and the comment", async () => {
    const pull = change(github, NARROWER, "aside");
    github.trouble = ({ path }) => (/rules|graphql/.test(path) ? { status: 403 } : undefined);
    const ran = await run("pull_request", pullEvent(github, pull));
    github.trouble = () => undefined;
    expect(ran.exit).toBe(0);
    expect(ran.summary).toContain("does not tell how `main` is protected");
    expect(ran.summary).toContain("may not write a comment");
  });
});

describe("a pull request", () => {
  test.each<[string, () => object, string]>([
    [
      "with conflicts",
      () => {
        const pull = change(github, NARROWER, "conflict");
        const payload = pullEvent(github, pull);
        github.push("elsewhere", "ines", BROADER);
        pull.base = "elsewhere";
        return payload;
      },
      "has conflicts with `elsewhere`",
    ],
    [
      "that has moved on",
      () => {
        const pull = change(github, NARROWER, "moving");
        const payload = pullEvent(github, pull);
        github.push("moving", "eve", BROADER);
        return payload;
      },
      "has moved on",
    ],
    [
      "that is closed",
      () => {
        const pull = change(github, NARROWER, "closed");
        pull.state = "closed";
        return pullEvent(github, pull);
      },
      "is closed",
    ],
  ])("%s is not judged", async (_, payload, says) => {
    const ran = await run("pull_request", payload());
    expect(ran).toMatchObject({ exit: 2, outputs: { verdict: "unknown" } });
    expect(ran.log).toContain(says);
  });

  test("into a branch that holds no policies finds nobody to approve it", async () => {
    const pull = change(github, NARROWER, "into-empty");
    pull.base = "empty";
    github.review(pull, "ana");
    github.review(pull, "carl");
    const ran = await run("pull_request", pullEvent(github, pull));
    expect(ran.exit).toBeGreaterThan(0);
    expect(ran.outputs).toMatchObject({ approved: "false" });
  });
});

describe("a job", () => {
  test("with bad inputs names them all, and asks nobody", async () => {
    const pull = change(github, NARROWER, "inputs");
    github.asked.length = 0;
    const ran = await run("pull_request", pullEvent(github, pull), {
      inputs: { "fail-on": "block", coment: "never", token: "", dir: "../.." },
    });
    expect(ran.exit).toBe(2);
    expect(ran.log).toContain("::error title=phiward%3A ACTION_INPUTS::");
    for (const word of ["fail-on", "coment", "token", "dir"]) expect(ran.log).toContain(word);
    expect(github.asked).toEqual([]);
  });

  test.each<[string, string, unknown, string]>([
    ["with an event that cannot be read", "pull_request", "{", "event's file cannot be read"],
    ["with an event without a pull request", "pull_request", {}, "pull_request.number"],
    ["of a push, without inputs", "push", {}, "`base-ref` and `head-ref` are empty"],
  ])("%s fails", async (_, event, payload, says) => {
    const ran = await run(event, payload);
    expect(ran.exit).toBe(2);
    expect(ran.log).toContain(says);
  });

  test("of a push may name two revisions, of which nobody can approve the second", async () => {
    const pull = change(github, BROADER, "named");
    const inputs = { "base-ref": "main", "head-ref": "named" };
    const ran = await run("push", {}, { inputs });
    expect(ran).toMatchObject({ exit: 1, outputs: { verdict: "broader", approved: "false" } });
    const narrower = await run(
      "push",
      {},
      {
        inputs: { "base-ref": github.headOf(pull), "head-ref": "refs/heads/main" },
      },
    );
    expect(narrower).toMatchObject({ exit: 0, outputs: { verdict: "narrower" } });
    const unknown = await run("push", {}, { inputs: { ...inputs, "head-ref": "nowhere" } });
    expect(unknown).toMatchObject({ exit: 2, outputs: { verdict: "unknown" } });
    expect(unknown.log).toContain("the repository has no `nowhere`");
  });

  test("after a review knows only the branch, and finds its pull request", async () => {
    const pull = change(github, BROADER, "reviewed");
    const payload = (head: string) => ({
      repository: { default_branch: "main" },
      workflow_run: {
        head_sha: head,
        head_branch: "reviewed",
        head_repository: { owner: { login: "example-hospital" } },
      },
    });
    github.review(pull, "ana");
    github.review(pull, "carl");
    const ran = await run("workflow_run", payload(github.headOf(pull)));
    expect(ran).toMatchObject({ exit: 0, outputs: { approved: "true" } });
    const other = await run("workflow_run", payload("0".repeat(40)));
    expect(other.exit).toBe(2);
    expect(other.log).toContain("no open pull request to `main`, or several");
    // The author says where it goes, and the gate of another branch may be weaker.
    github.repository().move("refs/heads/weaker", github.repository().tip("refs/heads/main")!);
    pull.base = "weaker";
    const elsewhere = await run("workflow_run", payload(github.headOf(pull)));
    expect(elsewhere).toMatchObject({ exit: 2, outputs: { verdict: "unknown" } });
  });
});
