/** What a page is made of, and what the log is told of it before it is sent. */
import type { Books } from "./books.ts";
import type { SessionCookie } from "./entry/cookie.ts";
import type { Visitor } from "./entry/credential.ts";
import type { Session, Sessions } from "./entry/sessions.ts";
import type { Handles } from "./handles.ts";
import type { Reply } from "./http/reply.ts";
import type { Asked } from "./http/request.ts";
import type { Markup } from "./markup.ts";
import type { Recorder } from "./record.ts";
import type { Verifying } from "./verifying/verifying.ts";

/** A request of somebody who may be here. */
export interface Visit {
  readonly asked: Asked;
  readonly visitor: Visitor;
  readonly session: Session;
  readonly sessions: Sessions;
  readonly cookie: SessionCookie;
  /** Epoch milliseconds; fixed once for the whole request. */
  readonly at: number;
  readonly books: Books;
  readonly recorder: Recorder;
  readonly handles: Handles;
  readonly verifying: Verifying;
  /** The part of the path that a route leaves open. */
  readonly part: string;
}

/** What the log is told: never an identifier; a patient by pseudonym. */
export interface Seen {
  /** How many records, people or accesses were shown. */
  readonly rows: number;
  /** What was asked for, in names that the log or the policy has. */
  readonly filter?: Readonly<Record<string, string>>;
  /** Pseudonym. */
  readonly patient?: string;
}

export interface Shown {
  readonly title: string;
  readonly body: Markup;
  /** `nothing`: the page has figures of the whole and no row about anybody. */
  readonly seen: Seen | "nothing";
  /** 200 when absent. */
  readonly status?: number;
}

export type Page = (visit: Visit) => Shown | Promise<Shown>;
/** What a form asks for. It has been sent from a page of this session. */
export type Action = (
  visit: Visit,
  form: URLSearchParams,
) => Reply | Shown | Promise<Reply | Shown>;

interface RouteBase {
  /** `/grants/*`: the star is one part of a path. */
  readonly path: string;
  /** As the log calls it. */
  readonly page: string;
}
export type Route = RouteBase &
  (
    | { readonly method: "GET"; readonly show: Page }
    | { readonly method: "POST"; readonly may: Visitor["may"]; readonly act: Action }
  );

export interface Found {
  readonly route: Route;
  readonly part: string;
}

/** The route of a request; `wrong method` when the path has others. */
export function findRoute(
  routes: readonly Route[],
  { method, path }: Pick<Asked, "method" | "path">,
): Found | "wrong method" | undefined {
  const here = routes.flatMap((route) => {
    const part = partOf(route.path, path);
    return part === undefined ? [] : [{ route, part }];
  });
  const found = here.find(({ route }) => route.method === method);
  return found ?? (here.length > 0 ? "wrong method" : undefined);
}

const PART = /^[A-Za-z0-9._~-]{1,128}$/;

function partOf(pattern: string, path: string): string | undefined {
  const star = pattern.indexOf("*");
  if (star === -1) return pattern === path ? "" : undefined;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  if (!path.startsWith(before) || !path.endsWith(after)) return undefined;
  const part = path.slice(before.length, path.length - after.length);
  return PART.test(part) ? part : undefined;
}
