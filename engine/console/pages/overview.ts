/** The first page. */
import { withIndex } from "../books.ts";
import { overview } from "../models/overview.ts";
import type { Page } from "../page.ts";
import { overviewBody } from "../views/overview.ts";

export const showOverview: Page = ({ books, at, verifying }) => ({
  title: "Overview",
  body: overviewBody(
    withIndex(books, (index, report) => overview(books, index, report, at)),
    verifying.progress,
  ),
  seen: "nothing",
});
