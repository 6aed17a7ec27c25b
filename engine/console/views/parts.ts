/** Pieces that several pages share. */
import { html, type Markup, trusted } from "../markup.ts";

export type Tone = "good" | "look" | "bad" | "";

export interface Column {
  readonly title: string;
  readonly number?: true;
  /** How the rows stand by it. */
  readonly sort?: "ascending" | "descending";
}

export interface Table {
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The first cell of a row is its head. */
  readonly rows: readonly (readonly Markup[])[];
  /** What stands in place of rows. */
  readonly none: string;
}

export function table({ caption, columns, rows, none }: Table): Markup {
  if (rows.length === 0) return html`<p>${none}</p>`;
  const numeric = columns.map(({ number }) => (number === true ? trusted(' class="number"') : ""));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(
    ({ title, sort }, i) =>
      html`<th scope="col"${numeric[i]}${sort === undefined ? "" : html` aria-sort="${sort}"`}>${title}</th>`,
  )}</tr></thead>
<tbody>
${rows.map(
  (cells) =>
    html`<tr>${cells.map((cell, i) =>
      i === 0
        ? html`<th scope="row"${numeric[i]}>${cell}</th>`
        : html`<td${numeric[i]}>${cell}</td>`,
    )}</tr>\n`,
)}</tbody>
</table></div>`;
}

const FIRST_ROWS = 25;

/** A long table's first rows, and the others behind a word. */
export function longTable(whole: Table): Markup {
  const { rows, caption } = whole;
  if (rows.length <= FIRST_ROWS) return table(whole);
  return html`${table({ ...whole, rows: rows.slice(0, FIRST_ROWS), caption: `${caption}: the first ${FIRST_ROWS} of ${rows.length}` })}
<details><summary>The other ${rows.length - FIRST_ROWS}</summary>${table({ ...whole, rows: rows.slice(FIRST_ROWS), caption: `${caption}: the others` })}</details>`;
}

/** 2026-10-03T14:02:11.000Z → 2026-10-03 14:02:11. */
export function time(at: string | number): Markup {
  const iso = typeof at === "number" ? new Date(at).toISOString() : at;
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")}</time>`;
}

export function day(at: number): Markup {
  const iso = new Date(at).toISOString().slice(0, 10);
  return html`<time datetime="${iso}">${iso}</time>`;
}

export function count(of: number): Markup {
  return trusted(of.toLocaleString("en"));
}

/** A word with a sign before it, so that colour says nothing alone. */
export function mark(tone: Tone, says: string): Markup {
  const sign = { good: "✓", look: "●", bad: "▲", "": "" }[tone];
  return html`<span class="mark ${tone}"><span aria-hidden="true">${sign}</span> ${says}</span>`;
}

export const EPHI = html`<abbr class="ephi" title="electronic protected health information">ePHI</abbr>`;

export function facts(rows: readonly (readonly [string, Markup | undefined])[]): Markup {
  return html`<dl class="facts">${rows.flatMap(([term, value]) =>
    value === undefined ? [] : [html`<dt>${term}</dt><dd>${value}</dd>\n`],
  )}</dl>`;
}

export function recordLink(seq: number): Markup {
  return html`<a href="/records/${seq}">${seq}</a>`;
}

export function notice(tone: Tone, says: Markup): Markup {
  return html`<div class="notice ${tone}">${says}</div>`;
}

export interface Choice {
  readonly value: string;
  readonly says: string;
}

/** Names are chosen, never typed: what is typed into an address could be a patient's identifier. */
export function select(
  id: string,
  label: string,
  choices: readonly (string | Choice)[],
  chosen: string | undefined,
): Markup {
  return html`<div class="field"><label for="${id}">${label}</label><select id="${id}" name="${id}"><option value="">any</option>${choices.map(
    (one) => {
      const { value, says } = typeof one === "string" ? { value: one, says: one } : one;
      return html`<option value="${value}"${value === chosen ? trusted(" selected") : ""}>${says}</option>`;
    },
  )}</select></div>`;
}

export function dateField(id: string, label: string, value: string | undefined): Markup {
  return html`<div class="field"><label for="${id}">${label}</label><input id="${id}" name="${id}" type="date" value="${value ?? ""}"></div>`;
}

export function damage(
  problems: readonly { readonly segment: string; readonly says: string }[],
): Markup {
  if (problems.length === 0) return html``;
  return notice(
    "bad",
    html`<p><strong>The log is not what was written.</strong> ${count(problems.length)} ${problems.length === 1 ? "place" : "places"}; the first: ${problems[0]!.segment}, ${problems[0]!.says}. <a href="/log">Verify the log.</a></p>`,
  );
}
