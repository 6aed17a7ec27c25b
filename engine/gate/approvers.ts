/** Who must approve a broadening, and whether they have. */
import type { LoadedRepository } from "../policy/load.ts";
import type { Approvals } from "./approvals.ts";
import type { ApproverGroup } from "./report.ts";

/** The groups of a revision's phiward.yaml: every one of them must approve. A group that stands twice counts twice. */
export function approverGroups({ project }: Pick<LoadedRepository, "project">): ApproverGroup[] {
  const groups = new Map<string, ApproverGroup>();
  for (const { team, login, count = 1 } of project?.value.gate?.approvers ?? []) {
    const kind = team === undefined ? "login" : "team";
    const name = team ?? login ?? "";
    const group = `${kind} ${name}`;
    const needed = (groups.get(group)?.needed ?? 0) + count;
    groups.set(group, { group, kind, name, needed });
  }
  return [...groups.values()];
}

/**
 * Why the approvals are not those that base asks for: empty when they are, undefined where nobody was
 * asked. Who made them has judged
 * the reviews; here it is only made sure that they are about these groups and this commit, and that
 * nobody stands in them twice, so that approvals of another change or of fewer groups do not count.
 */
export function missingApprovals(
  groups: readonly ApproverGroup[],
  approvals: Approvals | undefined,
  commit: string | undefined,
): string[] | undefined {
  if (approvals === undefined) return undefined;
  const missing: string[] = [];
  // An approval of an older commit would let what was pushed after it through (stale review).
  if (commit === undefined || approvals.commit !== commit)
    missing.push("the approvals are for another commit than the one that is judged");
  const people = new Set<string>();
  for (const { group, needed } of groups) {
    const by = approvals.groups.find((each) => each.group === group)?.by ?? [];
    // Logins differ in more than case only by mistake: GitHub ignores it.
    const fresh = new Set(by.map(({ person }) => person.toLowerCase()));
    const counted = [...fresh].filter((person) => !people.has(person)).length;
    for (const person of fresh) people.add(person);
    if (counted < needed)
      missing.push(
        `${needed - counted} more of \`${group}\` must approve (${counted} of ${needed})`,
      );
  }
  missing.push(...approvals.problems);
  if (!approvals.satisfied && missing.length === 0)
    missing.push("the approvals are not complete, and do not say why");
  return missing;
}
