/**
 * What every page is made of. A page stands alone: it loads nothing, runs nothing, and prints.
 * Policies, tools and grants supply its text, so everything is escaped, characters that would reorder
 * or hide text are spelled out, and a content security policy forbids what an escape that was
 * forgotten could still do. Colour is never the only mark: shape and words say the same.
 */
import type { ChangeKind, Verdict } from "../compare/report.ts";
import { CHART_STYLE } from "./chart-style.ts";
import { visible } from "./paint.ts";

export const MARK: Readonly<Record<Verdict, string>> = {
  broader: "▲",
  unknown: "?",
  narrower: "▼",
  same: "=",
};
export const WORD: Readonly<Record<Verdict, string>> = {
  broader: "wider",
  unknown: "not proved",
  narrower: "narrower",
  same: "the same",
};
export const KIND: Readonly<Record<ChangeKind, string>> = {
  access: "What may be called",
  quota: "How often",
  expiry: "Until when",
  "grant-added": "A new grant",
  "grant-removed": "A grant less",
  identity: "Who it is",
  server: "The server",
  label: "What a tool is said to be",
  pin: "The reviewed definition of a tool",
  gate: "Who watches over changes",
  test: "An expected denial",
  suppression: "A finding that is not reported",
  trust: "Whom releases are trusted from",
  workflow: "What runs the gate",
};
export const EFFECT: Readonly<Record<string, string>> = {
  read: "reads",
  write: "writes",
  financial: "moves money",
  destructive: "deletes or overwrites",
  execute: "runs whatever it is given",
};

/** A whole page around its parts, which are HTML already. */
export function page(title: string, ...parts: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${text(title)}</title>
<style>${STYLE}${CHART_STYLE}</style>
</head>
<body>
${parts.join("\n")}
</body>
</html>`;
}

/** Text from outside, safe between tags and within a quoted attribute. */
export function text(from: string): string {
  return visible(from).replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);
}

/** A sentence of ours, in which names stand between backticks. */
export function sentence(from: string): string {
  return text(from).replace(/`([^`]*)`/g, "<code>$1</code>");
}

export function mark(verdict: Verdict): string {
  return `<span class="mark ${verdict}" aria-hidden="true">${MARK[verdict]}</span>`;
}

export const EPHI = `<abbr class="ephi" title="electronic protected health information">ePHI</abbr>`;

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1c1b19; --soft: #5d5a54; --line: #dedad2; --code: #f3f0ea;
  --broader: #b3261e; --broader-soft: #fcebe9; --narrower: #1f5fa8; --narrower-soft: #e8f0f9;
  --unknown: #8a5a00; --unknown-soft: #fbf1dc; --same: #2c6e3f; --same-soft: #e8f3ea; --ephi: #6d2f8f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161513; --card: #1f1e1b; --ink: #ece9e2; --soft: #a5a096; --line: #3a3732; --code: #292723;
    --broader: #ff8a80; --broader-soft: #3b1f1c; --narrower: #8ab8f0; --narrower-soft: #1c2a3a;
    --unknown: #f0c060; --unknown-soft: #352a14; --same: #86d09a; --same-soft: #1b2e20; --ephi: #d3a4ee;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.5rem 3rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .9em; }
code { overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: .25rem 0 .75rem; text-wrap: balance; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; }
h3 { font-size: 1.1rem; line-height: 1.4; margin: .25rem 0 .75rem; font-weight: 600; }
h3 code { font-weight: 600; background: var(--code); border-radius: .2rem; padding: .05em .3em; }
p { margin: 0 0 .5rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.mark { font-weight: 700; font-family: "Segoe UI Symbol", "DejaVu Sans", sans-serif; }
.broader > .mark, .mark.broader { color: var(--broader); }
.narrower > .mark, .mark.narrower { color: var(--narrower); }
.unknown > .mark, .mark.unknown { color: var(--unknown); }
.answer { background: var(--card); border: 1px solid var(--line); border-top: .4rem solid var(--same); border-radius: .5rem; padding: 1.25rem 1.5rem; }
.answer.broader { border-top-color: var(--broader); }
.answer.narrower { border-top-color: var(--narrower); }
.answer.unknown { border-top-color: var(--unknown); }
.what, .aside, .server, figcaption, footer, caption, .more { color: var(--soft); }
.what { display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: space-between; font-size: .9rem; }
.consequence { font-size: 1.05rem; }
.blocks, .passes { display: inline-block; border-radius: 1rem; padding: .05rem .7rem; margin-right: .35rem; color: var(--card); }
.blocks { background: var(--broader); }
.passes { background: var(--same); }
.counts { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: .75rem 0 0; }
.ephi { border: 1px solid currentColor; border-radius: .25rem; color: var(--ephi); font-size: .72rem; font-weight: 600; letter-spacing: .02em; padding: 0 .3rem; text-decoration: none; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; min-width: 100%; font-size: .92rem; }
caption { text-align: left; padding: .6rem .9rem; font-size: .88rem; border-bottom: 1px solid var(--line); }
.key { margin-left: .75rem; white-space: nowrap; }
th, td { border-top: 1px solid var(--line); border-left: 1px solid var(--line); padding: .45rem .9rem; text-align: left; vertical-align: top; }
tr > :first-child { border-left: 0; }
thead > tr > * { border-top: 0; vertical-align: bottom; }
th { font-weight: 600; }
th .target { display: block; overflow-wrap: anywhere; }
th .server { display: block; font-weight: 400; font-size: .85rem; overflow-wrap: anywhere; }
tbody th { min-width: 9rem; }
td.none { background: repeating-linear-gradient(135deg, transparent 0 .45rem, var(--code) .45rem .5rem); }
td a { display: flex; gap: .4rem; color: inherit; text-decoration: none; border-radius: .3rem; padding: .1rem .4rem; margin: .1rem -.3rem; }
td a:hover > span:last-child { text-decoration: underline; }
td a.broader, .compared { background: var(--broader-soft); }
td a.narrower, .narrower .compared { background: var(--narrower-soft); }
td a.unknown, .unknown .compared { background: var(--unknown-soft); }
a:focus-visible, [tabindex]:focus-visible { outline: .15rem solid var(--narrower); outline-offset: .1rem; }
article { background: var(--card); border: 1px solid var(--line); border-left: .35rem solid var(--line); border-radius: .5rem; padding: 1rem 1.25rem; margin: 0 0 1rem; }
article.broader { border-left-color: var(--broader); }
article.narrower { border-left-color: var(--narrower); }
article.unknown { border-left-color: var(--unknown); }
article:target { outline: .15rem solid var(--narrower); }
.kind { display: flex; flex-wrap: wrap; align-items: center; gap: .2rem .5rem; font-size: .9rem; margin: 0; font-weight: 600; }
article.broader .kind > span:not(.aspect) { color: var(--broader); }
article.narrower .kind > span:not(.aspect) { color: var(--narrower); }
article.unknown .kind > span:not(.aspect) { color: var(--unknown); }
.aspect { color: var(--soft); font-weight: 400; }
.compared { display: flex; flex-wrap: wrap; gap: .15rem .75rem; border-radius: .35rem; padding: .35rem .7rem; margin-bottom: .75rem; overflow-wrap: anywhere; }
.name { color: var(--soft); font-size: .85rem; }
dl { margin: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: .3rem 1.5rem; }
dl > div { display: grid; grid-template-columns: 6.5rem 1fr; gap: .5rem; }
dt { color: var(--soft); font-size: .88rem; padding-top: .08rem; }
dd { margin: 0; overflow-wrap: anywhere; }
dd ul { margin: 0; padding: 0; list-style: none; }
.aside { font-size: .88rem; }
.section { display: block; }
@media (max-width: 32rem) { dl { grid-template-columns: 1fr; } body { padding: 1rem .75rem; } }
figure { margin: .9rem 0 0; border-top: 1px solid var(--line); padding-top: .75rem; }
figcaption { font-size: .92rem; margin-bottom: .4rem; }
pre { background: var(--code); border-radius: .35rem; padding: .7rem .9rem; margin: 0 0 .5rem; overflow-x: auto; line-height: 1.4; }
pre code { overflow-wrap: normal; }
.decisions { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin: 0; }
.decision.deny > span[aria-hidden] { color: var(--same); }
.decision.allow > span[aria-hidden] { color: var(--broader); }
.why { margin: .75rem 0 0; padding-left: 1.2rem; }
.plain { border-collapse: collapse; min-width: 0; font-size: .95rem; margin: 0 0 .75rem; }
.plain th, .plain td { border: 0; border-bottom: 1px solid var(--line); padding: .3rem 1rem .3rem 0; }
.plain thead th { color: var(--soft); font-size: .85rem; font-weight: 400; }
.plain tbody th { font-weight: 400; color: var(--soft); min-width: 7.5rem; }
.plain td { overflow-wrap: anywhere; min-width: 5rem; }
.plain tbody th { white-space: nowrap; }
.plain tbody th:has(code) { white-space: normal; }
.plain .after { font-weight: 600; }
article.broader .after { background: var(--broader-soft); }
article.unknown .after { background: var(--unknown-soft); }
article.narrower .after { background: var(--narrower-soft); }
.recorded { border-left: .25rem solid var(--unknown); padding-left: .7rem; }
.commitment { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: .75rem 0 0; max-width: 50rem; }
.good { color: var(--same); font-weight: 700; }
.look { color: var(--unknown); font-weight: 700; }
.bad { color: var(--broader); font-weight: 700; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; font-size: .88rem; }
footer dl { grid-template-columns: 1fr; }
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --code: #f4f4f4; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  article, tr, figure { break-inside: avoid; }
  h2 { break-after: avoid; }
  pre { white-space: pre-wrap; }
  .answer, article, .blocks, .passes, td a, .compared, .after { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
