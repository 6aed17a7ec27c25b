/** What sections are made of, as HTML. */
import { sentence, text } from "../../render/html.ts";
import type { Block, Facts, Table } from "../facts.ts";
import { days } from "./days.ts";

/** So many rows of a table stand on a page that shows the first ones only. */
const SHOWN_ROWS = 15;

export function block(one: Block, facts: Facts): string {
  switch (one.kind) {
    case "says":
      return `<p>${words(one.text)}</p>`;
    case "warns":
      return `<p class="warns"><strong>Look here:</strong> ${words(one.text)}</p>`;
    case "facts":
      return `<dl class="facts">${one.facts.map(([name, value]) => `<div><dt>${text(name)}</dt><dd>${words(value)}</dd></div>`).join("")}</dl>`;
    case "list":
      return `<ul class="plain-list">${one.items.map((item) => `<li>${words(item)}</li>`).join("")}</ul>`;
    case "days":
      return days(one.id, facts);
    case "table":
      return table(one.table, SHOWN_ROWS);
  }
}

/** Pages and files of the folder that a sentence names become links. */
const LINKED = /<code>([a-z-]+\.(?:html|txt|mjs)|data\/[a-z-]+\.(?:csv|json))<\/code>/g;

export function words(from: string): string {
  return sentence(from).replace(LINKED, `<a href="$1">$1</a>`);
}

export function table({ caption, head, rows, file }: Table, shown: number): string {
  if (rows.length === 0) return `<p class="aside">${words(caption)} There are none.</p>`;
  const some = rows.slice(0, shown);
  const rest = rows.length - some.length;
  const where = file === undefined ? "" : ` <a href="${file}">${file}</a>`;
  const more =
    rest > 0
      ? ` <span class="rest">The first ${some.length} of ${rows.length.toLocaleString("en")}; all in${where}</span>`
      : where;
  return `<div class="scroll" tabindex="0" role="group" aria-label="${text(plainWords(caption))}"><table>
<caption>${words(caption)}${more}</caption>
<thead><tr>${head.map((name) => `<th scope="col">${text(capital(name))}</th>`).join("")}</tr></thead>
<tbody>
${some.map(tableRow).join("\n")}
</tbody></table></div>`;
}

function tableRow([first = "", ...rest]: readonly string[]): string {
  const cells = rest.map((value) => `<td${kindOf(value)}>${cell(value)}</td>`);
  return `<tr><th scope="row"${kindOf(first)}>${cell(first)}</th>${cells.join("")}</tr>`;
}

/** Numbers stand under one another; days and names of records are not broken. */
function kindOf(value: string): string {
  if (/^[0-9][0-9,.]*$/.test(value)) return ' class="number"';
  return /^(\d{4}-\d\d-\d\d|#)/.test(value) && value.length < 32 ? ' class="short"' : "";
}

/** Of a list in a cell so many stand on the page. */
const SHOWN_PARTS = 6;

/** A time is shown to the second, a digest by its beginning, a list by its first ones: the file has them whole. */
function cell(value: string): string {
  const parts = value.split("; ");
  const rest = parts.length - SHOWN_PARTS;
  if (rest > 1) return text(`${parts.slice(0, SHOWN_PARTS).join("; ")} and ${rest} more`);
  const short = value
    .replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z$/, "$1Z")
    .replace(/^(sha256:)?([0-9a-f]{12})[0-9a-f]{28,52}$/, "$1$2…");
  return text(short);
}

function plainWords(from: string): string {
  return from.replaceAll("`", "");
}

function capital(from: string): string {
  return from === "ePHI" ? from : from.charAt(0).toUpperCase() + from.slice(1);
}
