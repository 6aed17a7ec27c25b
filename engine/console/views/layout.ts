/** The frame of every page: what it is called, where else one can go, who is here. */
import type { Visitor } from "../entry/credential.ts";
import { html, type Markup, name, trusted } from "../markup.ts";
import { STYLE } from "./style.ts";

/** In the order in which a reviewer needs them. */
const PLACES = [
  { path: "/", says: "Overview" },
  { path: "/activity", says: "Activity" },
  { path: "/patient", says: "A patient" },
  { path: "/people", says: "People and agents" },
  { path: "/reviews/activity", says: "Activity review" },
  { path: "/reviews/access", says: "Access review" },
  { path: "/openings", says: "Emergency access" },
  { path: "/servers", says: "Servers" },
  { path: "/releases", says: "Releases" },
  { path: "/log", says: "The log" },
] as const;

export interface Frame {
  readonly title: string;
  readonly path: string;
  readonly visitor: Visitor;
  readonly formToken: string;
}

/** A page of somebody who is in. */
export function framed({ title, path, visitor, formToken }: Frame, body: Markup): string {
  const place = placeOf(path);
  return documentOf(
    `${title} · phiward`,
    html`<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<p class="brand"><a href="/">phiward</a> <span>console</span></p>
<div class="who">
<p><span class="unseen">You are </span>${name(visitor.principal)} <span class="soft">may ${visitor.may === "sign" ? "read and sign" : "read"}</span></p>
<form method="post" action="/leave">${formField(formToken)}<button class="quiet">Log out</button></form>
</div>
</header>
<div class="columns">
<nav aria-label="Pages"><ul>
${PLACES.map(
  ({ path: to, says }) =>
    html`<li><a href="${to}"${place === to ? trusted(' aria-current="page"') : ""}>${says}</a></li>\n`,
)}</ul></nav>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${body}
</main>
</div>
<footer><p>Times are UTC. Patients appear by pseudonym only. What you look at here is recorded. phiward certifies nothing and is not legal advice.</p></footer>`,
  );
}

/** The place that a path belongs to: the longest one that it begins with. */
function placeOf(path: string): string | undefined {
  const under = PLACES.filter(
    ({ path: to }) => path === to || (to !== "/" && path.startsWith(`${to}/`)),
  );
  const found = under.sort((a, b) => b.path.length - a.path.length)[0]?.path;
  if (found !== undefined) return found;
  if (path.startsWith("/records/")) return "/activity";
  return path.startsWith("/grants/") ? "/people" : undefined;
}

/** A page of somebody who is not in: it says nothing about what is behind it. */
export function outside(title: string, body: Markup, refresh?: string): string {
  return documentOf(
    `${title} · phiward`,
    html`<main id="main" class="outside">
<p class="brand">phiward <span>console</span></p>
<h1>${title}</h1>
${body}
</main>`,
    refresh,
  );
}

/** Proves that a form was sent from a page of this session. */
export function formField(formToken: string): Markup {
  return html`<input type="hidden" name="form" value="${formToken}">`;
}

function documentOf(title: string, body: Markup, refresh?: string): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">${
    refresh === undefined
      ? ""
      : html`
<meta http-equiv="refresh" content="0; url=${refresh}">`
  }
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>`.html;
}
