/** Who accessed a patient's record, under what authority, approved by whom. */
import type { Access, Origin } from "../../audit/who.ts";
import { plural } from "../../render/paint.ts";
import type { ProvenanceChange } from "../../schema/types.ts";
import type { Question } from "../handles.ts";
import { code, html, type Markup, name } from "../markup.ts";
import type { PatientAnswer } from "../models/patient.ts";
import { formField } from "./layout.ts";
import {
  count,
  damage,
  dateField,
  day,
  EPHI,
  mark,
  notice,
  recordLink,
  table,
  time,
} from "./parts.ts";

export function askBody(formToken: string, wrong = false): Markup {
  return html`<p>Every recorded call that names the patient, or whose result does, with its authority and who approved it.</p>
${wrong && notice("bad", html`<p role="alert">That does not name one patient.</p>`)}
<form class="stack" method="post" action="/patient" autocomplete="off">${formField(formToken)}
<div class="field"><label for="patient">The patient’s identifier</label>
<input id="patient" name="patient" required maxlength="256" autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="patient-hint">
<p class="hint" id="patient-hint">As tools use it, such as an id or a reference Patient/id. It is hashed when it arrives: it is not stored, shown again, or put into any address or log.</p></div>
<div class="days">${dateField("from", "From", undefined)} ${dateField("to", "To", undefined)}</div>
<button>Show who accessed it</button>
</form>`;
}

export function goneBody(): Markup {
  return html`${notice("look", html`<p>This answer is not kept any longer. An answer is for ten minutes, and for who asked.</p>`)}<p><a href="/patient">Ask again</a></p>`;
}

export function patientBody(
  { pseudonym, who }: PatientAnswer,
  { period }: Question,
  formToken: string,
  handle: string,
): Markup {
  const { accesses, possible, totals, problems } = who;
  return html`<p class="lead">Pseudonym ${code(pseudonym.slice(0, 16))}…${period.from !== undefined && html`, from ${day(period.from)}`}${period.to !== undefined && html`, until ${day(period.to)}`}: <strong>${count(totals.allowed)}</strong> allowed and <strong>${count(totals.denied)}</strong> denied ${totals.allowed + totals.denied === 1 ? "call" : "calls"}.</p>
<div class="actions"><a class="button quiet" href="/patient">Ask about another</a>
${accesses.length > 0 && html`<form method="post" action="/patient/${handle}/export">${formField(formToken)}<button class="quiet">Export as CSV</button></form>`}</div>
${damage(problems)}
${table({
  caption: `${plural(accesses.length, "call")} of this patient, oldest first`,
  columns: [
    { title: "Time", sort: "ascending" },
    { title: "Who" },
    { title: "What" },
    { title: "Result" },
    { title: "Under what authority" },
    { title: "Approved" },
    { title: "Record", number: true },
  ],
  rows: accesses.map((access) => [
    time(access.at),
    whoCell(access),
    html`${whatCell(access)}${access.via === "result" && html`<span class="sub">the patient is in the result only</span>`}`,
    resultCell(access),
    authorityCell(access),
    approvedCell(access.origin),
    recordLink(access.seq),
  ]),
  none: "No recorded call names this patient.",
})}
<h2>Calls that may have included this patient</h2>
<p>Allowed calls of which nobody can tell whom they touched: ${count(totals.possible)} in all${possible.length < totals.possible && `, of which the newest ${possible.length} stand here`}. To leave them out would be a false “nobody else”.</p>
${table({
  caption: "Bulk calls, and calls of an unknown patient, newest first",
  columns: [
    { title: "Time", sort: "descending" },
    { title: "Who" },
    { title: "What" },
    { title: "Why it may have" },
    { title: "Record", number: true },
  ],
  rows: possible.map((access) => [
    time(access.at),
    whoCell(access),
    whatCell(access),
    html`${access.why}`,
    recordLink(access.seq),
  ]),
  none: "There is none.",
})}`;
}

function whoCell({ principal, responsible }: Access): Markup {
  return html`${name(principal)}${responsible !== null && html`<span class="sub">for ${name(responsible)}</span>`}`;
}

function whatCell({ tool, method, server, effect, ephi, purpose }: Access): Markup {
  return html`${code(tool === "" ? method : tool)} ${ephi && EPHI}<span class="sub">${name(server)}, ${effect}, for ${purpose}</span>`;
}

function resultCell({ verdict, outcome, rule }: Access): Markup {
  return verdict === "allow"
    ? html`${mark("good", "allowed")}<span class="sub">${outcome ?? "unknown"}</span>`
    : html`${mark("bad", "denied")}<span class="sub">${code(rule)}</span>`;
}

function authorityCell({ grant, policy, bundle }: Access): Markup {
  return html`<a href="/grants/${encodeURIComponent(grant)}">${name(grant)}</a><span class="sub">policy ${policy === null ? "none" : name(policy.name)}${bundle !== null && html`, release ${name(bundle.version)}`}${bundle?.commit !== undefined && html`, commit ${code(bundle.commit.slice(0, 12))}`}</span>`;
}

/** Of the rule that decided, or else of the grant. */
export function approvedCell(origin: Origin | null): Markup {
  const change = origin?.rule ?? origin?.grant;
  return change === undefined || change === null
    ? html`<span class="soft">the release does not say</span>`
    : changeText(change);
}

export function changeText({ pullRequest, approvers, commit, orBefore }: ProvenanceChange): Markup {
  return html`${approvers.length === 0 ? html`<span class="soft">no approval known</span>` : html`by ${approvers.map((one, i) => html`${i > 0 && ", "}${name(one.name)}`)}`}<span class="sub">${pullRequest === undefined ? "no pull request known" : `pull request ${pullRequest.number}${pullRequest.from === "message" ? " by its message" : ""}`}, commit ${code(commit.slice(0, 12))}${orBefore === true && " or before"}</span>`;
}
