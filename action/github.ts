/** What the Action asks GitHub, and nothing more; octokit.ts asks it. */

export interface Account {
  readonly login: string;
  /** `User`, `Bot`, `Organization`, … */
  readonly type: string;
}

export interface Pull {
  readonly number: number;
  readonly open: boolean;
  readonly author: Account | undefined;
  readonly url: string;
  readonly head: {
    readonly commit: string;
    readonly branch: string;
    /** `owner/name` of the repository that the branch is in; undefined when it is gone. */
    readonly repository: string | undefined;
  };
  /** The branch that it goes to. */
  readonly base: string;
  /** Whether it merges without conflicts; undefined while GitHub is finding out. */
  readonly mergeable: boolean | undefined;
  readonly commits: number;
}

export interface PullReview {
  readonly account: Account;
  readonly state: string;
  readonly commit: string | undefined;
  readonly at: string;
  readonly url: string;
}

export interface PullCommit {
  readonly commit: string;
  /** The accounts that GitHub knows for the addresses in the commit; undefined where there is none. */
  readonly author: Account | undefined;
  readonly committer: Account | undefined;
  readonly authorEmail: string;
  readonly message: string;
  /** Whether the signature is one that GitHub knows. */
  readonly verified: boolean;
}

export interface Push {
  readonly account: Account | undefined;
  readonly after: string;
  readonly kind: string;
}

export interface Comment {
  readonly id: number;
  readonly login: string;
  readonly body: string;
}

export interface BranchOf {
  readonly owner: string;
  readonly branch: string;
  readonly head: string;
  readonly base: string;
}

/** A rule that holds for a branch, of the two kinds that can require a check. */
export type BranchRule =
  | { readonly kind: "workflow"; readonly path: string }
  /** `app` is the only app whose check counts; undefined when anybody's does. */
  | { readonly kind: "check"; readonly name: string; readonly app: number | undefined };

/** Every method rejects with PhiwardError GITHUB; `refusal` in retry.ts tells a refusal from a failure. */
export interface GitHub {
  pull(number: number): Promise<Pull>;
  /** The number of the open pull request from a branch to `base`, if exactly one has this last commit. */
  pullOfBranch(of: BranchOf): Promise<number | undefined>;
  reviews(number: number): Promise<readonly PullReview[]>;
  /** At most 250: GitHub lists no more. */
  commits(number: number): Promise<readonly PullCommit[]>;
  /** What was pushed to a branch, the newest first, back to where the branch was made. */
  pushes(repository: string, branch: string): Promise<readonly Push[]>;
  /** Logins of a team of the repository's organisation, its child teams included. */
  teamMembers(team: string): Promise<readonly string[]>;
  /** The login that the token writes as. */
  self(): Promise<string>;
  comments(number: number): Promise<readonly Comment[]>;
  createComment(number: number, body: string): Promise<void>;
  editComment(id: number, body: string): Promise<void>;
  /** Rules of rulesets, and the checks of the older branch protection. */
  rules(branch: string): Promise<readonly BranchRule[]>;
}
