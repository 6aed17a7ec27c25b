/**
 * A GitHub on the loopback interface: the part of its REST API that the Action uses, its one GraphQL
 * question, and Git over HTTP, over real repositories. What it holds is in memory and may be changed
 * by a test at any time, as people change it on GitHub.
 *
 * Faithful where it matters: pages with Link headers, 401 for an unknown token, 403 for what a token
 * may not do, 404 for what it may not see, merges that are made when a pull request is asked for,
 * reviews that keep the commit they were written on.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Edit, type Hosted, hosted, type Made } from "./hosted.ts";

export const OWNER = "example-hospital";
export const REPOSITORY = `${OWNER}/policies`;

export interface Token {
  /** Whom it writes as: an app's name ends with `[bot]`. */
  readonly login: string;
  readonly pulls: "read" | "write";
  /** Organisation members: what the token of a job never has. */
  readonly members: boolean;
}

export interface FakeReview {
  readonly id: number;
  readonly login: string;
  state: string;
  readonly commit: string;
  readonly at: string;
}

export interface FakeComment {
  readonly id: number;
  readonly login: string;
  body: string;
}

export interface FakePull {
  readonly number: number;
  readonly opener: string;
  base: string;
  readonly head: { readonly repository: string; readonly branch: string };
  state: "open" | "closed";
  readonly reviews: FakeReview[];
  readonly comments: FakeComment[];
}

interface Activity {
  readonly id: number;
  readonly login: string;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly kind: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly token: string | undefined;
}

export interface FakeGitHub {
  /** As in GITHUB_SERVER_URL. */
  readonly server: string;
  /** As in GITHUB_API_URL. */
  readonly api: string;
  readonly root: string;
  readonly tokens: Map<string, Token>;
  readonly teams: Map<string, string[]>;
  /** Logins of accounts that are no person's, with their type. */
  readonly types: Map<string, string>;
  /** Commits that bear GitHub's signature. */
  readonly signed: Set<string>;
  readonly pulls: Map<number, FakePull>;
  /** Rules of rulesets, for every branch. */
  rules: unknown[];
  /** Checks of the older branch protection. */
  checks: { context: string; app_id: number | null }[];
  /** GitHub's largest page is 100. */
  maxPage: number;
  /** Whether a pull request that is asked for is merged with the tip of base, or stays as it was. */
  moveOn: boolean;
  /** Whether GitHub is still finding out what merges. */
  working: boolean;
  /** Answers in place of what there is, where it answers at all. */
  trouble: (asked: Asked) => Answer | undefined;
  readonly asked: Asked[];
  /** A repository; made when it is named first. */
  repository(name?: string): Hosted;
  /** A commit by `login` on a branch, pushed by them or by somebody else. The branch starts at `from`. */
  push(branch: string, login: string, edit: Edit, more?: Pushing): string;
  open(opener: string, branch: string, more?: Partial<Pick<FakePull, "base">> & From): FakePull;
  review(pull: FakePull, login: string, state?: string): FakeReview;
  headOf(pull: FakePull): string;
  /** An entry of the merge queue: GitHub's commit on top of `on`, in a branch of its own. */
  enqueue(
    pull: FakePull,
    on?: string,
  ): { readonly ref: string; readonly base: string; readonly head: string };
  close(): Promise<void>;
}

export interface From {
  /** The repository that the branch is in: a fork. */
  readonly repository?: string;
}

export interface Pushing extends From, Partial<Pick<Made, "message">> {
  readonly pusher?: string;
  readonly committer?: string;
  /** Replaces the branch's commits by one on top of this commit. */
  readonly onto?: string;
}

export const addressOf = (login: string): string =>
  login === "web-flow" ? "noreply@github.com" : `${login}@example.org`;
const signatureOf = (login: string) => ({ name: login, email: addressOf(login) });
const loginOf = (address: string): string | undefined =>
  address === "noreply@github.com" ? "web-flow" : /^(.+)@example\.org$/.exec(address)?.[1];

export async function fakeGitHub(): Promise<FakeGitHub> {
  const root = mkdtempSync(join(tmpdir(), "phiward-github-"));
  const repositories = new Map<string, Hosted>();
  const activities = new Map<string, Activity[]>();
  let count = 100;
  const next = (): number => ++count;
  /** Every event is a second later than the one before it. */
  const time = (): string =>
    new Date(Date.UTC(2026, 9, 1, 12) + next() * 1000).toISOString().replace(".000", "");

  const server = createServer((request, response) => {
    void handle(fake, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const note = (name: string, activity: Omit<Activity, "id">): void => {
    const list = activities.get(name) ?? [];
    list.unshift({ id: next(), ...activity });
    activities.set(name, list);
  };

  const fake: Fake = {
    server: url,
    api: `${url}/api/v3`,
    root,
    activities,
    nextId: next,
    tokens: new Map(),
    teams: new Map(),
    types: new Map([["web-flow", "User"]]),
    signed: new Set(),
    pulls: new Map(),
    rules: [],
    checks: [],
    maxPage: 100,
    moveOn: true,
    working: false,
    trouble: () => undefined,
    asked: [],
    repository(name = REPOSITORY) {
      const known = repositories.get(name) ?? hosted(root, name);
      repositories.set(name, known);
      return known;
    },
    push(
      branch,
      login,
      edit,
      { repository = REPOSITORY, pusher = login, committer, onto, message } = {},
    ) {
      const git = fake.repository(repository);
      const ref = `refs/heads/${branch}`;
      const before = git.tip(ref);
      const parent = onto ?? before ?? fake.repository().tip("refs/heads/main");
      if (repository !== REPOSITORY && parent !== undefined && git.tip(parent) === undefined)
        git.git("fetch", "--quiet", fake.repository().folder, parent);
      const commit = git.commit(parent === undefined ? [] : [parent], edit, {
        author: signatureOf(login),
        ...(committer === undefined ? {} : { committer: signatureOf(committer) }),
        ...(message === undefined ? {} : { message }),
      });
      git.move(ref, commit);
      note(repository, {
        login: pusher,
        ref,
        before: before ?? "0".repeat(40),
        after: commit,
        kind: before === undefined ? "branch_creation" : onto === undefined ? "push" : "force_push",
      });
      return commit;
    },
    open(opener, branch, { base = "main", repository = REPOSITORY } = {}) {
      const number = fake.pulls.size + 1;
      const head = { repository, branch };
      const pull: FakePull = {
        number,
        opener,
        base,
        head,
        state: "open",
        reviews: [],
        comments: [],
      };
      fake.pulls.set(number, pull);
      return pull;
    },
    review(pull, login, state = "APPROVED") {
      const review = { id: next(), login, state, commit: fake.headOf(pull), at: time() };
      pull.reviews.push(review);
      return review;
    },
    headOf: ({ head }) => fake.repository(head.repository).tip(`refs/heads/${head.branch}`)!,
    enqueue(pull, on) {
      const git = fake.repository();
      const base = on ?? git.tip(`refs/heads/${pull.base}`)!;
      takeIn(fake, pull);
      const head = git.merge(base, fake.headOf(pull))!;
      const ref = `refs/heads/gh-readonly-queue/${pull.base}/pr-${pull.number}-${base}`;
      git.move(ref, head);
      return { ref, base, head };
    },
    close: () =>
      new Promise((ended) => {
        server.closeAllConnections();
        server.close(() => {
          rmSync(root, { recursive: true, force: true });
          ended();
        });
      }),
  };
  return fake;
}

type Fake = FakeGitHub & {
  readonly activities: ReadonlyMap<string, readonly Activity[]>;
  readonly nextId: () => number;
};

async function handle(fake: Fake, request: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { method = "GET", url: path = "/" } = request;
  const asked = { method, path, token: tokenOf(request.headers.authorization) };
  fake.asked.push(asked);
  const answer =
    fake.trouble(asked) ??
    (fake.tokens.has(asked.token ?? "")
      ? path.startsWith("/api/")
        ? route(fake, asked, body)
        : undefined
      : {
          status: 401,
          headers: { "www-authenticate": "Basic" },
          body: { message: "Bad credentials" },
        });
  if (answer === undefined) return serveGit(fake, request, body, response);
  if (answer.status === 0) return response.destroy();
  response.writeHead(answer.status, {
    "content-type": "application/json; charset=utf-8",
    "x-ratelimit-remaining": "4999",
    ...answer.headers,
  });
  response.end(JSON.stringify(answer.body ?? { message: `Status ${answer.status}` }));
}

/** Of `token X` and `Bearer X` of the API, and of Git's `basic BASE64(user:X)`. */
function tokenOf(header = ""): string | undefined {
  const [scheme = "", value = ""] = header.split(" ");
  return scheme.toLowerCase() === "basic"
    ? Buffer.from(value, "base64").toString().split(":")[1]
    : value;
}

const NOT_FOUND: Answer = { status: 404, body: { message: "Not Found" } };
const REFUSED: Answer = {
  status: 403,
  body: { message: "Resource not accessible by integration" },
};

function route(fake: Fake, { method, path, token = "" }: Asked, body: Buffer): Answer {
  const { pathname, searchParams: query } = new URL(path, fake.server);
  const may = fake.tokens.get(token)!;
  const data = body.length > 0 ? JSON.parse(body.toString()) : {};
  if (pathname === "/api/graphql")
    return { status: 200, body: { data: { viewer: { login: may.login.replace("[bot]", "") } } } };
  const [scope, owner, name, ...rest] = decodeURI(pathname.replace("/api/v3/", "")).split("/");
  const page = (items: readonly unknown[]): Answer => paged(fake, pathname, query, items);
  if (scope === "orgs") {
    const members = may.members && owner === OWNER ? fake.teams.get(rest[0] ?? "") : undefined;
    // A team that a token may not see is not there for it.
    return members === undefined ? NOT_FOUND : page(members.map((login) => user(fake, login)));
  }
  const where = `${method} ${rest.map((step) => (/^\d+$/.test(step) ? "N" : step)).join("/")}`;
  if (where === "GET activity") {
    const all = fake.activities.get(`${owner}/${name}`);
    return all === undefined
      ? NOT_FOUND
      : cursored(
          fake,
          pathname,
          query,
          all.filter(({ ref }) => ref === query.get("ref")).map(activity(fake)),
        );
  }
  if (`${owner}/${name}` !== REPOSITORY) return NOT_FOUND;
  if (where.startsWith("GET rules/branches/")) return page(fake.rules);
  if (where.startsWith("GET branches/"))
    return {
      status: 200,
      body: {
        name: rest[1],
        protected: fake.checks.length > 0,
        protection: { required_status_checks: { checks: fake.checks } },
      },
    };
  if (where === "GET pulls")
    return page(
      [...fake.pulls.values()]
        .filter(({ head, base, state }) => {
          const label = `${head.repository.split("/")[0]}:${head.branch}`;
          const asked = [query.get("state"), query.get("head"), query.get("base") ?? base];
          return [state, label, base].every((text, i) => text === asked[i]);
        })
        .map((pull) => describePull(fake, pull)),
    );
  if (where === "PATCH issues/comments/N") {
    const mine = [...fake.pulls.values()]
      .flatMap(({ comments }) => comments)
      .find(({ id }) => id === Number(rest[2]));
    if (mine === undefined) return NOT_FOUND;
    if (may.pulls === "read" || mine.login !== may.login) return REFUSED;
    mine.body = data.body;
    return { status: 200, body: describeComment(fake, mine) };
  }
  const pull = fake.pulls.get(Number(rest[1]));
  if (pull === undefined) return NOT_FOUND;
  switch (where) {
    case "GET pulls/N":
      return { status: 200, body: describePull(fake, pull) };
    case "GET pulls/N/reviews":
      return page(pull.reviews.map((review) => describeReview(fake, pull, review)));
    case "GET pulls/N/commits":
      return page(describeCommits(fake, pull).slice(0, 250));
    case "GET issues/N/comments":
      return page(pull.comments.map((comment) => describeComment(fake, comment)));
    case "POST issues/N/comments": {
      if (may.pulls === "read") return REFUSED;
      const comment = { id: fake.nextId(), login: may.login, body: data.body };
      pull.comments.push(comment);
      return { status: 201, body: describeComment(fake, comment) };
    }
    default:
      return NOT_FOUND;
  }
}

function paged(
  fake: Fake,
  path: string,
  query: URLSearchParams,
  items: readonly unknown[],
): Answer {
  const size = Math.min(Number(query.get("per_page") ?? 30), fake.maxPage);
  const at = Number(query.get("page") ?? 1);
  const pages = Math.ceil(items.length / size);
  const link = (page: number, rel: string): string => {
    const to = new URLSearchParams(query);
    to.set("page", String(page));
    return `<${fake.server}${path}?${to}>; rel="${rel}"`;
  };
  return {
    status: 200,
    headers: at < pages ? { link: `${link(at + 1, "next")}, ${link(pages, "last")}` } : {},
    body: items.slice((at - 1) * size, at * size),
  };
}

/** The activity list has cursors in place of page numbers. */
function cursored(
  fake: Fake,
  path: string,
  query: URLSearchParams,
  items: readonly { readonly id: number }[],
): Answer {
  const size = Math.min(Number(query.get("per_page") ?? 30), fake.maxPage);
  const after = Number(query.get("after") ?? 0);
  const from = items.findIndex(({ id }) => id === after) + 1;
  const body = items.slice(from, from + size);
  const to = new URLSearchParams(query);
  to.set("after", String(body.at(-1)?.id));
  return {
    status: 200,
    headers:
      from + size < items.length ? { link: `<${fake.server}${path}?${to}>; rel="next"` } : {},
    body,
  };
}

function user(fake: Fake, login: string) {
  const type = fake.types.get(login) ?? (login.endsWith("[bot]") ? "Bot" : "User");
  return { login, id: login.length, type };
}

/** Brings the pull request's commits into the repository, as GitHub does for a fork. */
function takeIn(fake: Fake, pull: FakePull): void {
  const git = fake.repository();
  const from = fake.repository(pull.head.repository);
  if (from !== git) git.git("fetch", "--quiet", from.folder, fake.headOf(pull));
  git.move(`refs/pull/${pull.number}/head`, fake.headOf(pull));
}

function describePull(fake: Fake, pull: FakePull) {
  const git = fake.repository();
  takeIn(fake, pull);
  const head = fake.headOf(pull);
  const base = git.tip(`refs/heads/${pull.base}`)!;
  const merge = git.merge(base, head);
  // In a conflict the ref stays where it was.
  if (merge !== undefined && fake.moveOn) git.move(`refs/pull/${pull.number}/merge`, merge);
  return {
    number: pull.number,
    state: pull.state,
    html_url: `${fake.server}/${REPOSITORY}/pull/${pull.number}`,
    user: user(fake, pull.opener),
    head: { sha: head, ref: pull.head.branch, repo: { full_name: pull.head.repository } },
    base: { sha: base, ref: pull.base, repo: { full_name: REPOSITORY } },
    mergeable: fake.working ? null : merge !== undefined,
    commits: describeCommits(fake, pull).length,
  };
}

function describeReview(fake: Fake, pull: FakePull, review: FakeReview) {
  return {
    id: review.id,
    user: user(fake, review.login),
    state: review.state,
    commit_id: review.commit,
    submitted_at: review.at,
    html_url: `${fake.server}/${REPOSITORY}/pull/${pull.number}#pullrequestreview-${review.id}`,
  };
}

const describeComment = (fake: Fake, { id, login, body }: FakeComment) => ({
  id,
  user: user(fake, login),
  body,
});

function describeCommits(fake: Fake, pull: FakePull) {
  takeIn(fake, pull);
  const git = fake.repository();
  const range = `refs/heads/${pull.base}..refs/pull/${pull.number}/head`;
  const log = git.git(
    "log",
    "--reverse",
    "--format=%H%x1f%an%x1f%ae%x1f%cn%x1f%ce%x1f%B%x1e",
    range,
  );
  return log
    .split("\x1e")
    .map((text) => text.trim().split("\x1f"))
    .filter(([sha]) => sha !== "")
    .map(([sha = "", an, ae = "", cn, ce = "", message = ""]) => ({
      sha,
      author: accountOf(fake, ae),
      committer: accountOf(fake, ce),
      commit: {
        message: message.trim(),
        author: { name: an, email: ae },
        committer: { name: cn, email: ce },
        verification: { verified: fake.signed.has(sha) },
      },
    }));
}

function accountOf(fake: Fake, address: string) {
  const login = loginOf(address);
  return login === undefined ? null : user(fake, login);
}

const activity =
  (fake: Fake) =>
  ({ id, login, ref, before, after, kind }: Activity) => ({
    id,
    ref,
    before,
    after,
    activity_type: kind,
    actor: user(fake, login),
  });

/** Git's own server program, as a CGI script (RFC 3875). */
function serveGit(
  fake: Fake,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const { pathname, search } = new URL(request.url ?? "/", fake.server);
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_PROJECT_ROOT: fake.root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: String(request.headers["content-encoding"] ?? ""),
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(body);
  child.on("close", () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf("\r\n\r\n");
    const headers = Object.fromEntries(
      output
        .subarray(0, end)
        .toString()
        .split("\r\n")
        .map((line) => line.split(": ", 2) as [string, string]),
    );
    response.writeHead(Number.parseInt(headers.Status ?? "200", 10), headers);
    response.end(output.subarray(end + 4));
  });
}
