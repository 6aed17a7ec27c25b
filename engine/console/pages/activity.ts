/** Activity, one record, and what is taken away of it. */
import { queryCsv, queryJsonLines } from "../../render/audit-query.ts";
import { withIndex } from "../books.ts";
import { html } from "../markup.ts";
import { activity } from "../models/activity.ts";
import { oneRecord } from "../models/record.ts";
import type { Action, Page } from "../page.ts";
import { activityBody } from "../views/activity.ts";
import { recordBody } from "../views/record.ts";
import { exported } from "./exported.ts";

export const showActivity: Page = ({ asked, books, session }) => {
  const model = withIndex(books, (index) => activity(books.audit.log, index, asked.query));
  return {
    title: "Activity",
    body: activityBody(model, session.formToken),
    seen: {
      rows: model.page.records.length,
      filter: { ...(model.asked as Record<string, string>) },
    },
  };
};

export const showRecord: Page = ({ books, part }) => {
  const seq = /^[1-9][0-9]{0,15}$/.test(part) ? Number(part) : undefined;
  const one =
    seq === undefined
      ? undefined
      : withIndex(books, (index) => oneRecord(books.audit.log, index, seq));
  if (one === undefined) {
    return {
      title: "No such record",
      status: 404,
      body: html`<p>The log has no record of this number, or it cannot be read. <a href="/log">Verify the log.</a></p>`,
      seen: "nothing",
    };
  }
  return {
    title: `Record ${one.record.seq}`,
    body: recordBody(one),
    seen: { rows: 1, filter: { record: String(one.record.seq) } },
  };
};

/** Larger exports are for `phiward audit export`, which streams. */
const MAX_EXPORT_ROWS = 10_000;

export const exportActivity: Action = async (visit, form) => {
  const { books } = visit;
  const { asked, page } = withIndex(books, (index) =>
    activity(books.audit.log, index, form, MAX_EXPORT_ROWS),
  );
  const asLines = form.get("as") === "jsonl";
  return await exported(visit, {
    page: "activity",
    file: asLines ? "activity.jsonl" : "activity.csv",
    text: asLines ? `${queryJsonLines(page)}\n` : queryCsv(page),
    rows: page.records.length,
    filter: asked as Record<string, string>,
  });
};
