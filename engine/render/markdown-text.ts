/**
 * Texts from outside as Markdown that stays text.
 *
 * Policies, tools and people supply them. They stand in code spans, in which GitHub makes no links,
 * mentions, images, issue references or HTML, so that a pull request cannot write to others, or to its
 * reader, through a report. Prose that could be read as one of them is set as code too; whatever else
 * means something in Markdown is escaped.
 */
import { visible } from "./paint.ts";

/** `title` is a sentence; it stands in HTML, where Markdown means nothing. */
export function details(title: string, body: string): string {
  return `<details><summary>${titleHtml(title)}</summary>\n\n${body}\n\n</details>`;
}

function titleHtml(title: string): string {
  return title
    .split(/`([^`]*)`/)
    .map((part, index) =>
      index % 2 === 1 || LIVE.test(part) ? `<code>${html(part)}</code>` : html(part),
    )
    .join("");
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [row(heads), row(heads.map(() => "---")), ...rows.map(row)].join("\n");
}

/** A sentence of ours, in which names stand between backticks. */
export function sentence(text: string): string {
  return spans(text).join("");
}

/** The same within a table. */
export function cell(text: string): string {
  return spans(text).map(inCell).join("");
}

/**
 * Names as code, and prose between them. Two code spans that touch would become one run of backticks,
 * and what stands in them would be read anew: a space keeps them apart.
 */
function spans(text: string): string[] {
  const parts = text
    .split(/`([^`]*)`/)
    .map((part, index) => (index % 2 === 1 ? code(part) : prose(part)))
    .filter((part) => part !== "");
  return parts.map((part, index) =>
    part.startsWith("`") && parts[index - 1]?.endsWith("`") ? ` ${part}` : part,
  );
}

export function cellCode(text: string): string {
  return inCell(code(text));
}

/**
 * In a table a bar ends the cell, in a code span too, unless a backslash stands before it that no
 * other backslash escapes. After a backslash of its own it can only be spelled out: a cell that ends
 * too early would leave the rest of a text outside of its code span.
 */
function inCell(text: string): string {
  return text.replace(/(\\*)\|/g, (_, slashes: string) =>
    slashes.length % 2 === 0 ? `${slashes}\\|` : `${slashes}\\u007c`,
  );
}

/** As code, whatever it holds: fenced by more backticks than it has in a row. */
export function code(text: string): string {
  const shown = visible(text);
  if (shown.trim() === "") return shown === "" ? "" : "`(blank)`";
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const padding = /^[` ]|[` ]$/.test(shown) ? " " : "";
  return `${fence}${padding}${shown}${padding}${fence}`;
}

/** What GitHub would turn into a mention, a reference, a link or a picture. */
const LIVE = /[@#]|:\/\/|www\.|\bGH-\d|:\w+:|\b[0-9a-f]{7,64}\b/i;

function prose(text: string): string {
  const shown = visible(text);
  if (LIVE.test(shown)) return code(shown);
  // A bar is left to `inCell`; at the start of a line these would make a list.
  return shown.replace(/[\\`*_{}[\]<>~&$]|^[-+=]|(?<=^\d{1,9})[.)]/g, "\\$&");
}

function html(text: string): string {
  return visible(text).replace(/[&<>"'@#:]/g, (c) => `&#${c.codePointAt(0)};`);
}
