/**
 * HTML that cannot forget an escape: what stands between the tags of a template is text unless it is
 * markup already. Text from outside is made visible first (`text`), and isolated where it is a name.
 */
import { text } from "../render/html.ts";

declare const MARKUP: unique symbol;
export interface Markup {
  readonly [MARKUP]: true;
  readonly html: string;
}

type Part = Markup | string | number | undefined | false | readonly Part[];

/** Markup from a template; every part that is no markup is escaped. `undefined` and `false` are nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return trusted(parts.reduce((whole, part, i) => whole + written(values[i - 1]) + part));
}

/** HTML that a renderer of ours has made, and has escaped itself. */
export function trusted(made: string): Markup {
  return { html: made } as Markup;
}

/**
 * A name from outside. `<bdi>` keeps a name in a script that runs from right to left from reordering
 * what stands beside it.
 */
export function name(from: string): Markup {
  return html`<bdi>${from}</bdi>`;
}

export function code(from: string): Markup {
  return html`<code><bdi>${from}</bdi></code>`;
}

function written(part: Part): string {
  if (part === undefined || part === false) return "";
  if (typeof part === "string") return text(part);
  if (typeof part === "number") return String(part);
  return "html" in part ? part.html : part.map(written).join("");
}
