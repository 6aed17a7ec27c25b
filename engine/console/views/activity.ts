/** What happened, newest first. */
import type { Found } from "../../audit/index/reader.ts";
import type { AuditRecord } from "../../audit/record.ts";
import { plural } from "../../render/paint.ts";
import { code, html, type Markup, name } from "../markup.ts";
import { type Activity, addressOf, KINDS, VERDICTS } from "../models/activity.ts";
import { damage, dateField, EPHI, mark, recordLink, select, table, time } from "./parts.ts";

export function activityBody(model: Activity, formToken: string): Markup {
  const { asked, facets, page, after, unknown } = model;
  return html`<p>Calls, refusals and changes, newest first. Each row was read from the log itself and fits its hash.</p>
<form class="filters" method="get" action="/activity" role="search" aria-label="Filter">
${dateField("from", "From", asked.from)}
${dateField("to", "To", asked.to)}
${select("principal", "Who", facets.principals, asked.principal)}
${select("server", "Server", facets.servers, asked.server)}
${select("tool", "Tool", facets.tools, asked.tool)}
${select(
  "verdict",
  "Verdict",
  VERDICTS.map((value) => ({ value, says: value === "allow" ? "allowed" : "denied" })),
  asked.verdict,
)}
${select("rule", "Decided by", facets.codes, asked.rule)}
${select("kind", "Kind", KINDS, asked.kind)}
${asked.grant !== undefined && select("grant", "Grant", facets.grants, asked.grant)}
<button>Show</button> <a href="/activity">Clear</a>
</form>
${damage(page.problems)}
${unknown && html`<p role="status">The log has no such name.</p>`}
${table({
  caption: `${plural(page.records.length, "record")}${after === undefined ? "" : " of an older page"}, newest first`,
  columns: [
    { title: "Time", sort: "descending" },
    { title: "Who" },
    { title: "What" },
    { title: "Result" },
    { title: "Record", number: true },
  ],
  rows: page.records.map(row),
  none: "No record.",
})}
<div class="actions">
${page.next !== undefined && html`<a class="button quiet" rel="next" href="/activity?${addressOf(asked, { after: String(page.next) })}">Older</a>`}
${after !== undefined && html`<a class="button quiet" href="/activity?${addressOf(asked)}">Newest</a>`}
${exportForm(model, formToken)}
</div>`;
}

function exportForm({ asked, page }: Activity, formToken: string): Markup {
  if (page.records.length === 0) return html``;
  return html`<form method="post" action="/activity/export"><input type="hidden" name="form" value="${formToken}">
${Object.entries(asked).map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}">`)}
<button class="quiet" name="as" value="csv">Export as CSV</button> <button class="quiet" name="as" value="jsonl">Export as JSON Lines</button></form>`;
}

function row({ record, outcome }: Found): readonly Markup[] {
  return [
    time(record.at),
    whoOf(record),
    whatOf(record),
    resultOf(record, outcome?.status),
    recordLink(record.seq),
  ];
}

export function whoOf(record: AuditRecord): Markup {
  switch (record.kind) {
    case "decision":
      return html`${name(record.principal)}${record.responsible !== undefined && html`<span class="sub">for ${name(record.responsible)}</span>`}`;
    case "rejected":
      return record.grant === undefined
        ? html`<span class="soft">unknown</span>`
        : html`grant ${name(record.grant)}`;
    case "admin":
      return html`${record.by !== undefined && name(record.by)}`;
    default:
      return html`<span class="soft">the gateway</span>`;
  }
}

export function whatOf(record: AuditRecord): Markup {
  switch (record.kind) {
    case "decision":
      return html`${code(record.tool === "" ? record.method : record.tool)} ${record.ephi && EPHI}<span class="sub">${name(record.server)}, ${record.effect}, for ${record.purpose}</span>`;
    case "outcome":
      return html`outcome of a call`;
    case "rejected":
      return html`refused at the door<span class="sub">${record.tool ?? record.method ?? record.transport}</span>`;
    case "admin":
      return code(record.action);
    case "policy":
      return html`policy ${record.event}${record.tool !== undefined && html` of ${code(record.tool)}`}`;
    case "checkpoint":
      return html`checkpoint of ${record.count} records`;
  }
}

export function resultOf(record: AuditRecord, status: string | undefined): Markup {
  switch (record.kind) {
    case "decision":
      return record.verdict === "allow"
        ? html`${mark("good", "allowed")}<span class="sub">${status ?? "unknown"}</span>`
        : html`${mark("bad", "denied")}<span class="sub">${code(record.rule)}</span>`;
    case "outcome":
      return html`${record.status} in ${record.ms} ms`;
    case "rejected":
      return html`${mark("bad", "refused")}<span class="sub">${record.code}${record.count !== undefined && `, ${record.count} times`}</span>`;
    case "admin":
      return html`${record.grant !== undefined && html`grant ${name(record.grant)}`}`;
    case "policy":
      return html`${record.bundle !== undefined && `version ${record.bundle.version}`} ${record.check}`;
    case "checkpoint":
      return html`signed`;
  }
}
