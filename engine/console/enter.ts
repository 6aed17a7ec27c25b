/** How somebody comes in: by the code that a command printed, by a grant token, or by an issuer. */
import { hashToken, tokenId } from "../grant/token.ts";
import type { AdminWords } from "../review/tell.ts";
import type { Books } from "./books.ts";
import type { Attempts } from "./entry/attempts.ts";
import type { Codes } from "./entry/codes.ts";
import type { SessionCookie } from "./entry/cookie.ts";
import type { Credential, Turned } from "./entry/credential.ts";
import { identify } from "./entry/identify.ts";
import type { IssuerLogin } from "./entry/issuer.ts";
import type { Sessions } from "./entry/sessions.ts";
import { pageReply, type Reply, seeOther, withHeaders } from "./http/reply.ts";
import type { Asked } from "./http/request.ts";
import type { Recorder } from "./record.ts";
import { arrivedPage, codePage, loginPage, type Why } from "./views/entry.ts";
import { STYLE_HASH } from "./views/style.ts";

export interface Doors {
  readonly books: Books;
  readonly recorder: Recorder;
  readonly sessions: Sessions;
  readonly codes: Codes;
  readonly attempts: Attempts;
  readonly cookie: SessionCookie;
  readonly issuer: IssuerLogin | undefined;
}

/** The way that somebody came, for the record. */
type Way = "code" | "token" | "issuer";

const CODE = /^\/enter\/([A-Za-z0-9_-]{43})$/;

/** What somebody who is not in may ask for; undefined: something that is behind the door. */
export async function enter(
  doors: Doors,
  asked: Asked,
  form: URLSearchParams | undefined,
  at: number,
): Promise<Reply | undefined> {
  const { method, path } = asked;
  if (path === "/enter") {
    return method === "GET"
      ? login(doors, 200, asked.query.has("out") ? "over" : undefined)
      : await knock(doors, asked, form!, at);
  }
  if (method !== "GET") return undefined;
  const code = CODE.exec(path)?.[1];
  if (code !== undefined) return entryPage(200, codePage(code));
  if (doors.issuer === undefined) return undefined;
  if (path === "/enter/issuer") return await doors.issuer.begin(at);
  if (path === "/enter/issuer/back") return await comeBack(doors, doors.issuer, asked, at);
  return undefined;
}

async function knock(
  doors: Doors,
  asked: Asked,
  form: URLSearchParams,
  at: number,
): Promise<Reply> {
  const wait = doors.attempts.wait(asked.remote, at);
  if (wait !== undefined) {
    return withHeaders(login(doors, 429, "wait"), { "retry-after": String(wait) });
  }
  const code = form.get("code");
  const [way, credential] =
    code === null
      ? (["token", tokenIn(form)] as const)
      : (["code", doors.codes.redeem(code, at)] as const);
  const cookie = await admit(doors, asked, way, credential, at);
  return cookie === undefined
    ? login(doors, 401, "refused")
    : withHeaders(seeOther("/"), { "set-cookie": cookie });
}

function tokenIn(form: URLSearchParams): Credential | undefined {
  const hash = hashToken(form.get("token")?.trim() ?? "");
  return hash === undefined ? undefined : { kind: "token", hash };
}

async function comeBack(
  doors: Doors,
  issuer: IssuerLogin,
  asked: Asked,
  at: number,
): Promise<Reply> {
  const credential = await issuer.finish(asked, at);
  const cookie = await admit(doors, asked, "issuer", credential, at);
  return cookie === undefined
    ? login(doors, 401, "refused")
    : withHeaders(entryPage(200, arrivedPage()), { "set-cookie": cookie });
}

/** Identified, recorded, and only then in: the session's cookie; undefined for somebody who is turned away. */
async function admit(
  doors: Doors,
  asked: Asked,
  way: Way,
  credential: Credential | undefined,
  at: number,
): Promise<string | undefined> {
  const { books, recorder, sessions, attempts, cookie } = doors;
  const found =
    credential === undefined
      ? ({ refused: "bad_login" } satisfies Turned)
      : await identify(books, credential, at);
  if (!("visitor" in found) || credential === undefined) {
    attempts.failed(asked.remote, at);
    recorder.note(refusal(way, found as Turned), at);
    return undefined;
  }
  const { grant, principal, may } = found.visitor;
  recorder.note(
    {
      action: "console.opened",
      by: principal,
      grant,
      ...(credential.kind === "token" ? { token: tokenId(credential.hash) } : {}),
      details: { way, may },
    },
    at,
  );
  const before = sessions.find(asked.cookies.get(cookie.name) ?? "", at);
  if (before !== undefined) sessions.end(before);
  return cookie.set(sessions.begin(credential, at).cookie);
}

function refusal(way: Way, { refused, grant, token }: Turned): AdminWords {
  return {
    action: "console.refused",
    ...(grant === undefined ? {} : { grant }),
    ...(token === undefined ? {} : { token }),
    details: { way, why: refused },
  };
}

function login({ issuer }: Doors, status: number, why?: Why): Reply {
  return entryPage(status, loginPage({ issuer: issuer?.name }, why));
}

function entryPage(status: number, page: string): Reply {
  return pageReply(status, page, STYLE_HASH);
}
