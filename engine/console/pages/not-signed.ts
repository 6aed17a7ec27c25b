/** Why a form was not taken, on a page of its own. */
import { html } from "../markup.ts";
import type { Shown } from "../page.ts";
import { notice } from "../views/parts.ts";

export function notSigned(says: string): Shown {
  return {
    title: "Nothing was signed",
    status: 400,
    body: notice("bad", html`<p role="alert">${says}</p><p>Go back, and send the form again.</p>`),
    seen: "nothing",
  };
}
