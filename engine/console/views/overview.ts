/** What awaits a reviewer, and how things stand. */
import { plural } from "../../render/paint.ts";
import { html, type Markup } from "../markup.ts";
import { type Awaiting, OVERVIEW_DAYS, type Overview } from "../models/overview.ts";
import type { Progress } from "../verifying/verifying.ts";
import { count, mark, type Tone } from "./parts.ts";

export function overviewBody(model: Overview, progress: Progress): Markup {
  const { awaiting, allowed, denied, rejected, ephi, since, index } = model;
  return html`<h2>What awaits a person</h2>
<ul class="cards">${awaitingCards(awaiting)}</ul>
<h2>The last ${OVERVIEW_DAYS} days</h2>
<ul class="cards">
${card("", allowed, "allowed calls", html`${count(ephi)} of them with patient data. <a href="/activity?verdict=allow&amp;from=${since}">Show allowed calls</a>`)}
${card(denied > 0 ? "look" : "good", denied, "denied calls", html`<a href="/activity?verdict=deny&amp;from=${since}">Show denied calls</a>`)}
${card(rejected > 0 ? "look" : "good", rejected, "refused at the door", html`<a href="/activity?kind=rejected&amp;from=${since}">Show refusals</a>`)}
</ul>
<h2>The log</h2>
<ul class="cards">
${card("", index.records, "records", verificationWord(progress))}
</ul>`;
}

/** An access review is due again after a year. */
const ACCESS_REVIEW_DAYS = 365;

function awaitingCards({ months, openings, accessReviewDays }: Awaiting): Markup {
  const [newest] = months;
  const due = accessReviewDays === null || accessReviewDays > ACCESS_REVIEW_DAYS;
  return html`${card(
    months.length === 0 ? "good" : "look",
    months.length,
    months.length === 1 ? "month without a signed review" : "months without a signed review",
    newest === undefined
      ? html`<a href="/reviews/activity">Activity review</a>`
      : html`<a href="/reviews/activity?period=${newest}">Review ${newest}</a>`,
  )}
${card(
  openings === 0 ? "good" : "bad",
  openings,
  openings === 1 ? "emergency opening to review" : "emergency openings to review",
  html`<a href="/openings">Emergency access</a>`,
)}
<li class="card ${due ? "look" : "good"}"><p>${accessReviewDays === null ? mark("look", "No access review was ever signed") : html`Access was last reviewed ${plural(accessReviewDays, "day")} ago`}</p><p><a href="/reviews/access">Access review</a></p></li>`;
}

function card(tone: Tone, figure: number, says: string, more: Markup): Markup {
  return html`<li class="card ${tone}"><p><span class="figure">${count(figure)}</span> ${says}</p><p>${more}</p></li>\n`;
}

function verificationWord(progress: Progress): Markup {
  switch (progress.kind) {
    case "done":
      return html`${progress.verification.verdict === "whole" ? mark("good", "whole") : mark("bad", "broken")}, by the last verification. <a href="/log">The log</a>`;
    case "running":
      return html`A verification runs. <a href="/log">The log</a>`;
    case "failed":
      return html`${mark("bad", "could not be verified")}. <a href="/log">The log</a>`;
    case "never":
      return html`Not verified since this console was started. <a href="/log">Verify the log</a>`;
  }
}
