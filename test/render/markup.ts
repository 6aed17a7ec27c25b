/** Reads markup strictly enough to tell whether a text has become part of it. */

const VOID: ReadonlySet<string> = new Set(["meta", "br", "hr", "link", "img", "input"]);

export interface Element {
  readonly name: string;
  readonly attributes: string;
}

const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*)\s*(\/?)>/g;

function body(text: string): string {
  return text.replace(/^<!doctype html>|^<\?xml[^>]*\?>/, "").replace(/<style>[^<]*<\/style>/, "");
}

/** The elements in order, each with its attributes; throws where tags do not match. */
export function elements(text: string): Element[] {
  const found: Element[] = [];
  const open: string[] = [];
  for (const [, closing, name = "", attributes = "", self] of body(text).matchAll(TAG)) {
    if (closing === "/") {
      const expected = open.pop();
      if (expected !== name) throw new Error(`</${name}> closes <${expected}>`);
      continue;
    }
    found.push({ name, attributes });
    if (!VOID.has(name) && self !== "/") open.push(name);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(", ")}`);
  return found;
}

/** What is left when every well-formed tag is taken out: a `<` in it was never escaped. */
export function loose(text: string): string {
  return body(text).replace(TAG, "");
}

/** The text that a reader sees. */
export function shown(text: string): string {
  return loose(text).replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

/**
 * Markdown without what stands in code, and without the tags that the report itself writes: what GitHub
 * could turn into something. A span ends at a run of backticks as long as the one that began it
 * (CommonMark §6.1), and after a backslash none begins.
 */
export function live(markdown: string): string {
  // A summary is a line of HTML, in which Markdown means nothing.
  const summaries = [...markdown.matchAll(/<summary>(.*?)<\/summary>/g)].map(([, of]) => of);
  const rest = markdown.replace(/<summary>.*?<\/summary>/g, "");
  return `${withoutSpans(rest)}\n${summaries.join("\n")}`
    .replace(/<code>[^<]*<\/code>/g, "·")
    .replace(/<\/?(?:details|sub)>/g, "")
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

function withoutSpans(markdown: string): string {
  let out = "";
  for (let at = 0; at < markdown.length; ) {
    if (markdown[at] === "\\") {
      out += "\\ ";
      at += 2;
      continue;
    }
    const run = /`+/y;
    run.lastIndex = at;
    const fence = run.exec(markdown)?.[0];
    if (fence === undefined) {
      out += markdown[at++];
      continue;
    }
    const start = at + fence.length;
    // The end of a paragraph ends every span.
    const paragraph = markdown.slice(start).split("\n\n", 1)[0]!;
    const close = [...paragraph.matchAll(/`+/g)].find(([found]) => found.length === fence.length);
    out += close === undefined ? fence : "·";
    at = close === undefined ? start : start + close.index + fence.length;
  }
  return out;
}

/** The cells of a row of a table (GFM §4.10): a bar ends one unless a backslash escapes it. */
export function cells(row: string): number {
  return row.replace(/\\./g, "").split("|").length - 2;
}
