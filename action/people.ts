/**
 * Who has a part in a change: who authored, committed or pushed a commit of it, or opened it. An
 * approval of any of them would be one's own.
 *
 * An author and a committer are what somebody wrote into a commit. Only who pushed is known for sure,
 * so a change counts as attributed when GitHub tells both.
 */
import type { Part } from "../engine/index.ts";
import type { Account, Pull, PullCommit, Push } from "./github.ts";

export interface People {
  readonly parts: readonly Part[];
  /** What nobody known stands behind: a sentence each. Any of them means that nobody can approve. */
  readonly unattributed: readonly string[];
}

/** `pushes` is undefined where GitHub does not tell. */
export function peopleOf(
  pull: Pull,
  commits: readonly PullCommit[],
  pushes: readonly Push[] | undefined,
): People {
  const pushed = pushesOf(pull, pushes);
  const committed = commits.map((commit) => signers(commit, commits));
  return {
    parts: [
      ...(pull.author === undefined ? [] : [part(pull.author, "opened")]),
      ...committed.flatMap(({ parts }) => parts),
      ...pushed.parts,
    ],
    unattributed: [
      ...complete(pull, commits),
      ...committed.flatMap(({ unattributed }) => unattributed),
      ...pushed.unattributed,
    ],
  };
}

const part = ({ login }: Account, did: Part["did"]): Part => ({ person: login, did });

function complete(pull: Pull, commits: readonly PullCommit[]): string[] {
  // GitHub lists no more than 250, and a commit that is not listed may be anybody's.
  if (commits.length < pull.commits)
    return [
      `GitHub lists ${commits.length} of the ${pull.commits} commits, so nobody knows who made the others`,
    ];
  // Between two questions somebody pushed: these are the commits of another change.
  if (!commits.some(({ commit }) => commit === pull.head.commit))
    return [
      `the commits that GitHub lists do not include the last one, \`${short(pull.head.commit)}\``,
    ];
  return [];
}

/** The account under which GitHub itself commits what people write in its pages. */
const GITHUB_ITSELF = "web-flow";

function signers(commit: PullCommit, all: readonly PullCommit[]): People {
  const { author, committer, verified } = commit;
  const name = `commit \`${short(commit.commit)}\``;
  const parts: Part[] = [];
  const unattributed: string[] = [];
  if (author === undefined)
    unattributed.push(
      `${name} names an author whom no account belongs to, so nobody knows who wrote it`,
    );
  else parts.push(part(author, "authored"));
  if (committer === undefined)
    unattributed.push(
      `${name} names a committer whom no account belongs to, so nobody knows who made it`,
    );
  else if (committer.login !== GITHUB_ITSELF) parts.push(part(committer, "committed"));
  // Anybody can write GitHub's address into a commit, to hide behind it; only GitHub can sign as GitHub.
  else if (!verified)
    unattributed.push(`${name} says that GitHub made it, and GitHub did not sign it`);
  parts.push(...coAuthors(commit, all).map((person): Part => ({ person, did: "authored" })));
  return { parts, unattributed };
}

const TRAILER = /^co-authored-by:.*<([^<>\s]+)>\s*$/gim;

/** `ID+login@users.noreply.github.com`, or without the number. */
const NO_REPLY = /^(?:\d+\+)?([a-z0-9-]+)@users\.noreply\./i;

/**
 * Logins of the co-authors that a message names, where the address tells them. Who is not found is
 * left out: a trailer is only a courtesy, and whoever wants to hide leaves it away.
 */
function coAuthors({ message }: PullCommit, all: readonly PullCommit[]): string[] {
  return [...message.matchAll(TRAILER)].flatMap(([, address = ""]) => {
    const known = all.find(({ authorEmail }) => authorEmail === address)?.author?.login;
    return known ?? NO_REPLY.exec(address)?.[1] ?? [];
  });
}

function pushesOf({ head }: Pull, pushes: readonly Push[] | undefined): People {
  const unknown = (why: string): People => ({ parts: [], unattributed: [why] });
  const where = `\`${head.repository ?? "a repository that is gone"}\``;
  if (pushes === undefined)
    return unknown(`GitHub does not tell who pushed to \`${head.branch}\` of ${where}`);
  const made = pushes.filter(({ kind }) => kind !== "branch_deletion");
  // Without the push of the last commit the list is of another time, or not complete.
  if (!made.some(({ after }) => after === head.commit))
    return unknown(`GitHub does not tell yet who pushed the last commit \`${short(head.commit)}\``);
  if (made.some(({ account }) => account === undefined))
    return unknown(
      `an account that pushed to \`${head.branch}\` is gone, so nobody knows whose it was`,
    );
  return { parts: made.map(({ account }) => part(account!, "pushed")), unattributed: [] };
}

const short = (commit: string): string => commit.slice(0, 7);
