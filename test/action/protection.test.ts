/** Whether a branch's rules keep the gate where it is. */
import { expect, test } from "vitest";
import type { BranchRule } from "../../action/github.ts";
import { protectionWarning } from "../../action/protection.ts";

const WORKFLOW = "example-hospital/security/.github/workflows/phiward.yml@refs/heads/main";
const workflow = (path: string): BranchRule => ({ kind: "workflow", path });
const check = (name: string, app?: number): BranchRule => ({ kind: "check", name, app });

test.each<[string, readonly BranchRule[] | undefined, string | undefined]>([
  ["a required workflow that is this one", [workflow(".github/workflows/phiward.yml")], undefined],
  ["a check that only an app of one's own can report", [check("phiward/main", 4242)], undefined],
  ["one of several", [check("tests"), check("phiward/main", 4242)], undefined],
  ["another required workflow", [workflow(".github/workflows/tests.yml")], "NOT_PROTECTED"],
  ["another check", [check("tests", 4242)], "NOT_PROTECTED"],
  ["nothing", [], "NOT_PROTECTED"],
  // Anybody who may write a workflow can report a check of this name.
  ["a check by its name", [check("phiward")], "NOT_PROTECTED"],
  // 15368 is the app under which workflows report, head's own too.
  ["a check that workflows report", [check("phiward", 15368)], "NOT_PROTECTED"],
  ["what GitHub does not tell", undefined, "PROTECTION_UNKNOWN"],
])("%s", (_, rules, code) => {
  expect(protectionWarning("main", rules, WORKFLOW)?.code).toBe(code);
});

test("a check by its name only is told apart from no check at all", () => {
  const message = (rules: readonly BranchRule[]) =>
    protectionWarning("main", rules, WORKFLOW)!.message;
  expect(message([check("phiward")])).toContain("which a workflow in the change itself can report");
  expect(message([])).toContain("no rule of `main` requires this gate");
});
