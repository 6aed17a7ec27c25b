/**
 * Who approved a broadening. Reviews, teams and the people behind the commits come in as values, from
 * whoever can ask for them; what counts is decided here.
 */
import { compareText } from "../finding.ts";
import { assign } from "./assign.ts";
import type { ApproverGroup } from "./report.ts";

/** Who approved a broadening: people of base's approver groups, on exactly the commit that was judged. */
export interface Approvals {
  /** Whether every group has as many approvals, of distinct people, as base asks for. */
  readonly satisfied: boolean;
  /** The commit that the approvals are for. */
  readonly commit: string;
  readonly groups: readonly {
    readonly group: string;
    readonly needed: number;
    readonly by: readonly {
      readonly person: string;
      readonly review?: string;
      readonly at?: string;
    }[];
  }[];
  /** Why they are not enough: who does not count, and what could not be asked. Empty when satisfied. */
  readonly problems: readonly string[];
}

export interface Review {
  /** The login of an account; logins are compared without regard to case, as GitHub does. */
  readonly person: string;
  /** Whether the account is a person's: no bot, app or organisation. */
  readonly human: boolean;
  /** As GitHub names it: APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED, PENDING. */
  readonly state: string;
  /** The commit that the reviewer saw. */
  readonly commit: string | undefined;
  /** RFC 3339, in UTC. */
  readonly at: string;
  /** Where it can be read. */
  readonly review: string;
}

/** Somebody's part in the change. */
export interface Part {
  readonly person: string;
  readonly did: "authored" | "committed" | "pushed" | "opened";
}

export interface AskedApprovals {
  /** The commit that is to be merged; a review of any other is of another change. */
  readonly commit: string;
  /** The groups of base; all of them must approve. */
  readonly requires: readonly ApproverGroup[];
  readonly reviews: readonly Review[];
  /** The members of each team that could be asked, by the name that base gives it. */
  readonly teams: ReadonlyMap<string, readonly string[]>;
  readonly parts: readonly Part[];
  /** Sentences: parts of the change that nobody known stands behind. Any of them fails. */
  readonly unattributed: readonly string[];
}

/** Never throws; whatever is not known counts as no approval. */
export function judgeApprovals(asked: AskedApprovals): Approvals {
  const groups = asked.requires.map((group) => ({
    ...group,
    members: membersOf(group, asked.teams),
  }));
  const approving = lastVotes(asked).filter(({ state }) => state === "APPROVED");
  const judged = approving.map((review) => ({ review, problem: whyNot(review, groups, asked) }));
  const counting = judged
    .filter(({ problem }) => problem === undefined)
    .map(({ review }) => review);
  const byPerson = new Map(counting.map((review) => [nameOf(review.person), review]));
  const people = [...byPerson.keys()].sort(compareText);
  const assigned = assign(
    groups.map(({ needed, members }) => ({
      needed,
      people: people.filter((person) => members?.has(person)),
    })),
  );
  const satisfied =
    groups.length > 0 &&
    asked.unattributed.length === 0 &&
    groups.every(({ needed }, i) => needed > 0 && assigned[i]!.length === needed);
  return {
    satisfied,
    commit: asked.commit,
    groups: groups.map(({ group, needed }, i) => ({
      group,
      needed,
      by: assigned[i]!.map((name) => byPerson.get(name)!).map(({ person, review, at }) => ({
        person,
        review,
        at,
      })),
    })),
    problems: satisfied
      ? []
      : [
          ...groups.flatMap(unfillable),
          ...asked.unattributed,
          ...judged.flatMap(({ problem }) => problem ?? []),
        ],
  };
}

interface Group extends ApproverGroup {
  /** Undefined for a team that could not be asked. */
  readonly members: ReadonlySet<string> | undefined;
}

const nameOf = (login: string): string => login.toLowerCase();

function membersOf(
  { kind, name }: ApproverGroup,
  teams: AskedApprovals["teams"],
): ReadonlySet<string> | undefined {
  const members = kind === "login" ? [name] : teams.get(name);
  return members === undefined ? undefined : new Set(members.map(nameOf));
}

/** A remark is no vote and takes none back, as on GitHub; every other state replaces the vote before. */
const REMARKS: ReadonlySet<string> = new Set(["COMMENTED", "PENDING"]);

/** The last vote of each person. */
function lastVotes({ reviews, commit }: AskedApprovals): Review[] {
  // Of two votes within one second the one that does not help counts.
  const helps = (vote: Review): number =>
    Number(vote.human && vote.state === "APPROVED" && vote.commit === commit);
  const votes = reviews
    .filter(({ state }) => !REMARKS.has(state))
    .sort((a, b) => compareText(a.at, b.at) || helps(b) - helps(a));
  return [...new Map(votes.map((vote) => [nameOf(vote.person), vote])).values()];
}

/** Why an approval does not count; undefined when it does. */
function whyNot(
  { person, human, commit }: Review,
  groups: readonly Group[],
  asked: AskedApprovals,
): string | undefined {
  // A machine that holds a token would approve what its owner may not.
  if (!human) return `\`${person}\` is not a person, so its approval does not count`;
  if (!groups.some(({ members }) => members?.has(nameOf(person))))
    return `\`${person}\` approved, and is in none of the groups that the base names`;
  // An approval of an older commit would let through what was pushed after it.
  if (commit !== asked.commit)
    return `\`${person}\` approved \`${short(commit)}\`, and not the last commit \`${short(asked.commit)}\``;
  // Nobody approves their own access (separation of duties).
  const part = asked.parts.find((each) => nameOf(each.person) === nameOf(person));
  if (part !== undefined)
    return `\`${person}\` ${part.did} ${part.did === "opened" ? "this pull request" : "a commit of this change"}, so their approval does not count`;
  return undefined;
}

function unfillable({ kind, name, needed, members }: Group): string[] {
  if (members === undefined)
    return [`team \`${name}\` does not exist or may not be read, so nobody can approve for it`];
  if (kind === "login" && needed > 1)
    return [`\`${name}\` is one person and cannot approve ${needed} times`];
  return [];
}

const short = (commit: string | undefined): string => commit?.slice(0, 7) ?? "no commit";
