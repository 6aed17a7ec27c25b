/** JSON with comments, as editors' settings are written, made JSON without moving anything. */

/**
 * Comments and the comma before a closing bracket become blanks, so every place stays what it was.
 * One pass: a file of a megabyte of opened comments must not take minutes.
 */
export function blankComments(text: string): string {
  const blanks: [from: number, to: number][] = [];
  /** A comma after which nothing but white space and comments has come. */
  let comma: number | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === " " || char === "\t" || char === "\r" || char === "\n") continue;
    if (char === "/" && (text[at + 1] === "/" || text[at + 1] === "*")) {
      const end = endOfComment(text, at);
      blanks.push([at, end]);
      at = end - 1;
      continue;
    }
    if ((char === "]" || char === "}") && comma !== undefined) blanks.push([comma, comma + 1]);
    comma = char === "," ? at : undefined;
    if (char === '"') at = endOfText(text, at);
  }
  return blanked(text, blanks);
}

function endOfComment(text: string, at: number): number {
  const isLine = text[at + 1] === "/";
  const end = text.indexOf(isLine ? "\n" : "*/", at + 2);
  if (end === -1) return text.length;
  return isLine ? end : end + 2;
}

/** Where the text ends that starts at a quote. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"' && text[at] !== "\n") at += text[at] === "\\" ? 2 : 1;
  return at;
}

function blanked(text: string, blanks: readonly [number, number][]): string {
  const parts: string[] = [];
  let kept = 0;
  for (const [from, to] of [...blanks].sort(([a], [b]) => a - b)) {
    parts.push(text.slice(kept, from), text.slice(from, to).replace(/[^\n]/g, " "));
    kept = to;
  }
  return parts.join("") + text.slice(kept);
}
