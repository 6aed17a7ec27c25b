/** What is to be judged → commits that are fetched: the tip of base, and the result of the merge. */
import { PhiwardError } from "../engine/index.ts";
import { type Occasion, QUEUE_REF } from "./event.ts";
import type { GitHub, Pull } from "./github.ts";
import type { Settings } from "./inputs.ts";
import type { Objects } from "./objects.ts";
import type { Clock } from "./retry.ts";

export interface Revision {
  readonly commit: string;
  /** As a person calls it. */
  readonly name: string;
}

/** One change to judge. */
export interface Subject {
  readonly base: Revision;
  /** What would be there after the merge. */
  readonly head: Revision;
  /** The pull request that it is, with the commit that reviewers saw. */
  readonly pull?: Pull;
}

export interface Places {
  readonly github: GitHub;
  readonly objects: Objects;
  readonly clock: Clock;
}

/**
 * One subject; several for a merge queue, where an entry stands on others that are not merged yet.
 * The last one is what the event is about.
 */
export async function locate(
  occasion: Occasion,
  settings: Settings,
  places: Places,
): Promise<readonly [...Subject[], Subject]> {
  switch (occasion.kind) {
    case "pull":
      return [await pullSubject(occasion.number, occasion.head, places)];
    case "branch": {
      const { branch, head, base } = occasion;
      const number = await places.github.pullOfBranch(occasion);
      if (number === undefined)
        throw new PhiwardError(
          "NOT_MERGEABLE",
          `no open pull request to \`${base}\`, or several, has \`${short(head)}\` of \`${branch}\` as its last commit`,
          { help: "run the gate on the pull request itself" },
        );
      return [await pullSubject(number, head, places)];
    }
    case "queue":
      return await queueSubjects(occasion, places);
    case "revisions": {
      const { base, head } = settings.revisions!;
      return [{ base: await named(base, places.objects), head: await named(head, places.objects) }];
    }
  }
}

/** Milliseconds to wait for GitHub's merge of head with the tip of base. */
const MERGE_WAITS = [1_000, 2_000, 4_000, 8_000, 15_000] as const;

async function pullSubject(number: number, head: string, places: Places): Promise<Subject> {
  for (let attempt = 0; ; attempt++) {
    // Asking for the pull request is also what makes GitHub merge it anew where base has moved on.
    const pull = await places.github.pull(number);
    checkState(pull, head);
    const subject = pull.mergeable ? await mergeOf(pull, places.objects) : undefined;
    if (subject !== undefined) return subject;
    const wait = MERGE_WAITS[attempt];
    if (wait === undefined) throw notMerged(pull);
    await places.clock.sleep(wait);
  }
}

function checkState(pull: Pull, head: string): void {
  const problem = (message: string, help: string): never => {
    throw new PhiwardError("NOT_MERGEABLE", message, { help });
  };
  const name = `pull request #${pull.number}`;
  if (!pull.open) problem(`${name} is closed`, "reopen it, or leave this run as it is");
  // The check of this run stands on the commit of its event; a verdict about another is not for it.
  if (pull.head.commit !== head)
    problem(
      `${name} has moved on from \`${short(head)}\` to \`${short(pull.head.commit)}\``,
      "wait for the run on its last commit",
    );
  if (pull.mergeable === false)
    problem(
      `${name} has conflicts with \`${pull.base}\`, so there is no result that could be judged`,
      `merge \`${pull.base}\` into the branch and solve them`,
    );
}

/**
 * GitHub's own merge of exactly this head with exactly the tip of base. Its ref lags behind pushes to
 * either, and stays where it was when there is a conflict: with an older merge another change would
 * be judged than the one that is merged.
 */
async function mergeOf(pull: Pull, objects: Objects): Promise<Subject | undefined> {
  const tip = await objects.fetch(`refs/heads/${pull.base}`);
  const merge = await objects.fetch(`refs/pull/${pull.number}/merge`);
  if (tip === undefined || merge === undefined) return undefined;
  const [first, second] = await objects.parents(merge);
  if (first !== tip || second !== pull.head.commit) return undefined;
  return {
    base: { commit: tip, name: pull.base },
    head: { commit: merge, name: `#${pull.number} (${short(pull.head.commit)})` },
    pull,
  };
}

function notMerged(pull: Pull): PhiwardError {
  return new PhiwardError(
    "NOT_MERGEABLE",
    `GitHub has not merged \`${short(pull.head.commit)}\` with the tip of \`${pull.base}\` yet`,
    { help: "run the job again, or update the branch" },
  );
}

/** A merge queue builds at most this many entries on one another; GitHub allows 100. */
const MAX_QUEUE = 100;

/**
 * The entries from the tip of base up to this one. Each is judged against the one before it, because
 * GitHub may be set to merge all of them when only the last one passes.
 */
async function queueSubjects(
  { number, branch, base, head }: Occasion & { kind: "queue" },
  places: Places,
): Promise<readonly [...Subject[], Subject]> {
  const tip = await mustFetch(`refs/heads/${branch}`, places.objects);
  const queue = await places.objects.refs(`refs/heads/gh-readonly-queue/${branch}/`);
  const before: Subject[] = [];
  for (let on = base; on !== tip; ) {
    const entry = [...queue].find(([, commit]) => commit === on);
    const [, name, under] = QUEUE_REF.exec(entry?.[0] ?? "") ?? [];
    if (name === undefined || under === undefined || before.length >= MAX_QUEUE)
      throw new PhiwardError(
        "NOT_MERGEABLE",
        `the merge group stands on \`${short(on)}\`, which is neither the tip of \`${branch}\` nor an entry of its queue`,
        { help: "queue the pull request again" },
      );
    before.unshift(await entrySubject(Number(name), branch, under, on, places));
    on = under;
  }
  return [...before, await entrySubject(number, branch, base, head, places)];
}

async function entrySubject(
  number: number,
  branch: string,
  base: string,
  head: string,
  { github, objects }: Places,
): Promise<Subject> {
  const pull = await github.pull(number);
  await mustFetch(base, objects);
  await mustFetch(head, objects);
  const [, second] = await objects.parents(head);
  // A merge names the head that it is of: approvals of another would be for another change. A squash
  // or a rebase names none; GitHub takes a pull request out of the queue when something is pushed.
  if (second !== undefined && second !== pull.head.commit)
    throw new PhiwardError(
      "NOT_MERGEABLE",
      `the merge group holds \`${short(second)}\` of pull request #${number}, whose last commit is \`${short(pull.head.commit)}\``,
      { help: "queue the pull request again" },
    );
  return {
    base: { commit: base, name: branch },
    head: { commit: head, name: `#${number} (${short(pull.head.commit)})` },
    pull,
  };
}

async function named(ref: string, objects: Objects): Promise<Revision> {
  // A branch wins over a tag: Git would take the tag, which more people may make.
  const full = /^([0-9a-f]{40}|refs\/.*)$/.test(ref)
    ? [ref]
    : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  for (const each of full) {
    const commit = await objects.fetch(each);
    if (commit !== undefined) return { commit, name: ref };
  }
  throw unknown(ref);
}

async function mustFetch(ref: string, objects: Objects): Promise<string> {
  const commit = await objects.fetch(ref);
  if (commit === undefined) throw unknown(ref);
  return commit;
}

function unknown(ref: string): PhiwardError {
  return new PhiwardError("UNKNOWN_REVISION", `the repository has no \`${ref}\``, {
    help: "name a branch, a tag or the full name of a commit",
  });
}

const short = (commit: string): string => commit.slice(0, 7);
