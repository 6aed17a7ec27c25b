/** From a pull request to its merge: the built Action, real Git, and GitHub's API on the loopback. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeGitHub, FakePull } from "../support/github.ts";
import type { Edit } from "../support/hosted.ts";
import { BROADER, change, FILES, hospital, MORE_BROADER, NARROWER } from "./change.ts";
import { forget, type JobOptions, job, pullEvent, quickJob, type Ran, TOKEN } from "./job.ts";

let github: FakeGitHub;
beforeAll(async () => {
  github = await hospital();
});
afterAll(() => github.close());

interface RunOptions extends JobOptions {
  readonly event?: string;
  /** The built Action; or its sources, where only another detail of the same way is looked at. */
  readonly start?: typeof job;
}

/** Every run is also looked through for the token. */
async function run(pull: FakePull, options: RunOptions = {}): Promise<Ran> {
  const { start = job } = options;
  const ran = await start(
    github,
    options.event ?? "pull_request",
    pullEvent(github, pull),
    options,
  );
  const said = ran.log + ran.summary + JSON.stringify(ran.outputs);
  const { report } = ran.outputs;
  expect(said + (report ? readFileSync(report, "utf8") : "")).not.toContain(TOKEN);
  return ran;
}

async function runAndForget(...args: Parameters<typeof run>): Promise<Ran> {
  const ran = await run(...args);
  forget(ran);
  return ran;
}

describe("a change that lets more happen", () => {
  test("is blocked, approved group by group, and blocked again by the next push", async () => {
    const pull = change(github, BROADER, "wider-ids");

    const first = await runAndForget(pull, { event: "pull_request_target" });
    expect(first).toMatchObject({
      exit: 1,
      outputs: { verdict: "broader", blocks: "true", approved: "false" },
    });
    expect(first.log).toContain("::error");
    expect(first.summary).toContain("privacy-officers");
    expect(pull.comments.map(({ login }) => login)).toEqual(["phiward-gate[bot]"]);
    const blocked = pull.comments[0]!.body;

    github.review(pull, "ana");
    const half = await runAndForget(pull);
    expect(half).toMatchObject({ exit: 1, outputs: { approved: "false" } });
    expect(half.log).toContain("security-officers");

    github.review(pull, "carl");
    const both = await runAndForget(pull, { event: "pull_request_review" });
    expect(both).toMatchObject({ exit: 0, outputs: { verdict: "broader", approved: "true" } });
    // The comment that was there is another now, and still the only one.
    expect(pull.comments).toHaveLength(1);
    expect(pull.comments[0]!.body).not.toBe(blocked);

    github.push("wider-ids", "eve", MORE_BROADER);
    const after = await runAndForget(pull);
    expect(after).toMatchObject({ exit: 1, outputs: { approved: "false" } });
    expect(after.summary).toContain("not the last commit");
    expect(pull.comments).toHaveLength(1);
  });

  test("is not approved by an officer who pushed a commit of it under another name", async () => {
    const pull = change(github, BROADER, "helped");
    github.push("helped", "eve", MORE_BROADER, { pusher: "carl" });
    github.review(pull, "ana");
    github.review(pull, "carl");
    const ran = await runAndForget(pull);
    expect(ran.exit).toBe(1);
    expect(ran.summary).toContain("`carl` pushed a commit of this change");
  });

  test("is not approved by officers whose push was replaced since", async () => {
    const pull = change(github, BROADER, "replaced");
    const main = github.repository().tip("refs/heads/main")!;
    github.push("replaced", "eve", MORE_BROADER, { pusher: "ben" });
    github.push("replaced", "eve", MORE_BROADER, { onto: main });
    github.review(pull, "ben");
    github.review(pull, "carl");
    const ran = await runAndForget(pull, { start: quickJob });
    expect(ran.exit).toBe(1);
    expect(ran.summary).toContain("`ben` pushed a commit of this change");
  });

  test("is judged with every page of what GitHub lists", async () => {
    github.maxPage = 1;
    const pull = change(github, BROADER, "pages");
    github.push("pages", "eve", MORE_BROADER, { pusher: "ben" });
    github.push("pages", "eve", BROADER);
    for (const login of ["zoe", "ben", "carl"]) github.review(pull, login);
    pull.comments.push({ id: 1, login: "zoe", body: "I would like to know why" });
    // Carl's review is on the third page, and Ben's push on the second.
    expect(await runAndForget(pull, { start: quickJob })).toMatchObject({
      exit: 1,
      outputs: { approved: "false" },
    });
    github.review(pull, "ana");
    expect(await runAndForget(pull, { start: quickJob })).toMatchObject({
      exit: 0,
      outputs: { approved: "true" },
    });
    github.maxPage = 100;
    expect(pull.comments.map(({ login }) => login)).toEqual(["zoe", "phiward-gate[bot]"]);
  });

  test("fails under `fail-on: broader` although it is approved, and stops nothing under `never`", async () => {
    const pull = change(github, BROADER, "modes");
    const never = await runAndForget(pull, { start: quickJob, inputs: { "fail-on": "never" } });
    expect(never).toMatchObject({ exit: 0, outputs: { verdict: "broader", blocks: "true" } });
    expect(never.log).toContain("stops nothing");
    github.review(pull, "ana");
    github.review(pull, "carl");
    const broader = await runAndForget(pull, { start: quickJob, inputs: { "fail-on": "broader" } });
    expect(broader).toMatchObject({ exit: 1, outputs: { approved: "true" } });
  });
});

describe("a change that lets nothing more happen", () => {
  test("passes, asks nobody, and leaves a report, SARIF and counts", async () => {
    const pull = change(github, NARROWER, "narrower");
    github.asked.length = 0;
    const ran = await run(pull, {
      inputs: { "sarif-file": "out/phiward.sarif", comment: "on-failure" },
      before: (workspace) => mkdirSync(join(workspace, "out")),
    });
    expect(ran).toMatchObject({ exit: 0, outputs: { verdict: "narrower", blocks: "false" } });
    expect(JSON.parse(ran.outputs.counts!)).toMatchObject({
      broader: 0,
      testsFailed: 0,
      errors: 0,
    });
    expect(JSON.parse(readFileSync(ran.outputs.report!, "utf8"))).toMatchObject({
      verdict: "narrower",
    });
    expect(
      JSON.parse(readFileSync(join(ran.workspace, "out/phiward.sarif"), "utf8")),
    ).toMatchObject({
      version: "2.1.0",
    });
    // Nothing of Git's is left behind, and nobody's reviews were asked for.
    expect(ran.left.map((name) => name.replace(/-[^-]*$/, ""))).toEqual(["phiward-report"]);
    expect(github.asked.some(({ path }) => /reviews|teams|activity/.test(path))).toBe(false);
    expect(pull.comments).toEqual([]);
    forget(ran);
  });

  test("says so in the comment that said something else before", async () => {
    const pull = change(github, BROADER, "taken-back");
    await runAndForget(pull, { start: quickJob, inputs: { comment: "on-failure" } });
    const before = pull.comments.map(({ body }) => body);
    github.push("taken-back", "eve", NARROWER);
    await runAndForget(pull, { start: quickJob, inputs: { comment: "on-failure" } });
    expect(before).toHaveLength(1);
    expect(pull.comments).toHaveLength(1);
    expect(pull.comments[0]!.body).not.toBe(before[0]);
  });

  test("is compared with the tip of base, and not with where its branch began", async () => {
    const pull = change(github, { "README.md": "Policies of the hospital" }, "behind");
    // Meanwhile base forbids more; the branch still has the old policy, and the merge the new one.
    github.push("main", "ines", NARROWER);
    const ran = await runAndForget(pull, { start: quickJob });
    expect(ran).toMatchObject({ exit: 0, outputs: { verdict: "same" } });
  });
});

describe("policies in a folder of a larger repository", () => {
  test("are found by `dir`, and placed from the repository's root", async () => {
    const inside = (edit: Edit): Edit =>
      Object.fromEntries(Object.entries(edit).map(([path, text]) => [`care/agents/${path}`, text]));
    github.push("larger", "ines", inside(FILES));
    const pull = github.open("eve", "larger-change");
    github.push("larger-change", "eve", inside(BROADER), {
      onto: github.repository().tip("refs/heads/larger")!,
    });
    pull.base = "larger";
    const ran = await runAndForget(pull, { start: quickJob, inputs: { dir: "care/agents" } });
    expect(ran.exit).toBe(1);
    expect(ran.log).toContain("file=care/agents/policies/lookup.yaml");
    // Misspelled, the folder is empty on both sides: no reason to pass.
    const misspelled = await runAndForget(pull, { start: quickJob, inputs: { dir: "care/agent" } });
    expect(misspelled).toMatchObject({ exit: 2, outputs: { verdict: "unknown" } });
  });
});

describe("a comment", () => {
  test("of somebody else that bears the marker is left alone", async () => {
    const pull = change(github, BROADER, "imitated");
    await runAndForget(pull, { start: quickJob });
    const body = pull.comments[0]!.body;
    pull.comments.length = 0;
    pull.comments.push({ id: 77, login: "mallory", body });
    await runAndForget(pull, { start: quickJob });
    expect(pull.comments.map(({ login }) => login)).toEqual(["mallory", "phiward-gate[bot]"]);
    expect(pull.comments[0]!.body).toBe(body);
  });

  test("is not written under `comment: never`", async () => {
    const pull = change(github, BROADER, "quiet");
    const ran = await runAndForget(pull, { start: quickJob, inputs: { comment: "never" } });
    expect(ran.exit).toBe(1);
    expect(pull.comments).toEqual([]);
  });
});

describe("head's files", () => {
  test("are not needed, and a link among them leads the writer nowhere", async () => {
    const pull = change(github, NARROWER, "linked");
    const ran = await run(pull, {
      start: quickJob,
      inputs: { "sarif-file": "phiward.sarif" },
      before: (workspace) => {
        writeFileSync(join(workspace, "../victim"), "as it was");
        symlinkSync("../victim", join(workspace, "phiward.sarif"));
      },
    });
    expect(ran.exit).toBe(2);
    expect(ran.log).toContain("UNREADABLE");
    expect(readFileSync(join(ran.workspace, "../victim"), "utf8")).toBe("as it was");
    forget(ran);
  });
});
