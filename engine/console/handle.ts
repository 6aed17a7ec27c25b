/** One request, from its head to its answer. */
import type { IncomingMessage } from "node:http";
import { PhiwardError } from "../errors.ts";
import { type Doors, enter } from "./enter.ts";
import type { Visitor } from "./entry/credential.ts";
import { identify } from "./entry/identify.ts";
import type { Session } from "./entry/sessions.ts";
import type { Handles } from "./handles.ts";
import { refusalOf, type Site } from "./http/guard.ts";
import { pageReply, plainReply, type Reply, seeOther, withHeaders } from "./http/reply.ts";
import { type Asked, askedOf, formOf, headOf } from "./http/request.ts";
import { html } from "./markup.ts";
import { findRoute, type Route, type Shown, type Visit } from "./page.ts";
import type { Verifying } from "./verifying/verifying.ts";
import { failurePage } from "./views/entry.ts";
import { framed } from "./views/layout.ts";
import { STYLE_HASH } from "./views/style.ts";

export interface House extends Doors {
  readonly site: Site;
  readonly routes: readonly Route[];
  readonly handles: Handles;
  readonly verifying: Verifying;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The answer to a request. What goes wrong behind the door is told only to who is in. */
export async function handle(house: House, message: IncomingMessage): Promise<Reply> {
  const refused = refusalOf(headOf(message), house.site);
  if (refused !== undefined) return plainReply(refused.status, refused.says);
  const asked = askedOf(message);
  if (asked === undefined) return plainReply(400, "this is no address of a page");
  const form = asked.method === "POST" ? await formOf(message) : undefined;
  if (asked.method === "POST" && form === undefined) {
    return plainReply(413, "the form is too long, or is not in UTF-8");
  }
  const at = house.now();
  const entered = await enter(house, asked, form, at);
  if (entered !== undefined) return entered;
  const present = await whoIsThere(house, asked, at);
  if (present === undefined) return turnedAway(house, asked);
  return await serve(house, { asked, form, at, ...present });
}

interface Present {
  readonly session: Session;
  readonly visitor: Visitor;
}

/** The session of the cookie, and whether its credential is still worth something: a revoked grant is out now. */
async function whoIsThere(
  { sessions, cookie, books }: House,
  { cookies }: Asked,
  at: number,
): Promise<Present | undefined> {
  const value = cookies.get(cookie.name);
  const session = value === undefined ? undefined : sessions.find(value, at);
  if (session === undefined) return undefined;
  const found = await identify(books, session.credential, at);
  if ("visitor" in found) return { session, visitor: found.visitor };
  sessions.end(session);
  return undefined;
}

/** Every address looks alike from outside, whether there is a page behind it or not. */
function turnedAway({ cookie }: House, { method, cookies }: Asked): Reply {
  const reply =
    method === "GET"
      ? seeOther("/enter")
      : plainReply(401, "log in first, and send the form again");
  return cookies.has(cookie.name) ? withHeaders(reply, { "set-cookie": cookie.clear }) : reply;
}

interface Request extends Present {
  readonly asked: Asked;
  readonly form: URLSearchParams | undefined;
  readonly at: number;
}

async function serve(house: House, request: Request): Promise<Reply> {
  const { asked, form, session, visitor } = request;
  const found = findRoute(house.routes, asked);
  if (found === undefined) {
    return shown(request, notice("There is no such page", "The address names none.", 404));
  }
  if (found === "wrong method") return plainReply(405, "this is done from a page");
  const { route, part } = found;
  const visit: Visit = { ...house, ...request, part };
  try {
    if (route.method === "GET") return record(visit, route, await route.show(visit));
    // Cross-site request forgery, once more: only a page of this session knows the form's token.
    if (form?.get("form") !== session.formToken) {
      return shown(
        request,
        notice("Nothing was done", "The form is not from this session. Load its page again.", 403),
      );
    }
    if (route.may === "sign" && visitor.may !== "sign") {
      return shown(request, notice("Nothing was done", "Your grant may read, and not sign.", 403));
    }
    const done = await route.act(visit, form);
    return "title" in done ? record(visit, route, done) : done;
  } catch (error) {
    return shown(request, failed(error));
  }
}

/** A page that shows rows is recorded first; one that cannot be recorded is not shown. */
function record(visit: Visit, { page }: Route, made: Shown): Reply {
  const { recorder, visitor, at } = visit;
  if (made.seen !== "nothing") {
    const { rows, filter = {}, patient } = made.seen;
    try {
      recorder.note(
        {
          action: "console.viewed",
          by: visitor.principal,
          grant: visitor.grant,
          details: { page, rows, ...filter, ...(patient === undefined ? {} : { patient }) },
        },
        at,
      );
    } catch {
      return shown(
        visit,
        notice(
          "This page cannot be shown",
          "That you look at it could not be recorded. See that the state folder can be written.",
          503,
        ),
      );
    }
  }
  return shown(visit, made);
}

function shown(
  { asked, visitor, session }: Pick<Visit, "asked" | "visitor" | "session">,
  { title, body, status = 200 }: Omit<Shown, "seen">,
): Reply {
  const frame = { title, path: asked.path, visitor, formToken: session.formToken };
  return pageReply(status, framed(frame, body), STYLE_HASH);
}

function notice(title: string, says: string, status: number): Omit<Shown, "seen"> {
  return { title, status, body: html`<div class="notice bad" role="alert"><p>${says}</p></div>` };
}

/** Our own errors hold no patient's data, and say what to do; of any other nothing is shown. */
function failed(error: unknown): Omit<Shown, "seen"> {
  const known = error instanceof PhiwardError;
  const status = known && (error.code === "USAGE" || error.code === "INVALID_INPUT") ? 400 : 500;
  return {
    title: "This page could not be made",
    status,
    body: known
      ? failurePage(error.code, error.message, error.help)
      : failurePage(
          "BUG",
          "Something went wrong that nobody foresaw.",
          "Please report it, with the page that you asked for.",
        ),
  };
}
