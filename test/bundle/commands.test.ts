/** What the commands about releases refuse, and what they take from the gate. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { draftRelease } from "../../engine/bundle/draft.ts";
import { writeEnvelope } from "../../engine/bundle/dsse.ts";
import { writeProvenance } from "../../engine/bundle/provenance.ts";
import { readFolder, writeFolder } from "../../engine/bundle/store/folder.ts";
import { readTrust } from "../../engine/bundle/trust.ts";
import { followRoots } from "../../engine/bundle/verify.ts";
import { gitTree } from "../../engine/host/git.ts";
import { gitHistory } from "../../engine/host/history.ts";
import { answer, LIMIT_MS, userIn } from "./cli.ts";
import { demand } from "./world.ts";

const work = mkdtempSync(join(tmpdir(), "phiward-commands-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const at = (...path: string[]): string => join(work, ...path);
const here = at("policies");
const published = at("published.git");
const env = userIn(work);
const phiward = (...args: string[]) => answer(here, env, args);
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: work, env, encoding: "utf8", stdio: "pipe" });
const git = (...args: string[]): string => run("git", "-C", here, ...args).trim();

function edit(path: string, from: string | RegExp, to: string): void {
  const file = join(here, path);
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
}

const trust = ["--trust", "release/trust.json"];
const build = (...more: string[]) =>
  phiward("bundle", "build", ".", "--commit", "HEAD", "--release", "release", ...more);
const sign = (key: string) => phiward("bundle", "sign", "--key", key);
const publish = (...more: string[]) => phiward("bundle", "publish", "--to", published, ...more);
const BUILDER = "../builder.key";
const OFFICER = "../officer";

beforeAll(() => {
  run("git", "init", "-q", "-b", "main", "policies");
  run("git", "init", "-q", "--bare", "published.git");
  run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-C", "", "-f", at("officer"));
});

describe("init --signing", () => {
  const init = (...args: string[]) => phiward("init", ".", "--signing", ...args);
  const officer = ["--officer", "privacy:m.chen=../officer.pub"];

  test(
    "wants to know who may sign, and where engines read",
    () => {
      expect(init()).toMatchObject({ status: 2, error: { message: "who may sign releases?" } });
      expect(init(...officer)).toMatchObject({ status: 2, error: { code: "USAGE" } });
    },
    LIMIT_MS,
  );

  test(
    "adds to a repository that is there, keeps the key out of it, and never overwrites",
    () => {
      phiward("init", ".", "--name", "ehr", "--approver", "login:m-chen");
      git("remote", "add", "origin", "https://git.example.org/policies.git");
      const key = ["--builder-key", BUILDER];
      const { status, files, builderKey } = init("--name", "ehr", ...officer, ...key);
      expect({ status, builderKey }).toEqual({ status: 0, builderKey: BUILDER });
      expect(files).toContain("release/trust.json");
      expect(files).not.toContain("phiward.yaml");
      expect(init(...officer, "--builder-key", "../other.key")).toMatchObject({ status: 2 });
      expect(() => readFileSync(at("other.key"))).toThrow("ENOENT");
      expect(phiward("root", "sign", "--key", OFFICER)).toMatchObject({ missing: [] });
      git("add", ".");
      git("commit", "-q", "-m", "first");
    },
    LIMIT_MS,
  );
});

describe("a release", () => {
  test(
    "is published only with everybody's signature, and only once",
    () => {
      expect(build()).toMatchObject({ version: 1, change: "broader" });
      expect(sign(BUILDER)).toMatchObject({ missing: [{ group: "privacy", more: 1 }] });
      expect(publish()).toMatchObject({ status: 3, refused: { check: "too-few" } });
      expect(run("git", "-C", published, "for-each-ref")).toBe("");
      expect(sign(OFFICER)).toMatchObject({ missing: [] });
      expect(publish("--key", BUILDER)).toMatchObject({ status: 0, version: 1 });
      expect(publish()).toMatchObject({ status: 2, error: { code: "GIT" } });
      expect(phiward("bundle", "reproduce", "1", "--from", published)).toMatchObject({
        same: true,
      });
    },
    LIMIT_MS,
  );

  test(
    "takes the pull request and who approved it from the gate's report",
    () => {
      edit("policies/lookup.yaml", "max: 20", "max: 30");
      edit("tests/lookup.test.yaml", "repeat: 21", "repeat: 31");
      edit("tests/lookup.test.yaml", "allowed: 20", "allowed: 30");
      git("commit", "-q", "-a", "-m", "more patients");
      const commit = git("rev-parse", "HEAD");
      const by = [{ group: "login m-chen", needed: 1, by: [{ person: "m-chen" }] }];
      const approvals = { satisfied: true, commit, groups: by };
      writeFileSync(at("approvals.json"), JSON.stringify(approvals));
      const judged = ["--base", "HEAD~1", "--head", "HEAD", "--pull-request", "7"];
      const report = phiward("gate", ...judged, "--approvals", "../approvals.json");
      expect(report).toMatchObject({ passed: true, change: { pullRequest: 7 } });
      writeFileSync(at("gate.json"), JSON.stringify(report));
      build("--from", published, "--gate-report", "../gate.json");
      const { release } = phiward("bundle", "inspect", "release");
      expect(release.source).toMatchObject({
        pullRequest: 7,
        approvers: [{ name: "m-chen", commit }],
      });
      expect(sign(OFFICER)).toMatchObject({ status: 0 });
    },
    LIMIT_MS,
  );

  test(
    "that was changed after it was built is not signed",
    () => {
      const file = readFolder(join(here, "release"));
      const said = JSON.parse(Buffer.from(file.provenance!).toString("utf8"));
      said.changes[0].commit = "a".repeat(40);
      writeFolder(join(here, "release"), { "provenance.json": writeProvenance(said).text });
      expect(sign(BUILDER)).toMatchObject({ status: 3, error: { code: "UNTRUSTED" } });
      edit("release/bundle.json", "max: 30", "max: 99");
      expect(phiward("bundle", "verify", "release", ...trust)).toMatchObject({ status: 3 });
    },
    LIMIT_MS,
  );

  test(
    "is neither built nor signed where a test fails",
    async () => {
      edit("tests/lookup.test.yaml", "allowed: 30", "allowed: 29");
      git("commit", "-q", "-a", "-m", "a test that fails");
      const fails = { status: 2, error: { code: "INVALID_REPOSITORY" } };
      expect(build("--from", published)).toMatchObject(fails);
      // A builder that left the tests out, or says that they passed.
      const files = readFolder(join(here, "release"));
      const text = readFileSync(join(here, "release/trust.json"), "utf8");
      const options = { trust: readTrust("trust.json", text), now: Date.now() };
      const draft = await draftRelease(
        followRoots(files, options, demand),
        files.previous,
        (name) => gitTree(here, name),
        {
          commit: git("rev-parse", "HEAD"),
          path: "",
          lifeMs: 86_400_000,
          graceSeconds: 3600,
          approvers: [],
          past: {
            history: (name, since) => gitHistory(here, name, since),
            before: files.previousProvenance,
          },
        },
        demand,
      );
      writeFolder(join(here, "release"), {
        "bundle.json": draft.bundle.text,
        "release.json": writeEnvelope(draft.envelope),
        "provenance.json": writeProvenance(draft.provenance!).text,
      });
      expect(sign(BUILDER)).toMatchObject(fails);
      expect(phiward("bundle", "inspect", "release")).toMatchObject({ signatures: [] });
    },
    LIMIT_MS,
  );
});

describe("an emergency stop", () => {
  const stop = (key: string, ...what: string[]) =>
    phiward(
      "halt",
      "push",
      ...what,
      "--reason",
      "INC-7",
      "--key",
      key,
      ...trust,
      "--to",
      published,
    );

  test(
    "is made by whom the root lets stop, and says what it stops",
    () => {
      expect(stop(OFFICER)).toMatchObject({
        status: 2,
        error: { message: "what is to be stopped?" },
      });
      expect(stop(BUILDER, "--all")).toMatchObject({ status: 3, error: { code: "UNTRUSTED" } });
      expect(phiward("halt", "list", published, ...trust)).toMatchObject({ status: 0, halts: [] });
      const what = ["--grant", "lookup-bot", "--tool", "export", "--version", "1"];
      expect(stop(OFFICER, ...what).halt).toMatchObject({
        sequence: 1,
        by: ["m.chen"],
        deny: { tools: [{ tool: "export" }], grants: ["lookup-bot"], versions: [1] },
      });
      // A second, weaker one takes the place of none.
      expect(stop(OFFICER, "--tool", "ehr/export").halt).toMatchObject({ sequence: 2 });
      const { halts } = phiward("halt", "list", published, ...trust);
      expect(halts).toMatchObject([{ inForce: true }, { inForce: true }]);
    },
    LIMIT_MS,
  );

  test(
    "that nobody made cannot be lifted",
    () => {
      edit("tests/lookup.test.yaml", "allowed: 29", "allowed: 30");
      git("commit", "-q", "-a", "-m", "mended");
      const lifting = build("--from", published, "--lift-halts", "3");
      expect(lifting).toMatchObject({ status: 3, error: { code: "UNTRUSTED" } });
    },
    LIMIT_MS,
  );
});

describe("a heartbeat", () => {
  const beat = (key: string, ...more: string[]) =>
    phiward("heartbeat", "issue", "--key", key, ...trust, "--to", published, ...more);

  test(
    "is the builder's, and counts the stops",
    () => {
      expect(beat(OFFICER)).toMatchObject({ status: 3, error: { code: "UNTRUSTED" } });
      expect(beat(BUILDER)).toMatchObject({ release: { version: 1 }, haltSequence: 2 });
      expect(phiward("bundle", "verify", published, ...trust)).toMatchObject({ status: 0 });
    },
    LIMIT_MS,
  );

  test(
    "lives for a week at the most",
    () => {
      expect(beat(BUILDER, "--life", "30d")).toMatchObject({ status: 3 });
    },
    LIMIT_MS,
  );
});

describe("the next list of signers", () => {
  const propose = (...args: string[]) => phiward("root", "propose", ...args);

  test(
    "counts only when the people of the one before sign it",
    () => {
      expect(
        propose("--extra", "unknown=none", "--role", "halt=builder:1,privacy:1"),
      ).toMatchObject({
        root: {
          version: 2,
          roles: { halt: { anyOf: [{ group: "builder" }, { group: "privacy" }] } },
          extraFor: { broader: { allOf: [{ group: "privacy" }] } },
        },
      });
      // Unsigned, it is refused, and so is everything under it.
      expect(phiward("bundle", "verify", "release", ...trust)).toMatchObject({
        refused: { check: "unsigned" },
      });
      expect(phiward("root", "sign", "--key", BUILDER)).toMatchObject({
        missing: [{ group: "privacy", more: 1 }],
      });
      // A proposal that was not signed is replaced.
      expect(propose("--role", "release=builder:1,privacy:1").root.version).toBe(2);
    },
    LIMIT_MS,
  );

  test.each([
    ["--role", "nobody=privacy:1", 2],
    ["--role", "release=privacy", 2],
    ["--extra", "broader=privacy:0", 2],
    // More people than the group has.
    ["--role", "root=privacy:2", 3],
  ])(
    "is not made with %s %s",
    (flag, text, status) => {
      expect(propose(flag, text)).toMatchObject({ status });
    },
    LIMIT_MS,
  );
});
