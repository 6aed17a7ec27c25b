/**
 * What a change does, as one page for the person who answers for privacy: first whether to worry,
 * then who is concerned with what, then every change with the call that shows it.
 *
 * The page stands alone: it loads nothing, runs nothing, and prints. Policies, tools and grants supply
 * its text, so everything is escaped, characters that would reorder or hide text are spelled out, and
 * a content security policy forbids what an escape that was forgotten could still do. Colour is never
 * the only mark: shape and words say the same.
 */
import type { Change, ChangeKind, Diff, Side, Verdict, Witness } from "../compare/report.ts";
import { type Group, grouped, saidInTheSentence, toolsCall } from "./diff.ts";
import { plural, visible } from "./paint.ts";
import { safeguardTitle } from "./safeguards.ts";

const MARK: Readonly<Record<Verdict, string>> = {
  broader: "▲",
  unknown: "?",
  narrower: "▼",
  same: "=",
};
const WORD: Readonly<Record<Verdict, string>> = {
  broader: "wider",
  unknown: "not proved",
  narrower: "narrower",
  same: "the same",
};
const KIND: Readonly<Record<ChangeKind, string>> = {
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
};
const EFFECT: Readonly<Record<string, string>> = {
  read: "reads",
  write: "writes",
  financial: "moves money",
  destructive: "deletes or overwrites",
  execute: "runs whatever it is given",
};

/** A wider matrix is read by nobody; the cards have everything. */
const MAX_COLUMNS = 16;
const MAX_ROWS = 60;

export function diffHtml(diff: Diff): string {
  const groups = grouped(diff.changes);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${text(`${WORD[diff.verdict]}: ${diff.base.rev} → ${diff.head.rev}`)}</title>
<style>${STYLE}</style>
</head>
<body>
${header(diff, groups)}
<main>
${matrix(groups)}
${groups.length === 0 ? "" : cards(groups)}
</main>
${footer(diff)}
</body>
</html>`;
}

// ---------------------------------------------------------------- text

/** Text from outside, safe between tags and within a quoted attribute. */
function text(from: string): string {
  return visible(from).replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);
}

/** A sentence of ours, in which names stand between backticks. */
function sentence(from: string): string {
  return text(from).replace(/`([^`]*)`/g, "<code>$1</code>");
}

function capital(from: string): string {
  return from.charAt(0).toUpperCase() + from.slice(1);
}

// ---------------------------------------------------------------- the answer

function header({ verdict, blocks, scope, base, head }: Diff, groups: readonly Group[]): string {
  const consequence = blocks
    ? "It blocks the merge until it is approved."
    : verdict === "same" || verdict === "narrower"
      ? "It does not block the merge."
      : `It does not block the merge: the gate looks at ${scope === "ephi" ? "patient data only, and none is concerned" : "other things"}.`;
  const counts = (["broader", "unknown", "narrower"] as const)
    .map((each) => [each, groups.filter(({ change }) => change.verdict === each).length] as const)
    .filter(([, count]) => count > 0)
    .map(([each, count]) => `<li class="${each}">${mark(each)} ${count} ${WORD[each]}</li>`);
  return `<header class="answer ${verdict}">
<p class="what">Access change review <span class="revisions"><code>${text(base.rev)}</code> → <code>${text(head.rev)}</code></span></p>
<h1>${headline(verdict, groups)}</h1>
<p class="consequence"><strong class="${blocks ? "blocks" : "passes"}">${blocks ? "Blocks" : "Passes"}</strong> ${consequence}</p>
${counts.length === 0 ? "" : `<ul class="counts">${counts.join("")}</ul>`}
</header>`;
}

function headline(verdict: Verdict, groups: readonly Group[]): string {
  switch (verdict) {
    case "same":
      return "Nothing changes: every call is decided as before.";
    case "narrower":
      return "Nothing more becomes possible; some of what was possible no longer is.";
    case "unknown":
      return "It could not be proved that nothing more becomes possible.";
    case "broader": {
      const wider = groups.filter(({ change }) => change.verdict === "broader");
      const calls = wider.filter(({ change }) => change.by === "proof");
      if (calls.length === 0) return "A setting that protects access becomes weaker.";
      return calls.some(({ change }) => change.ephi)
        ? "More can be done with patient data than before."
        : "More can be done than before, but not with patient data.";
    }
  }
}

function mark(verdict: Verdict): string {
  return `<span class="mark ${verdict}" aria-hidden="true">${MARK[verdict]}</span>`;
}

function footer({ base, head, scope, cells }: Diff): string {
  return `<footer>
<p>Every combination of grant and tool was compared for all calls, not for a sample: ${plural(cells.total, "combination")}, of which ${cells.compared} changed and ${cells.equivalent} of those proved equal. “By proof” means that a concrete call was replayed on both sides, or that no such call exists; “by rule” means that a setting became weaker or stronger by a published order. Values of grant attributes are not shown.</p>
<dl class="digests">
<div><dt>Before</dt><dd><code>${text(base.digest)}</code></dd></div>
<div><dt>After</dt><dd><code>${text(head.digest)}</code></dd></div>
<div><dt>The gate looks at</dt><dd>${scope === "ephi" ? "patient data (ePHI)" : "everything"}</dd></div>
</dl>
</footer>`;
}

// ---------------------------------------------------------------- who × tool

const EVERYONE = "everyone";
const IN_GENERAL = "in general";

interface Cell {
  readonly verdict: Verdict;
  readonly group: number;
  readonly change: Change;
}

function matrix(groups: readonly Group[]): string {
  const rows = new Map<string, Map<string, Cell[]>>();
  const who = new Map<string, string>();
  const columns = new Map<string, { name: string; server: string; ephi: boolean }>();
  for (const [index, { members }] of groups.entries()) {
    for (const change of members) {
      const row = change.grant ?? EVERYONE;
      const column = columnOf(change);
      if (!columns.has(column.key)) columns.set(column.key, column);
      who.set(row, change.principal ?? "");
      const cells = rows.get(row) ?? new Map<string, Cell[]>();
      rows.set(row, cells);
      const cell: Cell = { verdict: change.verdict, group: index, change };
      cells.set(column.key, [...(cells.get(column.key) ?? []), cell]);
    }
  }
  if (rows.size === 0) return "";
  // What is about no tool, and what is about nobody in particular, stands at the end.
  const last = (name: string): number => Number(name === EVERYONE || name === IN_GENERAL);
  const shown = [...columns]
    .sort(([, a], [, b]) => last(a.name) - last(b.name))
    .slice(0, MAX_COLUMNS);
  const people = [...rows].sort(([a], [b]) => last(a) - last(b)).slice(0, MAX_ROWS);
  const left = [
    ...(columns.size > shown.length ? [plural(columns.size - shown.length, "more tool")] : []),
    ...(rows.size > people.length ? [plural(rows.size - people.length, "more grant")] : []),
  ];
  const heads = shown
    .map(
      ([, { name, server, ephi }]) =>
        `<th scope="col"><span class="target">${text(name)}</span>${server === "" ? "" : `<span class="server">${text(server)}</span>`}${ephi ? EPHI : ""}</th>`,
    )
    .join("");
  const body = people
    .map(([grant, cells]) => {
      const principal = who.get(grant) ?? "";
      const head = `<th scope="row"><span class="target">${text(grant)}</span>${principal === "" ? "" : `<span class="server">${text(principal)}</span>`}</th>`;
      return `<tr>${head}${shown.map(([key]) => matrixCell(cells.get(key) ?? [])).join("")}</tr>`;
    })
    .join("\n");
  return `<section aria-labelledby="who">
<h2 id="who">Who is concerned</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="who">
<table>
<caption>Each row is a grant, each column a tool. ${legend()}</caption>
<thead><tr><td></td>${heads}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</div>
${left.length === 0 ? "" : `<p class="more">${left.join(" and ")}: see the list below.</p>`}
</section>`;
}

function columnOf({ tool, method, server, ephi }: Change): {
  key: string;
  name: string;
  server: string;
  ephi: boolean;
} {
  const target = tool !== null && tool !== "" ? tool : method;
  if (target === null)
    return { key: `in general ${server}`, name: IN_GENERAL, server: server ?? "", ephi: false };
  return { key: JSON.stringify([server, target]), name: target, server: server ?? "", ephi };
}

function legend(): string {
  return (["broader", "narrower", "unknown"] as const)
    .map((verdict) => `<span class="key">${mark(verdict)} ${WORD[verdict]}</span>`)
    .join(" ");
}

function matrixCell(cells: readonly Cell[]): string {
  if (cells.length === 0) return `<td class="none"><span class="unseen">no change</span></td>`;
  const links = cells.map(({ verdict, group, change }) => {
    const { before, after, by, kind } = change;
    const detail =
      by === "proof" && before !== undefined && after !== undefined && kind !== "quota"
        ? `${before} → ${after}`
        : KIND[kind].toLowerCase();
    return `<a class="${verdict}" href="#change-${group + 1}">${mark(verdict)} <span><span class="unseen">${WORD[verdict]}: </span>${text(kind === "expiry" ? "dates" : detail)}</span></a>`;
  });
  return `<td>${[...new Set(links)].join("")}</td>`;
}

const EPHI = `<abbr class="ephi" title="electronic protected health information">ePHI</abbr>`;

// ---------------------------------------------------------------- one card a change

function cards(groups: readonly Group[]): string {
  return `<section aria-labelledby="changes">
<h2 id="changes">${plural(groups.length, "change")}, the gravest first</h2>
${groups.map(card).join("\n")}
</section>`;
}

function card({ change, grants, members }: Group, index: number): string {
  const { verdict, kind, by, summary, ephi, effect, before, after, file, line } = change;
  const id = `change-${index + 1}`;
  const said =
    grants.length > 1
      ? summary.replace(`\`${grants[0]}\``, `\`${grants[0]}\` and ${grants.length - 1} more`)
      : summary;
  const compared =
    before === undefined || saidInTheSentence(change)
      ? ""
      : `<p class="compared">${side(before, "Before")}<span class="arrow" aria-hidden="true">→</span>${side(after ?? "", "After")}</p>`;
  return `<article id="${id}" class="${verdict}" aria-labelledby="${id}-title">
<p class="kind">${mark(verdict)} <span>${capital(WORD[verdict])}</span> <span class="aspect">${KIND[kind]}</span>${ephi ? EPHI : ""}</p>
<h3 id="${id}-title">${sentence(capital(said))}.</h3>
${compared}
<dl>
${fact("Who", people(members))}
${fact("Patient data", ephi ? "yes, it may be concerned" : "no")}
${effect === null ? "" : fact("Effect", EFFECT[effect]!)}
${fact("Known", by === "rule" ? "by rule" : verdict === "unknown" ? "not proved" : "by proof")}
${fact("File", `<code>${text(`${file}:${line}`)}</code>`)}
${fact("Safeguards", safeguards(change))}
</dl>
${change.witness === undefined ? "" : witness(change, change.witness)}
</article>`;
}

function side(value: string, name: string): string {
  return `<span class="side"><span class="name">${name}</span> ${text(value)}</span>`;
}

function fact(name: string, html: string): string {
  return html === "" ? "" : `<div><dt>${name}</dt><dd>${html}</dd></div>`;
}

function people(members: readonly Change[]): string {
  const named = members.flatMap(({ grant, principal }) =>
    grant === null
      ? []
      : [
          `${text(principal ?? "")} <span class="aside">by grant <code>${text(grant)}</code></span>`,
        ],
  );
  if (named.length === 0)
    return members[0]!.server === null ? "" : "everyone who may use the server";
  return named.length === 1
    ? named[0]!
    : `<ul>${named.map((name) => `<li>${name}</li>`).join("")}</ul>`;
}

function safeguards({ safeguards: sections }: Change): string {
  return sections
    .map((section) => {
      const title = safeguardTitle(section);
      return `<span class="section">§${text(section)}${title === "" ? "" : ` <span class="aside">${title}</span>`}</span>`;
    })
    .join(" ");
}

function witness({ baseDecision, headDecision }: Change, shown: Witness): string {
  const when = shown.at.slice(0, 16).replace("T", " at ");
  const calls = shown.sequence?.calls.length;
  const intro =
    calls === undefined
      ? `This call of <code>${text(shown.grant)}</code> on ${text(when)} UTC shows it:`
      : `The last of ${plural(calls, "call")} of <code>${text(shown.grant)}</code> on ${text(when)} UTC, within one window, shows it:`;
  return `<figure>
<figcaption>${intro}</figcaption>
<pre tabindex="0"><code>${request(shown)}</code></pre>
<p class="decisions">${decision("Before", baseDecision)}${decision("After", headDecision)}</p>
</figure>`;
}

/** What is spelled out within a text is spelled as JSON does, so the request still runs. */
function request(shown: Witness): string {
  return spread(JSON.parse(toolsCall(shown)), "")
    .split("\n")
    .map(text)
    .join("\n");
}

const WIDTH = 84;

/** JSON of which each part stands on one line if it fits there. */
function spread(value: unknown, indent: string): string {
  const line = JSON.stringify(value);
  if (typeof value !== "object" || value === null || indent.length + line.length <= WIDTH)
    return line;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((element) => spread(element, inner))
    : Object.entries(value).map(([key, of]) => `${JSON.stringify(key)}: ${spread(of, inner)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

function decision(name: string, said: Side | undefined): string {
  if (said === undefined) return "";
  const { verdict, rule } = said;
  const how = verdict === "allow" ? "allowed" : `denied by <code>${text(rule)}</code>`;
  return `<span class="decision ${verdict}"><span class="name">${name}</span> <span aria-hidden="true">${verdict === "allow" ? "✓" : "✗"}</span> ${how}</span>`;
}

// ---------------------------------------------------------------- how it looks

const STYLE = `
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
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; font-size: .88rem; }
footer dl { grid-template-columns: 1fr; }
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --code: #f4f4f4; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  article, tr, figure { break-inside: avoid; }
  h2 { break-after: avoid; }
  pre { white-space: pre-wrap; }
  .answer, article, .blocks, .passes, td a, .compared { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
