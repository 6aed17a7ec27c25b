/**
 * Can the gate be walked around? On a plain `pull_request` GitHub runs the workflow that head holds,
 * so that a change could take its own judge away. Two things stop that: a ruleset that requires a
 * workflow of another place, or a required check that only an app of the adopter's can report.
 */
import type { Warning } from "../engine/index.ts";
import type { BranchRule } from "./github.ts";

/** The app that reports the checks of workflows on github.com: head's own workflows report under it too. */
const GITHUB_ACTIONS = 15368;

/** A required check is the gate's when its name says so. */
const GATE_CHECK = /phiward/i;

/**
 * What to say about the branch, if anything. `rules` is undefined where GitHub does not tell, and
 * `workflow` is `owner/name/.github/workflows/x.yml@ref` of the one that runs.
 */
export function protectionWarning(
  branch: string,
  rules: readonly BranchRule[] | undefined,
  workflow: string,
): Warning | undefined {
  if (rules === undefined)
    return {
      code: "PROTECTION_UNKNOWN",
      message: `GitHub does not tell how \`${branch}\` is protected, so nobody knows whether this gate can be walked around`,
      help: HELP,
    };
  const required = rules.some((rule) =>
    rule.kind === "workflow" ? workflowPath(workflow) === rule.path : ownCheck(rule),
  );
  if (required) return undefined;
  const forgeable = rules.some((rule) => rule.kind === "check" && GATE_CHECK.test(rule.name));
  return {
    code: "NOT_PROTECTED",
    message: forgeable
      ? `\`${branch}\` requires a check by its name only, which a workflow in the change itself can report`
      : `no rule of \`${branch}\` requires this gate, so a change can be merged without it`,
    help: HELP,
  };
}

const HELP =
  "require the workflow in a ruleset of the organisation, or a check that only an app of yours can report: docs/protect-the-branch.md";

const ownCheck = (rule: BranchRule & { kind: "check" }): boolean =>
  GATE_CHECK.test(rule.name) && rule.app !== undefined && rule.app !== GITHUB_ACTIONS;

/** `.github/workflows/x.yml` of `owner/name/.github/workflows/x.yml@refs/heads/main`. */
const workflowPath = (workflow: string): string =>
  workflow.split("@")[0]!.split("/").slice(2).join("/");
