/** One change → the gate's report, with approvals where it needs them. */
import { type GateReport, gate, PhiwardError, type Tree } from "../engine/index.ts";
import { askApprovals } from "./ask-approvals.ts";
import type { Places, Subject } from "./locate.ts";

export async function judge(subject: Subject, dir: string, places: Places): Promise<GateReport> {
  const { pull } = subject;
  const base = await places.objects.tree(subject.base.commit, dir);
  const head = await places.objects.tree(subject.head.commit, dir);
  await someFiles([base, head], dir);
  return await gate(
    {
      base,
      head,
      now: places.clock.now(),
      ...(pull === undefined
        ? {}
        : { approvals: (groups) => askApprovals(places.github, pull, groups) }),
    },
    {
      names: {
        base: `${subject.base.name} (${short(subject.base.commit)})`,
        head: subject.head.name,
      },
      ...(pull === undefined
        ? {}
        : { reviewed: pull.head.commit, change: { pullRequest: pull.number } }),
    },
  );
}

/** A folder that is misspelled holds nothing before and nothing after: a gate that stands open. */
async function someFiles(trees: readonly Tree[], dir: string): Promise<void> {
  const counts = await Promise.all(trees.map(async (tree) => (await tree.list()).length));
  if (counts.some((count) => count > 0)) return;
  throw new PhiwardError(
    "NOT_A_REPOSITORY",
    `neither side has a policy repository in \`${dir === "" ? "." : dir}\``,
    { help: "name the folder that holds phiward.yaml with `dir`" },
  );
}

const short = (commit: string): string => commit.slice(0, 7);
