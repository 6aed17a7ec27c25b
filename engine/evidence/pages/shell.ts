/**
 * A page of the folder. It stands alone, loads nothing and runs nothing: the policy forbids even a style
 * that is not the one written here, so that an escape that was forgotten could do nothing.
 */
import { createHash } from "node:crypto";
import { CHART_STYLE } from "../../render/charts.ts";
import { STYLE, text } from "../../render/html.ts";

const MORE = `
html { scroll-padding-top: 1rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
.pages { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: 0 0 1.25rem; font-size: .92rem; }
a { color: var(--narrower); }
.contents { columns: 2; column-gap: 2.5rem; font-size: .95rem; margin: 1rem 0 0; }
.contents > div { break-inside: avoid; margin-bottom: 1rem; }
.contents h3 { font-size: .95rem; margin: 0 0 .25rem; }
.contents ol { margin: 0; padding-left: 1.2rem; }
.contents li { margin: .1rem 0; }
.part { font-size: 1.35rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; margin-top: 3rem; }
.rule { list-style: none; padding: 0; margin: 0 0 .9rem; }
.rule > li { padding: .3rem 0 .3rem .8rem; border-left: .25rem solid var(--line); margin: 0 0 .4rem; }
.right { border: 1px solid currentColor; border-radius: .25rem; font-size: .72rem; font-weight: 600; letter-spacing: .02em; padding: 0 .3rem; white-space: nowrap; }
.right.required { color: var(--broader); }
.right.addressable { color: var(--unknown); }
.right.standard, .right.privacy { color: var(--narrower); }
h4 { font-size: .82rem; letter-spacing: .03em; text-transform: uppercase; color: var(--soft); margin: 1.25rem 0 .4rem; }
.answered { font-size: 1.05rem; margin: 0 0 .75rem; }
.facts { grid-template-columns: 1fr; margin: 0 0 .9rem; }
.facts > div { grid-template-columns: minmax(9rem, 16rem) 1fr; }
.warns { border-left: .25rem solid var(--unknown); background: var(--unknown-soft); padding: .5rem .8rem; border-radius: .2rem; margin: .6rem 0; }
.warns strong { color: var(--unknown); }
.scroll { margin: .75rem 0; }
.scroll table { font-size: .86rem; }
.scroll td, .scroll th { padding: .35rem .6rem; overflow-wrap: break-word; max-width: 22rem; }
.scroll tbody th { font-weight: 400; min-width: 4rem; }
.scroll td.number { text-align: right; font-variant-numeric: tabular-nums; }
.scroll td.short, .scroll th.short { white-space: nowrap; }
.scroll td a, .scroll caption a { color: var(--narrower); text-decoration: underline; display: inline; padding: 0; margin: 0; }
.scroll caption .rest { white-space: nowrap; }
.not li, .asks li, .plain-list li { margin: .15rem 0; }
.asks, .not, .plain-list { padding-left: 1.2rem; margin: 0 0 .6rem; }
article.section { border-left-color: var(--line); padding: 1.25rem 1.5rem; }
article.section h3 { font-size: 1.25rem; }
.attention li { margin: .35rem 0; }
figure.chart { border-top: 0; padding-top: 0; margin: .75rem 0; }
figure.chart svg { max-width: 100%; height: auto; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 44rem) { .contents { columns: 1; } .facts > div { grid-template-columns: 1fr; gap: 0; } article.section { padding: 1rem; } }
@media print {
  nav, .skip, .pages { display: none; }
  article.section { break-inside: auto; border: 0; padding: 0; }
  h2, h3, h4, caption { break-after: avoid; }
  .scroll { overflow: visible; border: 0; }
  .scroll table { font-size: 7.5pt; }
  .scroll td, .scroll th { padding: 2pt 3pt; overflow-wrap: anywhere; }
  .scroll td.short, .scroll th.short { white-space: normal; }
  thead { display: table-header-group; }
  .warns, .right { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;

const STYLES = STYLE + CHART_STYLE + MORE;

const HASH = createHash("sha256").update(STYLES, "utf8").digest("base64");

/** `title` is text; the parts are HTML already. */
export function shell(title: string, ...parts: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${HASH}'; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${text(title)}</title>
<style>${STYLES}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
${parts.join("\n")}
</body>
</html>
`;
}

const PAGES: readonly (readonly [string, string])[] = [
  ["index.html", "Evidence"],
  ["activity.html", "Activity report"],
  ["registry.html", "Grant registry"],
  ["history.html", "History of access and policies"],
  ["limits.html", "What this does not show"],
  ["how-to-verify.html", "How to verify"],
];

/** Links to the other pages. */
export function pageLinks(current: string): string {
  const links = PAGES.map(([file, name]) =>
    file === current
      ? `<li><strong aria-current="page">${text(name)}</strong></li>`
      : `<li><a href="${file}">${text(name)}</a></li>`,
  );
  return `<nav aria-label="Pages"><ul class="pages">${links.join("")}</ul></nav>`;
}
