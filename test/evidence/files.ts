/** Reading what was written, as somebody else would. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Every file of a folder, relative to it. */
export function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** RFC 4180, strictly: throws for a quote where none may be. */
export function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quoted = /"((?:[^"]|"")*)"/y;
    const plain = /[^",\r\n]*/y;
    const cell = text[at] === '"' ? quoted : plain;
    cell.lastIndex = at;
    const found = cell.exec(text);
    if (found === null) throw new Error(`a quote that does not end, at ${at}`);
    row.push(found[1]?.replaceAll('""', '"') ?? found[0]);
    at = cell.lastIndex;
    if (text[at] === ",") at++;
    else if (text.startsWith("\r\n", at)) {
      rows.push(row);
      row = [];
      at += 2;
    } else if (at < text.length) throw new Error(`\`${text.slice(at, at + 5)}\` after a cell`);
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/** The HTML of one section of `index.html`, and its text. */
export function sectionOf(html: string, id: string): string {
  const start = html.indexOf(`<article class="section" id="${id}"`);
  if (start === -1) throw new Error(`there is no section ${id}`);
  return html.slice(start, html.indexOf("</article>", start));
}

export function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/\s+/g, " ");
}

export function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), "utf8");
}
