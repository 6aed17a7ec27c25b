/** Who there is, and what each can reach. */
import { plural } from "../../render/paint.ts";
import { code, html, type Markup, name } from "../markup.ts";
import type { GrantDetail, People, Person, ReachedRow, Standing } from "../models/people.ts";
import { count, day, EPHI, facts, mark, recordLink, type Tone, table, time } from "./parts.ts";
import { changeText } from "./patient.ts";

const TONES: Readonly<Record<Standing, Tone>> = {
  "in force": "good",
  "not yet": "look",
  expired: "bad",
  dormant: "look",
};

export function peopleBody({ people, gone }: People): Markup {
  const sorted = [...people].sort((a, b) => (a.grant.principal.id < b.grant.principal.id ? -1 : 1));
  return html`<p>Every grant of the policy in force: who has it, for what, until when, and whether it is used.</p>
${table({
  caption: plural(people.length, "grant"),
  columns: [
    { title: "Who", sort: "ascending" },
    { title: "Grant" },
    { title: "Purpose" },
    { title: "Standing" },
    { title: "Expires" },
    { title: "Last review" },
    { title: "Tokens", number: true },
    { title: "Allowed", number: true },
    { title: "Denied", number: true },
    { title: "Last used" },
  ],
  rows: sorted.map(personRow),
  none: "There is no grant.",
})}
${
  gone.length > 0 &&
  html`<h2>In the log, and without a grant now</h2>
<p>${gone.map((one, i) => html`${i > 0 && ", "}<a href="/activity?principal=${encodeURIComponent(one)}">${name(one)}</a>`)}</p>`
}`;
}

function personRow({
  grant,
  standing,
  liveTokens,
  allowed,
  denied,
  lastUsed,
}: Person): readonly Markup[] {
  const { id, principal, purpose, expires, lastReview, audit } = grant;
  return [
    html`${name(principal.id)}${principal.responsible !== undefined && html`<span class="sub">for ${name(principal.responsible)}</span>`}`,
    html`<a href="/grants/${encodeURIComponent(id)}">${name(id)}</a>${audit !== undefined && html`<span class="sub">audit: ${audit}</span>`}`,
    html`${purpose}`,
    mark(TONES[standing], standing),
    day(expires),
    lastReview === undefined
      ? html`<span class="soft">never</span>`
      : html`${day(lastReview.on)}<span class="sub">by ${name(lastReview.by)}</span>`,
    count(liveTokens),
    count(allowed),
    count(denied),
    lastUsed === null ? html`<span class="soft">never</span>` : time(lastUsed),
  ];
}

export function grantBody(detail: GrantDetail): Markup {
  const { grant, standing, description, reach, former, history, tokens } = detail;
  const { principal, breakGlass, lastReview } = grant;
  const reached = reach.filter(({ access }) => access !== "none");
  const unused = reached.filter(({ use }) => use === undefined || use.allowed === 0);
  return html`${description !== undefined && html`<p class="lead">${description}</p>`}
${facts([
  [
    "Who",
    html`${name(principal.id)}, ${principal.kind}${principal.responsible !== undefined && html`, for whom ${name(principal.responsible)} answers`}`,
  ],
  ["Purpose", html`${grant.purpose}`],
  ["Why", grant.justification === undefined ? undefined : html`${grant.justification}`],
  ["Standing", mark(TONES[standing], standing)],
  ["Valid", html`${day(grant.issued)} until ${day(grant.expires)}`],
  [
    "Last review",
    lastReview === undefined ? html`never` : html`${day(lastReview.on)} by ${name(lastReview.by)}`,
  ],
  [
    "Audit",
    grant.audit === undefined
      ? undefined
      : html`may ${grant.audit === "sign" ? "read and sign" : "read"}`,
  ],
  [
    "Break-glass",
    breakGlass === undefined
      ? undefined
      : html`dormant until opened by ${breakGlass.openers.map((one, i) => html`${i > 0 && ", "}${name(one)}`)}, for at most ${breakGlass.maxMs / 60_000} minutes`,
  ],
])}
<p><a href="/activity?grant=${encodeURIComponent(grant.id)}">What it did</a></p>
<h2>What it can reach</h2>
<p>Computed for every possible call of each tool, not read off the files. ${unused.length > 0 && html`<strong>${plural(unused.length, "tool")}</strong> of ${reached.length} it can reach and never used.`}</p>
${table({
  caption: "Effective access",
  columns: [
    { title: "Tool" },
    { title: "Effect" },
    { title: "Access" },
    { title: "Conditions" },
    { title: "Allowed", number: true },
    { title: "Denied", number: true },
  ],
  rows: reached.map(reachRow),
  none: "It can reach nothing.",
})}
${
  reach.length > reached.length &&
  html`<details><summary>${plural(reach.length - reached.length, "tool")} out of its reach</summary>${table(
    {
      caption: "No call of these is allowed",
      columns: [{ title: "Tool" }, { title: "Why" }, { title: "Denied", number: true }],
      rows: reach
        .filter(({ access }) => access === "none")
        .map(({ tool, method, server, conditions, use }) => [
          html`${code(tool === "" ? method : tool)}<span class="sub">${name(server)}</span>`,
          html`${conditions.join("; ")}`,
          count(use?.denied ?? 0),
        ]),
      none: "",
    },
  )}</details>`
}
${former.length > 0 && html`<h2>What it used and cannot reach now</h2><ul>${former.map(({ target, server, allowed }) => html`<li>${code(target)} of ${name(server)}, ${plural(allowed, "allowed call")}</li>`)}</ul>`}
<h2>History</h2>
${table({
  caption: "Changes of this grant, by the release that brought them, newest first",
  columns: [
    { title: "In force since", sort: "descending" },
    { title: "Release" },
    { title: "Approved" },
    { title: "Record", number: true },
  ],
  rows: history.map((change) => [
    time(change.at),
    name(change.version),
    changeText(change),
    recordLink(change.seq),
  ]),
  none: "The releases do not say where it comes from.",
})}
<h2>Tokens</h2>
${table({
  caption: "Tokens of this grant, newest first",
  columns: [{ title: "Token" }, { title: "State" }, { title: "Made" }, { title: "Expires" }],
  rows: tokens.map(({ id, state, created, createdBy, expires }) => [
    code(id),
    mark(state === "live" ? "good" : "", state),
    html`${time(created)}${createdBy !== null && html`<span class="sub">by ${name(createdBy)}</span>`}`,
    time(expires),
  ]),
  none: "It has no token.",
})}`;
}

function reachRow({
  tool,
  method,
  server,
  ephi,
  effect,
  access,
  conditions,
  use,
  unproved,
}: ReachedRow): readonly Markup[] {
  return [
    html`${code(tool === "" ? method : tool)} ${ephi && EPHI}<span class="sub">${name(server)}</span>`,
    html`${effect}`,
    html`${access === "all" ? "every call" : "on conditions"}${unproved !== undefined && html`<span class="sub">not proved: ${unproved}</span>`}`,
    conditions.length === 0
      ? html``
      : html`<ul>${conditions.map((one) => html`<li>${one}</li>`)}</ul>`,
    use === undefined || use.allowed === 0 ? mark("look", "never") : count(use.allowed),
    count(use?.denied ?? 0),
  ];
}
