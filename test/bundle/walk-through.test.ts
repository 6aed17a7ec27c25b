/** docs/releases.md, command by command, as a new user who begins in an empty folder. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answer, LIMIT_MS, userIn } from "./cli.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/releases.md"), "utf8");
const work = mkdtempSync(join(tmpdir(), "phiward-walk-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const at = (...path: string[]): string => join(work, ...path);
const hospital = at("hospital");
const published = at("policies.git");
const env = userIn(
  work,
  `[url "${published}"]\ninsteadOf = https://git.example.org/policies.git\n`,
);

/** The commands of a section, as they stand on the page. */
function commandsOf(heading: string): string {
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  const blocks = section.split("\n## ")[0]!.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm);
  return [...blocks].map(([, text]) => text).join("\n");
}

function shell(commands: string, cwd: string): string {
  const { status, stdout, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", commands], {
    cwd,
    env,
    encoding: "utf8",
  });
  expect({ status, stderr: status === 0 ? "" : `${stdout}${stderr}` }).toEqual({
    status: 0,
    stderr: "",
  });
  return stdout;
}

const json = (...args: string[]) => answer(hospital, env, args);
const verify = (...args: string[]) =>
  json("bundle", "verify", published, "--trust", "../engine/trust.json", ...args);

beforeAll(() => {
  mkdirSync(at("keys"));
  execFileSync("git", ["init", "-q", "--bare", published]);
  const keys = ["home/.ssh/id_ed25519", "keys/s.park", "keys/s.park.new", "keys/r.ode"];
  for (const file of keys) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", at(file)]);
  }
});

describe("the page about releases", () => {
  test("has the sections that are tested, in this order", () => {
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings.slice(0, SECTIONS.length)).toEqual(SECTIONS);
  });

  test(
    "begins",
    () => {
      shell(commandsOf("Begin"), work);
      expect(json("root", "show").root.roles.release.allOf).toEqual([
        { group: "builder", threshold: 1 },
        { group: "privacy", threshold: 1 },
        { group: "security", threshold: 1 },
      ]);
    },
    LIMIT_MS,
  );

  test(
    "releases",
    () => {
      shell(commandsOf("Release"), hospital);
      expect(verify()).toMatchObject({ status: 0, release: { version: 1 } });
      const tips = execFileSync("git", ["-C", published, "for-each-ref", "--format=%(refname)"], {
        encoding: "utf8",
      });
      expect(tips.trim().split("\n")).toEqual([
        "refs/heads/policy-current",
        "refs/heads/policy-heartbeat",
        "refs/tags/policy/v1",
      ]);
    },
    LIMIT_MS,
  );

  test(
    "changes, and says where an answer comes from",
    () => {
      const said = shell(commandsOf("Change"), hospital);
      expect(verify()).toMatchObject({ release: { version: 2 } });
      expect(said).toMatch(/grant from +commit [0-9a-f]{12}, no pull request known/);
      const asked = ["--release", published, "--trust", "../engine/trust.json"];
      const call = { grant: "lookup-bot", server: "ehr", tool: "get_patient_record" };
      writeFileSync(at("call.json"), JSON.stringify({ ...call, args: { patient_id: "p-1" } }));
      expect(json("explain", "--call", "../call.json", ...asked)).toMatchObject({
        verdict: "allow",
        origin: { rule: { pullRequest: { number: 12, from: "message" } } },
      });
    },
    LIMIT_MS,
  );

  test(
    "pins the first release, and then refuses the second",
    () => {
      expect(shell(commandsOf("Pin"), hospital)).toContain("TRUSTED  version 1");
      const pinned = ["--trust", "../engine/pinned.json"];
      expect(json("bundle", "verify", published, ...pinned)).toMatchObject({
        status: 3,
        refused: { check: "pin" },
      });
    },
    LIMIT_MS,
  );

  test(
    "stops a tool",
    () => {
      expect(shell(commandsOf("Emergency stop"), hospital)).toContain("1 stop in force");
      const listed = json("halt", "list", published, "--trust", "../engine/trust.json");
      expect(listed).toMatchObject({
        status: 1,
        halts: [
          {
            sequence: 1,
            by: ["m.chen"],
            inForce: true,
            deny: { tools: [{ server: "ehr", tool: "get_patient_record" }] },
          },
        ],
      });
      expect(verify()).toMatchObject({ status: 0, release: { version: 2 } });
    },
    LIMIT_MS,
  );

  test(
    "rotates a key, and lifts the stop by the release that follows",
    () => {
      expect(shell(commandsOf("Rotate a key"), hospital)).toContain("none is in force");
      const seen = verify();
      expect(seen).toMatchObject({ status: 0, root: 2, release: { version: 3 } });
      expect(seen.signers).toHaveLength(3);
      // What the revoked key signed before still counts.
      expect(verify("--release", "2")).toMatchObject({ status: 0 });
    },
    LIMIT_MS,
  );

  test(
    "carries a release, and exports it",
    () => {
      shell(commandsOf("Carry to a machine without network"), hospital);
      expect(
        json("bundle", "verify", "../engine/inbox", "--trust", "../engine/trust.json"),
      ).toMatchObject({
        release: { version: 3 },
      });
      expect(JSON.parse(readFileSync(at("evidence/ci.sigstore.json"), "utf8"))).toMatchObject({
        mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      });
    },
    LIMIT_MS,
  );

  test(
    "grows",
    () => {
      expect(shell(commandsOf("Grow"), hospital)).toContain("r.ode");
      expect(json("root", "show").root.extraFor.broader.allOf).toEqual([
        { group: "privacy", threshold: 2 },
        { group: "security", threshold: 1 },
      ]);
    },
    LIMIT_MS,
  );
});

const SECTIONS = [
  "Begin",
  "Release",
  "Change",
  "Pin",
  "Emergency stop",
  "Rotate a key",
  "Carry to a machine without network",
  "Grow",
];
