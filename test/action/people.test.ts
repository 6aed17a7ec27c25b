/** Who has a part in a change, from what GitHub tells of its commits and pushes. */
import { describe, expect, test } from "vitest";
import type { Account, Pull, PullCommit, Push } from "../../action/github.ts";
import { peopleOf } from "../../action/people.ts";

const HEAD = "1".repeat(40);
const user = (login: string): Account => ({ login, type: "User" });
const pull = (more: Partial<Pull> = {}): Pull => ({
  number: 1,
  open: true,
  author: user("eve"),
  url: "",
  head: { commit: HEAD, branch: "x", repository: "o/r" },
  base: "main",
  mergeable: true,
  commits: 1,
  ...more,
});
const commit = (more: Partial<PullCommit> = {}): PullCommit => ({
  commit: HEAD,
  author: user("eve"),
  committer: user("eve"),
  authorEmail: "eve@example.org",
  message: "A change",
  verified: false,
  ...more,
});
const push = (login: string, more: Partial<Push> = {}): Push => ({
  account: user(login),
  after: HEAD,
  kind: "push",
  ...more,
});

const names = (...args: Parameters<typeof peopleOf>): string[] =>
  peopleOf(...args).parts.map(({ person, did }) => `${person} ${did}`);

describe("a part in a change has", () => {
  test.each<[string, Partial<PullCommit>, readonly Push[], readonly string[]]>([
    [
      "its author, committer and pusher",
      { author: user("ana"), committer: user("ben") },
      [push("carl")],
      ["eve opened", "ana authored", "ben committed", "carl pushed"],
    ],
    [
      "nobody for GitHub, which commits what is written in its pages",
      { committer: user("web-flow"), verified: true },
      [push("eve")],
      ["eve opened", "eve authored", "eve pushed"],
    ],
    [
      // So does GitHub write it when an author takes a reviewer's suggestion.
      "a co-author whose address GitHub hides",
      { message: "Fix\n\nCo-authored-by: Ana <12+ana@users.noreply.github.com>" },
      [push("eve")],
      ["eve opened", "eve authored", "eve committed", "ana authored", "eve pushed"],
    ],
    [
      "a co-author whose address stands in another commit",
      { message: "Fix\n\nCO-AUTHORED-BY: Eve <eve@example.org>" },
      [push("eve")],
      ["eve opened", "eve authored", "eve committed", "eve authored", "eve pushed"],
    ],
    [
      "everybody who pushed to the branch, whatever became of it",
      {},
      [push("eve"), push("ana", { after: "0".repeat(40), kind: "force_push" })],
      ["eve opened", "eve authored", "eve committed", "eve pushed", "ana pushed"],
    ],
    [
      "nobody who only deleted the branch",
      {},
      [push("eve"), push("ana", { kind: "branch_deletion" })],
      ["eve opened", "eve authored", "eve committed", "eve pushed"],
    ],
  ])("%s", (_, more, pushes, expected) => {
    expect(names(pull(), [commit(more)], pushes)).toEqual(expected);
    expect(peopleOf(pull(), [commit(more)], pushes).unattributed).toEqual([]);
  });
});

describe("nobody knows", () => {
  const stranger = commit({ commit: "3".repeat(40), author: undefined });
  test.each<[string, Pull, readonly PullCommit[], readonly Push[] | undefined, string]>([
    [
      "an author without an account",
      pull({ commits: 2 }),
      [stranger, commit()],
      [push("eve")],
      "commit `3333333` names an author whom no account",
    ],
    [
      "a committer without an account",
      pull(),
      [commit({ committer: undefined })],
      [push("eve")],
      "names a committer whom no account",
    ],
    // Anybody can write GitHub's address into a commit.
    [
      "who claims to be GitHub",
      pull(),
      [commit({ committer: user("web-flow") })],
      [push("eve")],
      "GitHub did not sign it",
    ],
    [
      "commits that GitHub does not list",
      pull({ commits: 251 }),
      [commit()],
      [push("eve")],
      "lists 1 of the 251 commits",
    ],
    [
      "a last commit that came in between",
      pull(),
      [stranger],
      [push("eve")],
      "do not include the last one",
    ],
    [
      "pushes that GitHub does not tell",
      pull(),
      [commit()],
      undefined,
      "does not tell who pushed to `x` of `o/r`",
    ],
    [
      "pushes of before the last one",
      pull(),
      [commit()],
      [push("eve", { after: "4".repeat(40) })],
      "does not tell yet who pushed the last commit `1111111`",
    ],
    [
      "an account that is gone",
      pull(),
      [commit()],
      [push("eve"), push("x", { account: undefined })],
      "is gone, so nobody knows whose it was",
    ],
    [
      "a fork that is gone",
      pull({ head: { commit: HEAD, branch: "x", repository: undefined } }),
      [commit()],
      undefined,
      "a repository that is gone",
    ],
  ])("%s", (_, of, commits, pushes, says) => {
    expect(peopleOf(of, commits, pushes).unattributed.join()).toContain(says);
  });
});
