/** The templates keep what docs/protect-the-branch.md promises of them. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { INPUTS } from "../../action/inputs.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly on: Readonly<Record<string, { readonly branches?: readonly string[] } | null>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly "timeout-minutes"?: number;
        readonly permissions?: Readonly<Record<string, string>>;
        readonly environment?: string;
        readonly steps: readonly Step[];
      }
    >
  >;
}

const FOLDER = resolve(import.meta.dirname, "../../examples/workflows");
const read = (name: string): Workflow => parse(readFileSync(join(FOLDER, name), "utf8"));
const NAMES = readdirSync(FOLDER);
const stepsOf = (name: string): readonly Step[] =>
  Object.values(read(name).jobs).flatMap(({ steps }) => steps);

describe.each(NAMES)("%s", (name) => {
  test("starts without any permission, and gives its jobs little", () => {
    const { permissions, jobs } = read(name);
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) {
      expect(job["timeout-minutes"]).toBeLessThanOrEqual(15);
      const writes = Object.entries(job.permissions ?? {}).filter(([, may]) => may !== "read");
      expect(writes.map(([what]) => what).filter((what) => what !== "pull-requests")).toEqual([]);
    }
  });

  test("pins what others wrote by a whole commit, and checks nothing out", () => {
    for (const { uses } of stepsOf(name)) {
      if (uses === undefined) continue;
      expect(uses).toMatch(/@[0-9a-f]{40}$/);
      expect(uses).not.toContain("checkout");
      // Ours is for the adopter to fill in: nobody can run it by accident.
      if (uses.includes("phiward")) expect(uses).toBe(`OWNER/phiward@${"0".repeat(40)}`);
    }
  });

  test("puts no text of a pull request into a script", () => {
    for (const { run = "" } of stepsOf(name)) expect(run).not.toContain("{{");
  });

  test("gives the Action only inputs that it has", () => {
    for (const step of stepsOf(name).filter(({ uses }) => uses?.includes("phiward")))
      for (const input of Object.keys(step.with ?? {})) expect(INPUTS).toContain(input);
  });
});

test("only the job that reports a status holds the key for it, in an environment", () => {
  const able = NAMES.filter((name) =>
    stepsOf(name).some((step) => step.with?.["permission-statuses"] === "write"),
  );
  expect(able).toEqual(["default-branch-gate.yml"]);
  expect(read(able[0]!).jobs.gate!.environment).toBe("phiward-gate");
  // Its status is of one branch, so it must judge for no other.
  expect(read(able[0]!).on.pull_request_target?.branches).toEqual(["main"]);
});
