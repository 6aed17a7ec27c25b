/** The log's own state, and its verification. */
import { withIndex } from "../books.ts";
import { seeOther } from "../http/reply.ts";
import { logStatus } from "../models/log.ts";
import type { Action, Page } from "../page.ts";
import { logBody } from "../views/log.ts";

export const showLog: Page = ({ books, verifying, session }) => ({
  title: "The log",
  body: logBody(
    withIndex(books, (index, report) => logStatus(books, index, report)),
    verifying.progress,
    session.formToken,
  ),
  seen: "nothing",
});

export const startVerifying: Action = ({ verifying, visitor }) => {
  verifying.start(visitor.principal);
  return seeOther("/log");
};
