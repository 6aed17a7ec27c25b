/** The activity report as a page that stands alone: to read, to print, to keep. */
import type {
  Activity,
  ActivityReport,
  Counts,
  Pair,
  ReviewFinding,
  ReviewSeverity,
} from "../review/report.ts";
import { changeOf, type ShownReport } from "./audit-report.ts";
import { bars, heatMap, timeline } from "./charts.ts";
import { EPHI, page, sentence, text } from "./html.ts";
import { plural } from "./paint.ts";

export function reportHtml(shown: ShownReport): string {
  const { report, findings } = shown;
  const { activity } = report;
  return page(
    `Activity ${activity.period.label}`,
    answer(shown),
    "<main>",
    section("To look at", findings.map(findingHtml).join("\n") || "<p>Nothing stands out.</p>"),
    section("In numbers", totalsHtml(activity)),
    section("Day by day", daysHtml(activity)),
    section("By hour", rhythmHtml(activity)),
    section("Who", principalsHtml(activity)),
    section("What was called", toolsHtml(activity)),
    section("What for", namedHtml(activity.purposes, "purpose")),
    section("What was denied", denialsHtml(report)),
    section("What was refused before it was judged", rejectionsHtml(activity)),
    section("What is new, and what is gone", comparisonHtml(activity)),
    section("Policies", releasesHtml(activity)),
    section("Emergency access", openingsHtml(report)),
    section("Signatures", signaturesHtml(shown)),
    "</main>",
    footer(report),
  );
}

function section(title: string, body: string): string {
  return `<section><h2>${text(title)}</h2>\n${body}</section>`;
}

const CLASS: Readonly<Record<ReviewSeverity, string>> = {
  high: "broader",
  medium: "unknown",
  low: "narrower",
  note: "same",
};
const SIGN: Readonly<Record<ReviewSeverity, string>> = {
  high: "▲",
  medium: "●",
  low: "○",
  note: "·",
};

function answer({ report, findings, signatures }: ShownReport): string {
  const { activity } = report;
  const { period, before, nodes, totals } = activity;
  const worst = findings[0]?.severity ?? "note";
  const grave = findings.filter(({ severity }) => severity === "high").length;
  const compared =
    before.coverage === "none"
      ? "The log has nothing of the period before."
      : `Compared with ${text(before.label)}${before.coverage === "partial" ? ", which the log has only in part" : ""}.`;
  const signed =
    signatures.length === 0
      ? "not signed yet"
      : `signed by ${signatures.map(({ by }) => text(by)).join(", ")}`;
  return `<header class="answer ${CLASS[worst]}">
<p class="what"><span>Activity review · 45 CFR §164.308(a)(1)(ii)(D)</span><span>${signed}</span></p>
<h1>Activity ${text(period.label)}</h1>
<p class="consequence">${plural(totals.calls.now, "call")} by ${plural(totals.principals.now, "principal")}, ${plural(findings.length, "thing")} to look at${grave === 0 ? "" : `, ${grave} of them grave`}.</p>
<p>${period.from.slice(0, 10)} until before ${period.to.slice(0, 10)}, UTC${nodes.length === 0 ? "" : `, node ${nodes.map(text).join(", ")}`}. ${compared}</p>
</header>`;
}

function findingHtml(finding: ReviewFinding): string {
  const { severity, title, says, id, records, command } = finding;
  const numbered = records.length === 0 ? "" : `records ${records.slice(0, 10).join(", ")} · `;
  return `<article class="${CLASS[severity]}" id="${text(id)}">
<p class="kind"><span class="mark ${CLASS[severity]}" aria-hidden="true">${SIGN[severity]}</span><span>${severity}</span><span class="aspect">${text(id)}</span></p>
<h3>${text(title)}</h3>
<p>${sentence(says)}</p>
<p class="aside">${numbered}<code>${text(command)}</code></p>
</article>`;
}

const TOTALS: readonly (readonly [keyof Activity["totals"], string])[] = [
  ["calls", "calls that were judged"],
  ["denied", "denied"],
  ["failed", "allowed, and ended in an error"],
  ["rejected", "refused before they were judged"],
  ["ephi", "allowed, on patient data"],
  ["patients", "different patients"],
  ["principals", "principals"],
  ["items", "items in results"],
];

function totalsHtml({ totals }: Activity): string {
  return table(
    ["", "now", "before", "change"],
    TOTALS.map(([name, words]) => [words, ...pairCells(totals[name])]),
  );
}

function number(value: number | null): string {
  return value === null ? "–" : value.toLocaleString("en");
}

function pairCells(pair: Pair): readonly string[] {
  return [number(pair.now), number(pair.before), changeOf(pair)];
}

/** Cells are texts; the first of a row names it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "<p>None.</p>";
  const th = head
    .map((cell) => (cell === "" ? "<td></td>" : `<th scope="col">${text(cell)}</th>`))
    .join("");
  const body = rows.map(([first, ...cells]) => {
    const rest = cells.map((cell) => `<td>${text(cell)}</td>`).join("");
    return `<tr><th scope="row">${text(first ?? "")}</th>${rest}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="${text(head.filter((cell) => cell !== "").join(", "))}"><table><thead><tr>${th}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>`;
}

function details(summary: string, body: string): string {
  return `<details><summary>${text(summary)}</summary>\n${body}</details>`;
}

function daysHtml({ days, period }: Activity): string {
  const busiest = days.reduce((a, b) => (b.calls > a.calls ? b : a), days[0]!);
  const denied = days.reduce((sum, day) => sum + day.denied, 0);
  const chart = timeline(
    {
      id: "days",
      title: `Calls a day in ${period.label}`,
      description: `The busiest day is ${busiest.day} with ${number(busiest.calls)} calls. ${number(denied)} calls of the period were denied; they stand in red on top of each column. The table below has every number.`,
    },
    days.map(({ day, calls, denied }) => ({ label: day.slice(5), value: calls, part: denied })),
  );
  const rows = days.map(({ day, calls, denied, ephi, rejected }) => [
    day,
    ...[calls, denied, ephi, rejected].map(number),
  ]);
  return `${chart}\n${details("Every day as a table", table(["day", "calls", "denied", "on patient data", "refused"], rows))}`;
}

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));

function rhythmHtml({ rhythm }: Activity): string {
  const chart = heatMap(
    {
      id: "rhythm",
      title: "Calls by day of the week and hour",
      description:
        "Each cell is an hour of the day (UTC) on a day of the week; the darker, the more calls. The table below has every number.",
    },
    { rows: WEEKDAYS, columns: HOURS, values: rhythm },
  );
  const rows = WEEKDAYS.map((day, i) => [day, ...rhythm[i]!.map(number)]);
  return `${chart}\n${details("Every hour as a table", table(["UTC", ...HOURS], rows))}`;
}

const SHOWN_BARS = 15;

function countBars(
  id: string,
  title: string,
  rows: readonly (Counts & { readonly label: string })[],
): string {
  const shown = rows.slice(0, SHOWN_BARS);
  if (shown.length === 0) return "";
  const more = rows.length > shown.length ? ` The ${shown.length} busiest of ${rows.length}.` : "";
  return bars(
    {
      id,
      title,
      description: `Calls, the most first; a thin mark is the period before.${more} The table below has every number.`,
    },
    shown.map(({ label, calls }) => ({ label, value: calls.now, before: calls.before })),
  );
}

function principalsHtml({ principals }: Activity): string {
  const chart = countBars(
    "principals",
    "Calls by principal",
    principals.map((row) => ({ ...row, label: row.principal })),
  );
  const rows = principals.map((row) => [
    row.principal,
    row.responsible.join(", "),
    row.purposes.join(", "),
    ...pairCells(row.calls),
    number(row.denied.now),
    number(row.patients.now),
    number(row.newPatients),
    row.peak === null ? "" : `${number(row.peak.patients)} on ${row.peak.day}`,
  ]);
  const head = [
    "principal",
    "responsible",
    "purpose",
    "calls",
    "before",
    "change",
    "denied",
    "patients",
    "met for the first time",
    "most in a day",
  ];
  return `${chart}\n${table(head, rows)}`;
}

function toolsHtml({ tools }: Activity): string {
  const chart = countBars(
    "tools",
    "Calls by tool",
    tools.map((row) => ({ ...row, label: `${row.server}/${row.tool}` })),
  );
  const rows = tools.map((row) => [
    `${row.server}/${row.tool}`,
    row.effect,
    ...pairCells(row.calls),
    number(row.denied.now),
    number(row.ephi.now),
  ]);
  return `${chart}\n${table(["tool", "effect", "calls", "before", "change", "denied", "on patient data"], rows)}`;
}

function namedHtml(rows: Activity["purposes"], what: string): string {
  return table(
    [what, "calls", "before", "change", "denied", "on patient data"],
    rows.map((row) => [
      row.name,
      ...pairCells(row.calls),
      number(row.denied.now),
      number(row.ephi.now),
    ]),
  );
}

function denialsHtml({ activity, standing }: ActivityReport): string {
  return table(
    ["rule", "policy", "stands today at", "tool", "denied", "before", "change"],
    activity.denials.map(({ policy, rule, server, tool, denied }) => [
      rule,
      policy ?? "",
      standing.places[`${policy ?? ""} ${rule}`] ?? "",
      `${server}/${tool}`,
      ...pairCells(denied),
    ]),
  );
}

function rejectionsHtml({ rejections }: Activity): string {
  return table(
    ["why", "grant", "times", "before", "change"],
    rejections.map(({ code, grant, times }) => [code, grant ?? "not known", ...pairCells(times)]),
  );
}

function comparisonHtml({ comparison, before }: Activity): string {
  if (before.coverage === "none") return "<p>There is nothing to compare with.</p>";
  const { newPrincipals, gonePrincipals, newAccess, goneAccess } = comparison;
  const access = (rows: typeof newAccess): string =>
    table(
      ["principal", "tool", "calls"],
      rows.map(({ principal, server, tool, calls }) => [
        principal,
        `${server}/${tool}`,
        number(calls),
      ]),
    );
  return `<h3>New principals</h3>${list(newPrincipals)}
<h3>Principals that did nothing any more</h3>${list(gonePrincipals)}
<h3>Called by a principal for the first time in both periods</h3>${access(newAccess)}
<h3>No longer called</h3>${access(goneAccess)}`;
}

function list(names: readonly string[]): string {
  if (names.length === 0) return "<p>None.</p>";
  return `<ul>${names.map((name) => `<li><code>${text(name)}</code></li>`).join("")}</ul>`;
}

function releasesHtml({ releases, administration }: Activity): string {
  const rows = releases.map(({ at, name, version, commit, changes, seq }) => [
    `${name} ${version}`,
    at,
    String(seq),
    commit ?? "",
    changes
      .map(({ commit, pullRequest, approvers }) => {
        const request = pullRequest === undefined ? "" : ` #${pullRequest.number}`;
        const by = approvers.map(({ name }) => name).join(", ") || "nobody that is recorded";
        return `${commit.slice(0, 12)}${request}, approved by ${by}`;
      })
      .join("; "),
  ]);
  const actions = administration.map(({ action, times }) => [action, number(times)]);
  return `<h3>Releases that came into force</h3>${table(["release", "in force since", "record", "commit", "changes"], rows)}
<h3>Administration</h3>${table(["action", "times"], actions)}`;
}

function openingsHtml({ activity, standing }: ActivityReport): string {
  const open = new Set(standing.unreviewedOpenings);
  return table(
    ["opened", "grant", "by", "reason", "closed", "calls", "record", "review"],
    activity.openings.map(({ id, at, grant, by, reason, closed, until, calls, seq }) => [
      at,
      grant,
      by,
      reason,
      closed ?? `open until ${until}`,
      number(calls),
      String(seq),
      open.has(id) ? "awaits review" : "reviewed",
    ]),
  );
}

function signaturesHtml({ signatures }: ShownReport): string {
  if (signatures.length === 0) return "<p>Nobody has signed a report of this period.</p>";
  return table(
    ["signed by", "at", "record", "findings", "note", "the numbers"],
    signatures.map(({ by, at, seq, findings, note, same }) => [
      by,
      at,
      String(seq),
      String(findings),
      note ?? "",
      same ? "are the same" : "have changed since",
    ]),
  );
}

function footer({ digest, numbers }: ActivityReport): string {
  return `<footer>
<p>${EPHI} stands here by numbers alone: no patient is named, by pseudonym neither. Times are UTC. What is looked for, and from which numbers on, is in docs/activity-review.md. A report is no finding of fact: it says where to look.</p>
<dl><div><dt>report</dt><dd><code>${text(digest)}</code></dd></div><div><dt>numbers</dt><dd><code>${text(numbers)}</code></dd></div></dl>
</footer>`;
}
