/** The pages of somebody who is not in yet. */
import { html, type Markup } from "../markup.ts";
import { outside } from "./layout.ts";

export interface Ways {
  /** The name of the issuer at which people log in. */
  readonly issuer?: string | undefined;
}

export type Why = "refused" | "wait" | "over";

const SAYS: Readonly<Record<Why, string>> = {
  refused:
    "That did not let you in. A reviewer’s grant has `audit: read` or `audit: sign`, is in force, and the login is fresh.",
  wait: "Too many attempts. Try again in a minute.",
  over: "You have been logged out.",
};

export function loginPage({ issuer }: Ways, why?: Why): string {
  return outside(
    "Log in",
    html`${why !== undefined && html`<div class="notice ${why === "over" ? "" : "bad"}" role="status"><p>${SAYS[why].replaceAll("`", "")}</p></div>`}
${
  issuer !== undefined &&
  html`<p><a class="button" href="/enter/issuer">Log in with ${issuer}</a></p>
<h2>Or with a grant token</h2>`
}
<form class="stack" method="post" action="/enter">
<div class="field"><label for="token">Your own grant token</label>
<input id="token" name="token" type="password" autocomplete="off" required maxlength="100" spellcheck="false" aria-describedby="token-hint">
<p class="hint" id="token-hint">It begins with phw_ and is checked, not kept. The address that phiward console prints at its start needs none.</p></div>
<button>Log in</button>
</form>`,
  );
}

/** A link alone changes nothing: who looks at it ahead of its reader must not use it up. */
export function codePage(code: string): string {
  return outside(
    "Log in",
    html`<p>This link works once, and for a few minutes.</p>
<form method="post" action="/enter"><input type="hidden" name="code" value="${code}"><button autofocus>Enter the console</button></form>`,
  );
}

/**
 * Between an issuer and the first page. A redirect from another site would not carry the session's
 * cookie (SameSite=Strict); a page of ours that goes on by itself does.
 */
export function arrivedPage(): string {
  return outside("You are in", html`<p><a href="/">Go on to the console</a></p>`, "/");
}

export function failurePage(title: string, says: string, help: string): Markup {
  return html`<div class="notice bad" role="alert"><p>${says}</p><p>${help}</p></div><p class="soft">${title}</p>`;
}
