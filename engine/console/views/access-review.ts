/** The access review: 45 CFR §164.308(a)(4)(ii)(C). */
import { plural } from "../../render/paint.ts";
import { code, html, type Markup, name } from "../markup.ts";
import { type AccessReview, CHOICES, type Choice, type SheetRow } from "../models/access-review.ts";
import { formField } from "./layout.ts";
import { noteField, type Signing } from "./openings.ts";
import { count, day, mark, notice, recordLink, table, time } from "./parts.ts";

export function accessReviewBody(
  { rows, commit, digest, signatures }: AccessReview,
  { maySign, formToken }: Signing,
): Markup {
  const sheet = table({
    caption: `${plural(rows.length, "grant")} of ${commit.slice(0, 19)}`,
    columns: [
      { title: "Grant", sort: "ascending" },
      ...(maySign ? [{ title: "Decision" }] : []),
      { title: "Who" },
      { title: "Until" },
      { title: "Last review" },
      { title: "Can reach", number: true },
      { title: "With patient data", number: true },
      { title: "Never used", number: true },
      { title: "Last used" },
    ],
    rows: rows.map((row) => sheetRow(row, maySign)),
    none: "There is no grant.",
  });
  return html`<p>Does everybody still need what they were granted? What a grant can reach is computed for every possible call; what it used is read from the log.</p>
${signatures
  .slice(0, 1)
  .map((one) =>
    notice(
      "good",
      html`<p>${mark("good", "Last signed")} by ${name(one.by)} at ${time(one.at)}, record ${recordLink(one.seq)}: ${plural(one.grants, "grant")}, ${count(one.revoke)} to revoke, ${count(one.narrow)} to narrow.${one.note !== null && html` Note: ${one.note}`}</p>`,
    ),
  )}
${signatures.length === 0 && notice("look", html`<p>${mark("look", "No access review was ever signed.")}</p>`)}
<form class="actions" method="post" action="/reviews/access/export">${formField(formToken)}<button class="quiet">Export the sheet as CSV</button></form>
${
  maySign
    ? html`<form method="post" action="/reviews/access/sign">${formField(formToken)}<input type="hidden" name="sheet" value="${digest}">
${sheet}
<div class="stack">${noteField("note")}
<label class="check"><input type="checkbox" name="looked" value="yes" required> I have reviewed each of these grants</label>
<button>Sign the review</button></div></form>
<p class="soft">The signature goes into the log. What is to be revoked or narrowed changes by a pull request, as every grant does.</p>`
    : html`${sheet}<p class="soft">Your grant may read, and not sign.</p>`
}`;
}

function sheetRow(row: SheetRow, maySign: boolean): readonly Markup[] {
  const { grant, reach, ephi, unused, lastUsed } = row;
  const { id, principal, expires, lastReview } = grant;
  return [
    html`<a href="/grants/${encodeURIComponent(id)}">${name(id)}</a><span class="sub">${grant.purpose}</span>`,
    ...(maySign
      ? [
          html`<select name="decision.${id}" aria-label="Decision about ${id}">${CHOICES.map((one) => html`<option value="${one}">${one}</option>`)}</select>`,
        ]
      : []),
    html`${name(principal.id)}${principal.responsible !== undefined && html`<span class="sub">for ${name(principal.responsible)}</span>`}`,
    day(expires),
    lastReview === undefined ? html`<span class="soft">never</span>` : day(lastReview.on),
    count(reach.length),
    count(ephi),
    unused.length === 0 ? count(0) : mark("look", String(unused.length)),
    lastUsed === null ? html`<span class="soft">never</span>` : time(lastUsed),
  ];
}

export function signedBody(choices: ReadonlyMap<string, Choice>, waiting: boolean): Markup {
  const changed = [...choices].filter(([, choice]) => choice !== "keep");
  return html`${notice("good", html`<p>${mark("good", "The review is signed.")} ${waiting && "It is on disk, and goes into the chain when a gateway runs."}</p>`)}
${changed.length === 0 ? html`<p>All ${plural(choices.size, "grant")} are kept.</p>` : html`<p>To be changed by a pull request:</p><ul>${changed.map(([id, choice]) => html`<li>${choice} ${code(id)}</li>`)}</ul>`}
<p><a href="/reviews/access">Back to the sheet</a></p>`;
}
