/** The workflows that `init --signing` writes are valid, ask for little, and do what they say. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { releaseWorkflows } from "../../engine/catalog/release-workflows.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly "timeout-minutes": number;
  readonly environment?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const VERSION = "1.2.3";
const WORKFLOWS = new Map(
  Object.entries(releaseWorkflows(VERSION)).map(([path, text]) => [
    path.replace(/^\.github\/workflows\/phiward-|\.yml$/g, ""),
    parse(text) as Workflow,
  ]),
);
const jobOf = (name: string): Job => Object.values(WORKFLOWS.get(name)!.jobs)[0]!;

describe.each([...WORKFLOWS])("the workflow %s", (name, workflow) => {
  test("starts without any permission, and writes nothing but contents", () => {
    expect(workflow.permissions).toEqual({});
    const job = jobOf(name);
    expect(job["timeout-minutes"]).toBeLessThanOrEqual(15);
    expect(Object.keys(job.permissions)).toEqual(["contents"]);
  });

  test("pins what others wrote by a whole commit, and phiward by its version", () => {
    for (const { uses, run = "" } of jobOf(name).steps) {
      if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
      for (const [, called] of run.matchAll(/npx (\S+ \S+)/g)) {
        expect(called).toBe(`--yes phiward@${VERSION}`);
      }
    }
  });

  test("puts no text of an event into a script", () => {
    for (const { run = "" } of jobOf(name).steps) expect(run).not.toContain("{{");
  });

  test("has the builder's key only in the environment of the default branch", () => {
    const holds = JSON.stringify(workflow).includes("secrets.");
    expect(jobOf(name).environment).toBe(holds ? "phiward-release" : undefined);
    // Whoever pushes to such a branch chooses what its workflows do.
    if (holds) expect(JSON.stringify(workflow.on)).not.toContain("sign/");
  });
});

const bin = resolve(import.meta.dirname, "../../dist/cli/bin.js");
const work = mkdtempSync(join(tmpdir(), "phiward-workflows-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const at = (...path: string[]): string => join(work, ...path);
const env = {
  PATH: `${at("bin")}:${process.env.PATH}`,
  HOME: at("home"),
  GIT_CONFIG_NOSYSTEM: "1",
};
const run = (cwd: string, command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: "pipe" });
const refs = (): readonly string[] =>
  run(at("origin.git"), "git", "for-each-ref", "--format=%(refname)").trim().split("\n");

/** The steps of a workflow's job, in a new checkout, as a runner of GitHub runs them. */
function runJob(name: string, branch: string): { readonly status: number; readonly said: string } {
  const runner = mkdtempSync(at("runner-"));
  const workspace = join(runner, "workspace");
  const temp = join(runner, "temp");
  mkdirSync(temp);
  run(runner, "git", "clone", "-q", "--branch", branch, at("origin.git"), workspace);
  const summary = join(runner, "summary");
  writeFileSync(summary, "");
  for (const { run: script, env: given = {} } of jobOf(name).steps) {
    if (script === undefined) continue;
    const secrets = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [
        key,
        value.includes("secrets.PHIWARD_BUILDER_KEY")
          ? readFileSync(at("builder.key"), "utf8")
          : value,
      ]),
    );
    const { status, stderr, stdout } = spawnSync("bash", ["-e", "-c", script], {
      cwd: workspace,
      encoding: "utf8",
      env: {
        ...env,
        ...secrets,
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: temp,
        GITHUB_STEP_SUMMARY: summary,
      },
    });
    if (status !== 0) return { status: status ?? -1, said: `${stdout}${stderr}` };
  }
  return { status: 0, said: readFileSync(summary, "utf8") };
}

const phiward = (cwd: string, ...args: string[]): string => run(cwd, "node", bin, ...args);

/** The officer signs on a machine of their own. */
function officerSigns(version: number): void {
  const folder = at(`officer-${version}`);
  run(work, "git", "clone", "-q", "--branch", `sign/v${version}`, at("origin.git"), folder);
  phiward(folder, "bundle", "sign", "--key", at("officer"));
  run(folder, "git", "commit", "-q", "-a", "-m", "signed");
  run(folder, "git", "push", "-q");
}

const LIMIT_MS = 180_000;

describe("on a repository", () => {
  beforeAll(() => {
    for (const folder of ["bin", "home"]) mkdirSync(at(folder));
    const npx = `#!/bin/sh\n[ "$1 $2" = "--yes phiward@${VERSION}" ] || exit 99\nshift 2\nexec node ${bin} "$@"\n`;
    writeFileSync(at("bin/npx"), npx);
    chmodSync(at("bin/npx"), 0o755);
    writeFileSync(at("home/.gitconfig"), "[user]\nname = A. Example\nemail = a@example.org\n");
    run(work, "git", "init", "-q", "--bare", "-b", "main", "origin.git");
    run(work, "git", "clone", "-q", at("origin.git"), "policies");
    run(work, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", at("officer"));
    const here = at("policies");
    const signing = ["--signing", "--builder-key", at("builder.key")];
    phiward(
      here,
      "init",
      "--name",
      "ehr",
      "--approver",
      "team:privacy",
      ...signing,
      "--officer",
      `privacy:m.chen=${at("officer.pub")}`,
    );
    phiward(here, "root", "sign", "--key", at("officer"));
    run(here, "git", "checkout", "-q", "-b", "main");
    run(here, "git", "add", ".");
    run(here, "git", "commit", "-q", "-m", "first");
    run(here, "git", "push", "-q", "origin", "main");
  }, LIMIT_MS);

  test(
    "a merge becomes a release when the builder and the officer have signed it",
    () => {
      expect(runJob("release", "main")).toMatchObject({ status: 0 });
      expect(refs()).toEqual(["refs/heads/main", "refs/heads/sign/v1"]);
      // The builder's signature alone publishes nothing, and is no error.
      expect(runJob("publish", "sign/v1")).toMatchObject({
        status: 0,
        said: expect.stringContaining("not published yet"),
      });
      expect(refs()).not.toContain("refs/heads/policy-current");
      officerSigns(1);
      expect(runJob("publish", "sign/v1")).toEqual({ status: 0, said: "" });
      expect(refs()).toContain("refs/tags/policy/v1");
      expect(runJob("heartbeat", "main")).toMatchObject({ status: 0 });
      expect(refs()).toContain("refs/heads/policy-heartbeat");
      expect(runJob("expiry", "main")).toMatchObject({ status: 0 });
    },
    LIMIT_MS,
  );

  test(
    "the next merge becomes the release that follows it",
    () => {
      const here = at("policies");
      const policy = join(here, "policies/lookup.yaml");
      writeFileSync(policy, readFileSync(policy, "utf8").replace("max: 20", "max: 10"));
      const cases = join(here, "tests/lookup.test.yaml");
      const text = readFileSync(cases, "utf8").replace("repeat: 21", "repeat: 11");
      writeFileSync(cases, text.replace("allowed: 20", "allowed: 10"));
      run(here, "git", "commit", "-q", "-a", "-m", "Fewer patients (#7)");
      run(here, "git", "push", "-q", "origin", "main");
      expect(runJob("release", "main")).toMatchObject({ status: 0 });
      officerSigns(2);
      expect(runJob("publish", "sign/v2")).toMatchObject({ status: 0 });
      const trust = ["--trust", join(here, "release/trust.json"), "--format", "json"];
      const seen = JSON.parse(phiward(work, "bundle", "verify", at("origin.git"), ...trust));
      expect(seen).toMatchObject({ verdict: "trusted", release: { version: 2 } });
    },
    LIMIT_MS,
  );

  test(
    "a key that the root does not name signs nothing",
    () => {
      phiward(work, "keys", "enrol", "--new", at("stranger.key"));
      writeFileSync(at("builder.key"), readFileSync(at("stranger.key")));
      const { status, said } = runJob("release", "main");
      expect(status).toBe(3);
      expect(said).toContain("is not in the root");
    },
    LIMIT_MS,
  );
});
