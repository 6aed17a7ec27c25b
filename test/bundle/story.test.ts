/** From an empty folder to a second release, as a new user: one builder key, one officer's SSH key. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

const bin = resolve(import.meta.dirname, "../../dist/cli/bin.js");
const work = mkdtempSync(join(tmpdir(), "phiward-releases-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Every command is a process of its own, on a machine that may be busy. */
const LIMIT_MS = 180_000;

const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "A. Example",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A. Example",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

interface Answer {
  readonly status: number | null;
  readonly json: Record<string, never>;
}

function phiward(...args: string[]): Answer {
  const all = [bin, ...args, "--format", "json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, {
    cwd: work,
    env,
    encoding: "utf8",
  });
  expect(stdout, stderr).not.toBe("");
  return { status, json: JSON.parse(stdout) };
}
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: work, env, encoding: "utf8", stdio: "pipe" });

const trust = ["--trust", "release/trust.json"];

function edit(path: string, from: string | RegExp, to: string): void {
  const file = join(work, path);
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
}

test(
  "a release is made, signed by two, published and verified; then a second one",
  () => {
    run("git", "init", "-q", "-b", "main", "policies");
    expect(phiward("init", "policies", "--approver", "team:privacy").status).toBe(0);
    run("git", "-C", "policies", "add", ".");
    run("git", "-C", "policies", "commit", "-qm", "first");
    run("git", "init", "-q", "--bare", "published.git");
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "officer");
    phiward("keys", "enrol", "--new", "builder.key");
    const people = [
      "--person",
      "builder:ci=builder.key.pub",
      "--person",
      "privacy:m.chen=officer.pub",
    ];
    const where = ["--stream", "ehr", "--repository", "https://git.example.org/p.git"];
    expect(phiward("root", "init", "--domain", "hospital", ...where, ...people).status).toBe(0);
    expect(phiward("root", "sign", "--key", "officer").json).toMatchObject({ missing: [] });

    const release = (...from: string[]): Answer =>
      phiward("bundle", "build", "policies", "--commit", "HEAD", "--release", "release", ...from);
    const sign = (key: string): Answer =>
      phiward("bundle", "sign", "--dir", "policies", "--key", key);
    const verify = (source: string, ...more: string[]): Answer =>
      phiward("bundle", "verify", source, ...trust, ...more);

    const built = release();
    expect(built).toMatchObject({ status: 0, json: { version: 1, change: "broader" } });
    const alone = phiward("bundle", "build", "policies", "--commit", "main", "--output", "b.json");
    expect(alone.json.digest).toBe(built.json.digest);
    expect(readFileSync(join(work, "b.json"))).toEqual(
      readFileSync(join(work, "release/bundle.json")),
    );

    expect(sign("builder.key").json).toMatchObject({ missing: [{ group: "privacy", more: 1 }] });
    // One signature is not enough, and what an engine would refuse is not published.
    expect(verify("release")).toMatchObject({ status: 3, json: { refused: { check: "too-few" } } });
    expect(phiward("bundle", "publish", "--to", "published.git").status).toBe(3);
    expect(run("git", "-C", "published.git", "for-each-ref")).toBe("");

    expect(sign("officer").json).toMatchObject({ missing: [] });
    const published = join(work, "published.git");
    expect(phiward("bundle", "publish", "--to", published).status).toBe(0);
    const seen = verify(published);
    expect(seen).toMatchObject({
      status: 0,
      json: { verdict: "trusted", release: { version: 1, digest: built.json.digest } },
    });
    expect(
      phiward("bundle", "reproduce", "1", "--from", published, "--dir", "policies"),
    ).toMatchObject({
      status: 0,
      json: { same: true },
    });

    edit("policies/policies/lookup.yaml", "max: 20", "max: 30");
    edit("policies/tests/lookup.test.yaml", "repeat: 21", "repeat: 31");
    edit("policies/tests/lookup.test.yaml", "allowed: 20", "allowed: 30");
    run("git", "-C", "policies", "commit", "-qam", "second");
    expect(release("--from", published).json).toMatchObject({ version: 2, change: "broader" });
    for (const key of ["officer", "builder.key"]) expect(sign(key).status).toBe(0);
    expect(phiward("bundle", "publish", "--to", published).status).toBe(0);
    expect(verify(published).json).toMatchObject({ release: { version: 2 } });
    expect(verify(published, "--release", "1").json).toMatchObject({ release: { version: 1 } });
    // The same version is never published twice.
    expect(phiward("bundle", "publish", "--to", published).status).toBe(2);
  },
  LIMIT_MS,
);

test(
  "a draft that was changed after it was built is not signed",
  () => {
    edit("release/bundle.json", "max: 30", "max: 99");
    expect(phiward("bundle", "verify", "release", ...trust)).toMatchObject({
      status: 3,
      json: { refused: { check: "bundle" } },
    });
  },
  LIMIT_MS,
);

test(
  "a new officer gets a seat by a root that the old one signs",
  () => {
    run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-C", "", "-f", "second");
    expect(phiward("root", "propose", "--person", "privacy:r.ode=second.pub").status).toBe(0);
    // Unsigned, it is refused, and so is everything under it.
    expect(phiward("bundle", "verify", "release", ...trust).json).toMatchObject({
      refused: { check: "unsigned" },
    });
    expect(phiward("root", "sign", "--key", "second").json).toMatchObject({
      missing: [{ group: "privacy" }],
    });
    expect(phiward("root", "sign", "--key", "officer").json).toMatchObject({ missing: [] });
    expect(phiward("root", "show").json).toMatchObject({ root: { version: 2 } });
  },
  LIMIT_MS,
);
