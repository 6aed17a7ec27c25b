/** Emergency access: 45 CFR §164.312(a)(2)(ii). What was opened stays here until a person has reviewed it. */
import { plural } from "../../render/paint.ts";
import { html, type Markup, name } from "../markup.ts";
import type { OpeningSeen } from "../models/openings.ts";
import { formField } from "./layout.ts";
import { count, facts, mark, recordLink, table, time } from "./parts.ts";

export interface Signing {
  readonly maySign: boolean;
  readonly formToken: string;
}

export function openingsBody(openings: readonly OpeningSeen[], signing: Signing): Markup {
  const awaiting = openings.filter(({ review }) => review === null);
  const reviewed = openings.filter(({ review }) => review !== null);
  return html`<p>A break-glass grant is dormant until one of its openers opens it, with a reason and for a time. Every opening stays here until a person has looked at it and signed.</p>
<h2>Awaiting review</h2>
${awaiting.length === 0 ? html`<p>${mark("good", "None.")}</p>` : html`<ul class="findings">${awaiting.map((one) => awaitingItem(one, signing))}</ul>`}
<h2>Reviewed</h2>
${table({
  caption: `${plural(reviewed.length, "opening")}, newest first`,
  columns: [
    { title: "Opened", sort: "descending" },
    { title: "Grant" },
    { title: "By" },
    { title: "Reason" },
    { title: "Calls", number: true },
    { title: "Reviewed" },
    { title: "Record", number: true },
  ],
  rows: reviewed.map(({ at, grant, by, reason, calls, review, seq }) => [
    time(at),
    name(grant),
    name(by),
    html`${reason}`,
    count(calls),
    html`${time(review!.at)}<span class="sub">by ${name(review!.by)}, record ${recordLink(review!.seq)}${review!.note !== null && html`: ${review!.note}`}</span>`,
    recordLink(seq),
  ]),
  none: "None yet.",
})}`;
}

function awaitingItem(opening: OpeningSeen, { maySign, formToken }: Signing): Markup {
  const { id, grant, by, reason, at, until, closed, calls, seq } = opening;
  const [from, to] = [at, closed ?? until].map((one) => one.slice(0, 10));
  return html`<li class="bad"><h3>${name(grant)}, opened by ${name(by)}</h3>
${facts([
  ["Reason", html`${reason}`],
  ["From", time(at)],
  ["Until", closed === null ? html`${time(until)}` : html`${time(closed)}, when it was closed`],
  [
    "Calls meanwhile",
    html`<a href="/activity?grant=${encodeURIComponent(grant)}&amp;from=${from!}&amp;to=${to!}">${count(calls)}</a>`,
  ],
  ["Record", recordLink(seq)],
])}
${
  maySign
    ? html`<form class="stack" method="post" action="/openings/${id}/sign">${formField(formToken)}
${noteField(`note-${id}`)}
<label class="check"><input type="checkbox" name="looked" value="yes" required> I have looked at what was done under this opening</label>
<button>Sign the review</button></form>`
    : html`<p class="soft">A person who may sign reviews it.</p>`
}</li>\n`;
}

export function noteField(id: string): Markup {
  return html`<div class="field"><label for="${id}">Note</label><textarea id="${id}" name="note" maxlength="500" aria-describedby="${id}-hint"></textarea>
<p class="hint" id="${id}-hint">It goes into the log for years. Name records by their numbers, and no patient.</p></div>`;
}
