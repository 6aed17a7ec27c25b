/** Colours for a terminal, or none. Renderers are pure: who calls them knows the terminal. */
import { styleText } from "node:util";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan" | "magenta";
export type Paint = (style: Style | readonly Style[], text: string) => string;

export const plain: Paint = (_, text) => text;
export const ansi: Paint = (style, text) =>
  styleText([style].flat() as Parameters<typeof styleText>[0], text, { validateStream: false });

/**
 * Text that a policy, a tool or a file supplies, made safe for a terminal: control characters and
 * escape sequences could otherwise rewrite what a reviewer reads.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(
      /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
      (c) => {
        const code = c.codePointAt(0)!.toString(16).padStart(4, "0");
        return c === "\n" ? "\\n" : c === "\t" ? "\\t" : `\\u${code}`;
      },
    );
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Rows as columns, each as wide as its widest cell; `paintCell` colours after measuring. */
export function columns(
  rows: readonly (readonly string[])[],
  paintCell: (text: string, column: number, row: number) => string = (text) => text,
): string[] {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, i) => Math.max(known[i] ?? 0, cell.length)),
    [],
  );
  return rows.map((row, r) =>
    row
      .map(
        (cell, i) =>
          paintCell(cell, i, r) +
          (i === row.length - 1 ? "" : " ".repeat(widths[i]! - cell.length)),
      )
      .join("  ")
      .trimEnd(),
  );
}
