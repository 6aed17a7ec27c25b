/** Logout. */
import { seeOther, withHeaders } from "../http/reply.ts";
import type { Action } from "../page.ts";

export const leave: Action = ({ sessions, session, cookie }) => {
  sessions.end(session);
  return withHeaders(seeOther("/enter?out"), { "set-cookie": cookie.clear });
};
