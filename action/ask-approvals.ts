/** Asks GitHub what an approval depends on, and has it judged. */
import {
  type Approvals,
  type ApproverGroup,
  judgeApprovals,
  type Review,
} from "../engine/index.ts";
import type { GitHub, Pull, PullReview } from "./github.ts";
import { peopleOf } from "./people.ts";
import { refusal } from "./retry.ts";

/** @throws PhiwardError GITHUB when GitHub does not answer; what it refuses only counts as unknown. */
export async function askApprovals(
  github: GitHub,
  pull: Pull,
  requires: readonly ApproverGroup[],
): Promise<Approvals> {
  const reviews = await github.reviews(pull.number);
  const commits = await github.commits(pull.number);
  const pushes =
    pull.head.repository === undefined
      ? undefined
      : await unlessRefused(github.pushes(pull.head.repository, pull.head.branch));
  return judgeApprovals({
    commit: pull.head.commit,
    requires,
    reviews: reviews.map(asReview),
    teams: await teamsOf(github, requires),
    ...peopleOf(pull, commits, pushes),
  });
}

/** Only accounts of type `User` are people; whatever else there is or will be is none. */
function asReview({ account, state, commit, at, url }: PullReview): Review {
  const human = account.type === "User" && !account.login.endsWith("[bot]");
  return { person: account.login, human, state, commit, at, review: url };
}

async function teamsOf(
  github: GitHub,
  requires: readonly ApproverGroup[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const teams = new Map<string, readonly string[]>();
  for (const { kind, name } of requires) {
    if (kind !== "team" || teams.has(name)) continue;
    const members = await unlessRefused(github.teamMembers(name));
    if (members !== undefined) teams.set(name, members);
  }
  return teams;
}

async function unlessRefused<T>(question: Promise<T>): Promise<T | undefined> {
  return await question.catch((error: unknown) => {
    if (refusal(error) === undefined) throw error;
    return undefined;
  });
}
