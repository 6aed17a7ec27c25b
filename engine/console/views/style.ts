/**
 * The one stylesheet. It stands in every page, and the content policy names its hash, so that no
 * other style, and nothing else at all, can be loaded. Colour is never the only mark.
 */
import { createHash } from "node:crypto";
import { CHART_STYLE } from "../../render/charts.ts";

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1c1b19; --soft: #5d5a54; --line: #dedad2; --edge: #8f897e; --code: #f3f0ea;
  --bad: #b3261e; --bad-soft: #fcebe9; --link: #1f5fa8; --link-soft: #e8f0f9;
  --look: #7a5000; --look-soft: #fbf1dc; --good: #2c6e3f; --good-soft: #e8f3ea; --ephi: #6d2f8f;
  --broader: var(--bad); --narrower: var(--link);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161513; --card: #1f1e1b; --ink: #ece9e2; --soft: #a5a096; --line: #3a3732; --edge: #7d776d; --code: #292723;
    --bad: #ff8a80; --bad-soft: #3b1f1c; --link: #8ab8f0; --link-soft: #1c2a3a;
    --look: #f0c060; --look-soft: #352a14; --good: #86d09a; --good-soft: #1b2e20; --ephi: #d3a4ee;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .9em; }
code { overflow-wrap: anywhere; }
td, th, td code, th code { overflow-wrap: break-word; }
a { color: var(--link); text-underline-offset: .15em; }
p { margin: 0 0 .6rem; max-width: 46rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .6rem; text-wrap: balance; }
h2 { font-size: 1.15rem; margin: 2rem 0 .7rem; }
h3 { font-size: 1rem; margin: 0 0 .4rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft { color: var(--soft); }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .3rem .7rem; border-radius: .3rem; z-index: 1; }
input:focus-within, :focus-visible { outline: .17rem solid var(--link); outline-offset: .12rem; border-radius: .2rem; }
main:focus { outline: none; }
.top { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; align-items: center; justify-content: space-between;
  padding: .65rem 1.5rem; background: var(--card); border-bottom: 1px solid var(--line); }
.top p { margin: 0; }
.brand { font-weight: 700; letter-spacing: .01em; }
.brand a { color: inherit; text-decoration: none; }
.brand span { font-weight: 400; color: var(--soft); }
.who { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: center; font-size: .92rem; }
.columns { display: grid; grid-template-columns: 13.5rem minmax(0, 1fr); max-width: 88rem; }
nav[aria-label="Pages"] { padding: 1.4rem 0 1rem 1rem; }
nav[aria-label="Pages"] ul { list-style: none; margin: 0; padding: 0; position: sticky; top: 1rem; }
nav[aria-label="Pages"] a { display: block; padding: .38rem .8rem; border-radius: .4rem; color: var(--ink); text-decoration: none; border-left: .2rem solid transparent; }
nav[aria-label="Pages"] a:hover { background: var(--code); }
nav[aria-label="Pages"] a[aria-current] { background: var(--link-soft); border-left-color: var(--link); font-weight: 600; }
main { padding: 1.6rem 1.5rem 2rem; min-width: 0; }
body > footer { border-top: 1px solid var(--line); padding: .8rem 1.5rem 1.2rem; color: var(--soft); font-size: .85rem; }
body > footer p { margin: 0; max-width: none; }
.outside { max-width: 30rem; margin: 8vh auto 0; padding: 1.75rem 2rem 2rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.outside .brand { margin-bottom: 1.2rem; }
.lead { font-size: 1.05rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(15.5rem, 1fr)); gap: .9rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.card { background: var(--card); border: 1px solid var(--line); border-top: .3rem solid var(--line); border-radius: .5rem; padding: .8rem 1rem .9rem; }
.card .mark { white-space: normal; }
.card p { margin: 0 0 .3rem; font-size: .95rem; }
.card .figure { font-size: 1.7rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.card.good { border-top-color: var(--good); }
.card.look { border-top-color: var(--look); }
.card.bad { border-top-color: var(--bad); }
.notice { border: 1px solid var(--line); border-left: .3rem solid var(--edge); background: var(--card); border-radius: .4rem; padding: .6rem .9rem; margin: 0 0 1rem; max-width: 46rem; }
.notice.good { border-left-color: var(--good); background: var(--good-soft); }
.notice.look { border-left-color: var(--look); background: var(--look-soft); }
.notice.bad { border-left-color: var(--bad); background: var(--bad-soft); }
.notice p:last-child { margin: 0; }
.mark { font-weight: 650; white-space: nowrap; }
.mark.good { color: var(--good); } .mark.look { color: var(--look); } .mark.bad { color: var(--bad); }
.ephi { border: 1px solid currentColor; border-radius: .25rem; color: var(--ephi); font-size: .72rem; font-weight: 600; padding: 0 .3rem; text-decoration: none; white-space: nowrap; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin: 0 0 1rem; }
table { border-collapse: collapse; min-width: 100%; font-size: .92rem; }
caption { text-align: left; padding: .55rem .7rem; font-size: .88rem; color: var(--soft); border-bottom: 1px solid var(--line); }
th, td { border-top: 1px solid var(--line); padding: .42rem .7rem; text-align: left; vertical-align: top; }
thead th { border-top: 0; vertical-align: bottom; font-size: .85rem; color: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; }
tbody tr:hover { background: var(--code); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td time, th time { white-space: nowrap; font-variant-numeric: tabular-nums; }
td .sub, th .sub { display: block; font-weight: 400; font-size: .86rem; color: var(--soft); }
td ul { margin: 0; padding: 0; list-style: none; }
form.filters { display: flex; flex-wrap: wrap; gap: .6rem .9rem; align-items: end; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; margin: 0 0 1rem; }
.field { display: grid; gap: .15rem; }
.field > label, legend { font-size: .85rem; color: var(--soft); }
fieldset { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem .8rem; margin: 0 0 1rem; }
input, select, textarea, button { font: inherit; color: inherit; }
input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea { background: var(--paper); border: 1px solid var(--edge); border-radius: .35rem; padding: .32rem .55rem; max-width: 100%; }
select { max-width: 15rem; }
textarea { width: 100%; max-width: 46rem; min-height: 4.5rem; }
.stack { display: grid; gap: .8rem; justify-items: start; max-width: 46rem; }
.stack .field { width: 100%; }
.field .hint { font-size: .86rem; color: var(--soft); margin: 0; }
.days { display: flex; flex-wrap: wrap; gap: .6rem; }
.check { display: flex; gap: .5rem; align-items: baseline; }
button, .button { background: var(--link); color: var(--card); border: 1px solid var(--link); border-radius: .35rem; padding: .35rem .9rem; font-weight: 600; cursor: pointer; text-decoration: none; display: inline-block; }
button:hover, .button:hover { filter: brightness(1.1); }
button.quiet, .button.quiet { background: transparent; color: var(--link); border-color: var(--edge); font-weight: 400; padding: .2rem .7rem; }
.actions { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin: 0 0 1rem; }
.actions p { margin: 0; }
dl.facts { display: grid; grid-template-columns: minmax(9rem, max-content) minmax(0, 1fr); gap: .25rem 1.2rem; margin: 0 0 1rem; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: .35rem; padding: .7rem .9rem; margin: 0 0 1rem; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.45; }
.findings { list-style: none; margin: 0 0 1rem; padding: 0; display: grid; gap: .7rem; }
.findings > li { background: var(--card); border: 1px solid var(--line); border-left: .35rem solid var(--edge); border-radius: .5rem; padding: .75rem 1.1rem; max-width: 60rem; }
.findings > li.bad { border-left-color: var(--bad); }
.findings > li.look { border-left-color: var(--look); }
.findings > li.good { border-left-color: var(--good); }
progress { width: 100%; max-width: 24rem; accent-color: var(--link); }
figure { margin: 0 0 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
figcaption { color: var(--soft); font-size: .9rem; margin-bottom: .4rem; }
figure svg { display: block; max-width: 100%; height: auto; }
details > summary { cursor: pointer; color: var(--link); }
@media (max-width: 52rem) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  nav[aria-label="Pages"] { padding: .5rem 1rem; border-bottom: 1px solid var(--line); }
  nav[aria-label="Pages"] ul { display: flex; flex-wrap: wrap; position: static; }
  nav[aria-label="Pages"] a { padding: .25rem .6rem; }
  main { padding: 1.1rem 1rem; }
  dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dl.facts dd { margin-bottom: .45rem; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --code: #f4f4f4; }
  .top form, nav, form, .actions, .skip { display: none; }
  .columns { display: block; }
  main { padding: 0; }
  .top, body > footer { padding: .3rem 0; }
  body { font-size: 10pt; }
  tr, figure, .findings > li, .card { break-inside: avoid; }
  h2 { break-after: avoid; }
  .scroll { overflow: visible; border: 0; }
  .notice, .card { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
${CHART_STYLE}`;

/** CSP Level 3 §2.3.1: the hash by which a content policy names the stylesheet. */
export const STYLE_HASH = `sha256-${createHash("sha256").update(STYLE).digest("base64")}`;
