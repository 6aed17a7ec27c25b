/** The activity review: 45 CFR §164.308(a)(1)(ii)(D). */
import { timeline } from "../../render/charts.ts";
import { sentence } from "../../render/html.ts";
import { plural } from "../../render/paint.ts";
import type { Pair, ReviewFinding, ReviewSeverity } from "../../review/report.ts";
import { code, html, type Markup, name, trusted } from "../markup.ts";
import type { ActivityReview } from "../models/activity-review.ts";
import { formField } from "./layout.ts";
import { noteField, type Signing } from "./openings.ts";
import {
  count,
  facts,
  longTable,
  mark,
  notice,
  recordLink,
  select,
  type Tone,
  table,
  time,
} from "./parts.ts";

export interface Periods {
  readonly chosen: string;
  readonly months: readonly string[];
  readonly quarters: readonly string[];
}

const TONES: Readonly<Record<ReviewSeverity, Tone>> = {
  high: "bad",
  medium: "look",
  low: "",
  note: "",
};

export function periodForm({ chosen, months, quarters }: Periods): Markup {
  return html`<form class="filters" method="get" action="/reviews/activity">
${select("period", "Period", [...months, ...quarters], chosen)} <button>Show</button></form>`;
}

export function activityReviewBody(
  { report, findings, signatures, over, own }: ActivityReview,
  periods: Periods,
  signing: Signing,
): Markup {
  const { activity } = report;
  const { totals, before } = activity;
  return html`<p>What was done in a period, held against the period before, and what a person should look at.</p>
${periodForm(periods)}
${activity.period.coverage !== "whole" && notice("look", html`<p>${mark("look", activity.period.coverage === "none" ? "The log has nothing of this period." : "The log begins within this period.")}</p>`)}
${signatures.map((one) =>
  notice(
    one.same ? "good" : "bad",
    html`<p>${one.same ? mark("good", "Signed") : mark("bad", "The numbers have changed since it was signed")} by ${name(one.by)} at ${time(one.at)}, record ${recordLink(one.seq)}, with ${plural(one.findings, "finding")}.${one.note !== null && html` Note: ${one.note}`}</p>`,
  ),
)}
<h2 id="findings">Findings</h2>
${
  findings.length === 0
    ? html`<p>${mark("good", "None.")} No rule of the review found anything.</p>`
    : html`<ul class="findings">${findings.map(findingItem)}</ul>`
}
<h2>Totals</h2>
${table({
  caption: `Of ${activity.period.label}, and of ${before.label} before`,
  columns: [
    { title: "What" },
    { title: activity.period.label, number: true },
    { title: before.label, number: true },
  ],
  rows: (
    [
      ["Calls", totals.calls],
      ["Allowed", totals.allowed],
      ["Denied", totals.denied],
      ["Ended in an error", totals.failed],
      ["Refused at the door", totals.rejected],
      ["Allowed, with patient data", totals.ephi],
      ["Different patients", totals.patients],
      ["People and agents", totals.principals],
    ] as const
  ).map(([says, pair]) => [html`${says}`, ...pairCells(pair)]),
  none: "",
})}
<figure><figcaption>Calls by day; what was denied stands on top.</figcaption>${trusted(
    timeline(
      {
        id: "days",
        title: "Calls by day",
        description: `${totals.calls.now} calls in ${activity.days.length} days, ${totals.denied.now} of them denied. The table below has the numbers.`,
      },
      activity.days.map(({ day, calls, denied }) => ({
        label: day.slice(5),
        value: calls,
        part: denied,
      })),
    ),
  )}
<details><summary>The numbers by day</summary>${table({
    caption: "By day",
    columns: [
      { title: "Day", sort: "ascending" },
      { title: "Calls", number: true },
      { title: "Denied", number: true },
      { title: "With patient data", number: true },
      { title: "Refused", number: true },
    ],
    rows: activity.days.map(({ day, calls, denied, ephi, rejected }) => [
      html`${day}`,
      count(calls),
      count(denied),
      count(ephi),
      count(rejected),
    ]),
    none: "No day.",
  })}</details></figure>
<h2>By person and agent</h2>
${longTable({
  caption: "Calls, and different patients",
  columns: [
    { title: "Who" },
    { title: "Calls", number: true },
    { title: "Before", number: true },
    { title: "Denied", number: true },
    { title: "Patients", number: true },
    { title: "Before", number: true },
    { title: "New to them", number: true },
  ],
  rows: activity.principals.map(
    ({ principal, responsible, calls, denied, patients, newPatients }) => [
      html`<a href="/activity?principal=${encodeURIComponent(principal)}">${name(principal)}</a>${responsible.length > 0 && html`<span class="sub">for ${responsible.join(", ")}</span>`}`,
      ...pairCells(calls),
      count(denied.now),
      ...pairCells(patients),
      count(newPatients),
    ],
  ),
  none: "Nobody called anything.",
})}
<h2>Denied, by rule</h2>
${longTable({
  caption: "What decided, and how often",
  columns: [
    { title: "Rule" },
    { title: "Tool" },
    { title: "Denied", number: true },
    { title: "Before", number: true },
  ],
  rows: activity.denials.map(({ policy, rule, server, tool, denied }) => [
    html`${code(rule)}${policy !== null && html`<span class="sub">policy ${name(policy)}${placeOf(report, policy, rule)}</span>`}`,
    html`${code(tool)}<span class="sub">${name(server)}</span>`,
    ...pairCells(denied),
  ]),
  none: "Nothing was denied.",
})}
<h2>What is new</h2>
${facts([
  ["New", list(activity.comparison.newPrincipals)],
  ["Gone", list(activity.comparison.gonePrincipals)],
  [
    "Called for the first time",
    list(
      activity.comparison.newAccess.map(
        ({ principal, server, tool }) => `${principal} → ${server}/${tool}`,
      ),
    ),
  ],
  [
    "Releases",
    html`${activity.releases.length === 0 ? "none" : activity.releases.map(({ version, seq }, i) => html`${i > 0 && ", "}${name(version)} (record ${recordLink(seq)})`)}`,
  ],
])}
<h2>Take it with you, and sign</h2>
<form class="actions" method="post" action="/reviews/activity/export">${formField(signing.formToken)}<input type="hidden" name="period" value="${periods.chosen}">
<button class="quiet" name="as" value="html">Export as a page</button> <button class="quiet" name="as" value="csv">Export as CSV</button> <button class="quiet" name="as" value="jsonl">Export as JSON</button></form>
${signForm({ over, own, digest: report.digest, findings: findings.length }, periods.chosen, signing)}`;
}

function placeOf(
  { standing }: ActivityReview["report"],
  policy: string,
  rule: string,
): Markup | undefined {
  const place = standing.places[`${policy} ${rule}`];
  return place === undefined ? undefined : html`, today at ${code(place)}`;
}

function findingItem({ severity, title, says, records, command }: ReviewFinding): Markup {
  return html`<li class="${TONES[severity]}"><h3>${mark(TONES[severity], severity)} · ${title}</h3>
<p>${trusted(sentence(says))}</p>
<p class="soft">${records.length > 0 && html`Records ${records.slice(0, 12).map((seq, i) => html`${i > 0 && ", "}${recordLink(seq)}`)}. `}<code>${command}</code></p></li>\n`;
}

function signForm(
  {
    over,
    own,
    digest,
    findings,
  }: Pick<ActivityReview, "over" | "own"> & { readonly digest: string; readonly findings: number },
  period: string,
  { maySign, formToken }: Signing,
): Markup {
  if (!maySign) return html`<p class="soft">Your grant may read, and not sign.</p>`;
  if (!over)
    return html`<p class="soft">The period is not over yet; it can be signed afterwards.</p>`;
  return html`${own.length > 0 && notice("look", html`<p>${mark("look", "Some of it is about you.")} ${plural(own.length, "finding")} ${own.length === 1 ? "is" : "are"} about you or whom you answer for. A second person should look at that.</p>`)}
<form class="stack" method="post" action="/reviews/activity/sign">${formField(formToken)}<input type="hidden" name="period" value="${period}"><input type="hidden" name="report" value="${digest}">
${noteField("note")}
<label class="check"><input type="checkbox" name="looked" value="yes" required> I have reviewed the activity of ${period}${findings > 0 && html`, and its ${plural(findings, "finding")}`}</label>
<button>Sign the review</button></form>
<p class="soft">The signature names this report by its digest, ${code(digest.slice(0, 23))}…</p>`;
}

function pairCells({ now, before }: Pair): readonly [Markup, Markup] {
  return [count(now), before === null ? html`<span class="soft">unknown</span>` : count(before)];
}

const MANY = 20;

function list(names: readonly string[]): Markup {
  if (names.length === 0) return html`none`;
  return html`${names.slice(0, MANY).map((one, i) => html`${i > 0 && ", "}${name(one)}`)}${names.length > MANY && ` and ${names.length - MANY} more`}`;
}
