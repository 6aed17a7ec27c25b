/**
 * Every endpoint that the Action uses; docs/protect-the-branch.md lists the permission for each.
 * Answers are cut down here to what the rest of the Action reads.
 */
import { Octokit } from "@octokit/rest";
import type { Account, BranchRule, GitHub } from "./github.ts";
import { type Clock, patiently } from "./retry.ts";

export interface Api {
  /** Such as `https://api.github.com`. */
  readonly url: string;
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
}

/** Milliseconds for one request. */
const MAX_REQUEST = 20_000;

export function connect(api: Api, clock: Clock): GitHub {
  const octokit = new Octokit({
    auth: api.token,
    baseUrl: api.url,
    userAgent: "phiward",
    // Its own log would write addresses and headers among the workflow's commands.
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
  // One deadline for each request, not one for all pages.
  octokit.hook.before("request", (options) => {
    options.request = { ...options.request, signal: AbortSignal.timeout(MAX_REQUEST) };
    options.headers["x-github-api-version"] = "2022-11-28";
  });
  const [owner = "", repo = ""] = api.repository.split("/");
  const here = { owner, repo };
  const all = { per_page: 100 };
  const ask = <T>(what: string, question: () => Promise<T>): Promise<T> =>
    patiently(what, clock, question);
  const write = (what: string, deed: () => Promise<void>): Promise<void> =>
    patiently(what, clock, deed, []);

  return {
    pull: (number) =>
      ask(`pull request #${number}`, async () => {
        const { data } = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
          ...here,
          pull_number: number,
        });
        return {
          number,
          open: data.state === "open",
          author: account(data.user),
          url: data.html_url,
          head: {
            commit: data.head.sha,
            branch: data.head.ref,
            repository: (data.head.repo as typeof data.head.repo | null)?.full_name,
          },
          base: data.base.ref,
          mergeable: data.mergeable ?? undefined,
          commits: data.commits,
        };
      }),
    pullOfBranch: ({ owner: of, branch, head, base }) =>
      ask(`the pull request of branch \`${branch}\``, async () => {
        const found = await octokit.paginate("GET /repos/{owner}/{repo}/pulls", {
          ...here,
          ...all,
          state: "open",
          head: `${of}:${branch}`,
          base,
        });
        const same = found.filter((pull) => pull.head.sha === head);
        return same.length === 1 ? same[0]!.number : undefined;
      }),
    reviews: (number) =>
      ask("the reviews", async () => {
        const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews";
        const reviews = await octokit.paginate(route, { ...here, ...all, pull_number: number });
        return reviews.flatMap((review) => {
          const by = account(review.user);
          // Nobody stands behind the review of an account that is gone.
          if (by === undefined) return [];
          return {
            account: by,
            state: review.state,
            commit: review.commit_id ?? undefined,
            at: review.submitted_at ?? "",
            url: review.html_url,
          };
        });
      }),
    commits: (number) =>
      ask("the commits", async () => {
        const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits";
        const commits = await octokit.paginate(route, { ...here, ...all, pull_number: number });
        return commits.map(({ sha, author, committer, commit }) => ({
          commit: sha,
          author: account(author),
          committer: account(committer),
          authorEmail: commit.author?.email ?? "",
          message: commit.message,
          verified: commit.verification?.verified ?? false,
        }));
      }),
    pushes: (repository, branch) =>
      ask(`the pushes to \`${branch}\``, async () => {
        const [owner = "", repo = ""] = repository.split("/");
        const route = "GET /repos/{owner}/{repo}/activity";
        const pushes = await octokit.paginate(
          route,
          { owner, repo, ...all, ref: `refs/heads/${branch}` },
          ({ data }, stop) => {
            // What happened to another branch that had this name before is not about this one.
            if (data.some(isCreation)) stop();
            return data;
          },
        );
        const created = pushes.findIndex(isCreation);
        return pushes
          .slice(0, created === -1 ? undefined : created + 1)
          .map(({ actor, after, activity_type }) => ({
            account: account(actor),
            after,
            kind: activity_type,
          }));
      }),
    teamMembers: (team) =>
      ask(`the members of team \`${team}\``, async () => {
        const route = "GET /orgs/{org}/teams/{team_slug}/members";
        const members = await octokit.paginate(route, { org: owner, team_slug: team, ...all });
        return members.map(({ login }) => login);
      }),
    self: () =>
      ask("the name that the token writes under", async () => {
        // The one question that REST answers for people only, and not for apps.
        const { viewer } = await octokit.graphql<{ viewer: { login: string } }>(
          "query { viewer { login } }",
        );
        return viewer.login;
      }),
    comments: (number) =>
      ask("the comments", async () => {
        const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
        const comments = await octokit.paginate(route, { ...here, ...all, issue_number: number });
        return comments.map(({ id, user, body }) => ({
          id,
          login: user?.login ?? "",
          body: body ?? "",
        }));
      }),
    createComment: (number, body) =>
      write("a comment", async () => {
        await octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
          ...here,
          issue_number: number,
          body,
        });
      }),
    editComment: (id, body) =>
      write("a change of its comment", async () => {
        await octokit.request("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", {
          ...here,
          comment_id: id,
          body,
        });
      }),
    rules: async (branch) => [
      ...(await ask("the rules of the branch", async () => {
        const route = "GET /repos/{owner}/{repo}/rules/branches/{branch}";
        const rules = await octokit.paginate(route, { ...here, ...all, branch });
        return rules.flatMap((rule): BranchRule[] => {
          if (rule.type === "workflows")
            return (rule.parameters?.workflows ?? []).map(({ path }) => ({
              kind: "workflow",
              path,
            }));
          if (rule.type === "required_status_checks")
            return (rule.parameters?.required_status_checks ?? []).map((check) => ({
              kind: "check",
              name: check.context,
              app: check.integration_id,
            }));
          return [];
        });
      })),
      ...(await ask("the protection of the branch", async () => {
        const route = "GET /repos/{owner}/{repo}/branches/{branch}";
        const { data } = await octokit.request(route, { ...here, branch });
        return (data.protection?.required_status_checks?.checks ?? []).map(
          (check): BranchRule => ({
            kind: "check",
            name: check.context,
            // Zero and less stand for any app.
            app: check.app_id !== null && check.app_id > 0 ? check.app_id : undefined,
          }),
        );
      })),
    ],
  };
}

function ignore(): void {}

const isCreation = ({ activity_type }: { readonly activity_type: string }): boolean =>
  activity_type === "branch_creation";

function account(user: unknown): Account | undefined {
  const { login, type } = (user ?? {}) as { login?: unknown; type?: unknown };
  if (typeof login !== "string") return undefined;
  return { login, type: typeof type === "string" ? type : "" };
}
