/**
 * The gate's report as one page for the person who answers for privacy: may it be merged and why not,
 * what becomes wider in plain words, who has approved and what an approval says, and what was checked.
 */
import type { GateReport } from "../gate/report.ts";
import { grouped } from "./diff.ts";
import { EPHI, KIND, mark, page, sentence, text, WORD } from "./html.ts";
import { matrix } from "./matrix.ts";
import { capital, plural } from "./paint.ts";
import { safeguardTitle } from "./safeguards.ts";
import { type Told, told } from "./told.ts";
import type { Call } from "./told-call.ts";
import { grantLines, serverLine } from "./told-facts.ts";
import {
  approvalLines,
  asksForApproval,
  commitment,
  headline,
  outcome,
  phaseLines,
} from "./told-report.ts";

export function gateHtml(report: GateReport): string {
  const items = told(report);
  const { base, head, diff } = report;
  return page(
    `${headline(report, items)}: ${base.rev} → ${head.rev}`,
    header(report, items),
    `<main>
${changes(items)}
${approval(report)}
${diff === undefined || diff.changes.length < 2 ? "" : matrix(grouped(diff.changes))}
${checked(report)}
</main>`,
    footer(report),
  );
}

// ---------------------------------------------------------------- the answer

function header(report: GateReport, items: readonly Told[]): string {
  const { passed, approved, verdict, base, head, reasons } = report;
  const why = reasons.map(
    ({ message, help }) => `<li>${sentence(capital(message))}. ${sentence(capital(help))}.</li>`,
  );
  return `<header class="answer ${passed ? "same" : verdict === "unknown" ? "unknown" : "broader"}">
<p class="what">May this change be merged? <span class="revisions"><code>${text(base.rev)}</code> → <code>${text(head.rev)}</code></span></p>
<h1>${sentence(headline(report, items))}</h1>
<p class="consequence"><strong class="${passed ? "passes" : "blocks"}">${passed ? (approved ? "Approved" : "Passes") : "Blocked"}</strong> ${capital(outcome(report).replace(/^(Passes|Blocked|Approved): /, ""))}</p>
${why.length === 0 ? "" : `<ul class="why">${why.join("\n")}</ul>`}
</header>`;
}

// ---------------------------------------------------------------- the changes

function changes(items: readonly Told[]): string {
  const wider = items.filter(({ verdict }) => verdict !== "narrower");
  const narrower = items.filter(({ verdict }) => verdict === "narrower");
  const seen = new Set<string>();
  return [
    wider.length === 0
      ? `<section><h2>What becomes wider</h2><p>Nothing. Every call that will be allowed was allowed before.</p></section>`
      : `<section aria-labelledby="wider">
<h2 id="wider">What becomes wider</h2>
${wider.map((item) => card(item, items.indexOf(item) + 1, seen)).join("\n")}
</section>`,
    narrower.length === 0
      ? ""
      : `<section aria-labelledby="narrower">
<h2 id="narrower">What becomes narrower</h2>
${narrower.map((item) => card(item, items.indexOf(item) + 1, seen)).join("\n")}
</section>`,
  ].join("\n");
}

function card(item: Told, number: number, seen: Set<string>): string {
  const { verdict, change, ephi, blocks, recorded, call } = item;
  const id = `change-${number}`;
  const tags = `${ephi ? EPHI : ""}${blocks || verdict === "narrower" ? "" : ` <span class="aspect">does not block</span>`}`;
  return `<article id="${id}" class="${verdict}" aria-labelledby="${id}-title">
<p class="kind">${mark(verdict)} <span>${capital(WORD[verdict])}</span> <span class="aspect">${KIND[change.kind]}</span>${tags}</p>
<h3 id="${id}-title">${sentence(item.sentence)}.</h3>
${compared(item)}
${recorded === undefined ? "" : `<p class="recorded"><strong>Seen in recorded calls:</strong> ${sentence(recorded)}.</p>`}
<dl>
${facts(item, seen)}
</dl>
${call === undefined ? "" : callTable(call)}
</article>`;
}

function compared({ compared: lines, change }: Told): string {
  if (lines.length === 0) return "";
  const rows = lines
    .map(
      ({ name, before, after }) =>
        `<tr><th scope="row">${text(name)}</th><td>${sentence(before)}</td><td class="after">${sentence(after)}</td></tr>`,
    )
    .join("\n");
  return `<table class="plain"><caption class="unseen">Before and after: ${KIND[change.kind]}</caption>
<thead><tr><td></td><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>
${rows}
</tbody></table>`;
}

/** Facts of a grant or server are told once; after that its name says enough. */
function facts(item: Told, seen: Set<string>): string {
  const { people, server, change, known } = item;
  const lines: string[] = [];
  const [first, ...others] = people;
  if (first !== undefined && !seen.has(first.id))
    lines.push(...grantLines(first).map(([name, value]) => fact(name, sentence(value))));
  if (others.length > 0)
    lines.push(
      fact(
        "Also",
        `<ul>${others.map(({ principal, id }) => `<li>${text(principal)} <span class="aside">by grant <code>${text(id)}</code></span></li>`).join("")}</ul>`,
      ),
    );
  for (const { id } of people) seen.add(id);
  if (server !== undefined && !seen.has(`server ${server.id}`)) {
    lines.push(fact("Server", sentence(serverLine(server))));
    seen.add(`server ${server.id}`);
  }
  lines.push(
    fact("Known", text(known)),
    fact("File", `<code>${text(`${change.file}:${change.line}`)}</code>`),
    fact("Safeguards", safeguards(change.safeguards)),
  );
  return lines.join("\n");
}

function fact(name: string, html: string): string {
  return html === "" ? "" : `<div><dt>${text(name)}</dt><dd>${html}</dd></div>`;
}

function safeguards(sections: readonly string[]): string {
  return sections
    .map(
      (section) =>
        `<span class="section">§${text(section)} <span class="aside">${safeguardTitle(section)}</span></span>`,
    )
    .join(" ");
}

function callTable({ intro, args, more, denied }: Call): string {
  const rows = args
    .map(
      ({ name, value }) =>
        `<tr><th scope="row"><code>${text(name)}</code></th><td><code>${text(value)}</code></td></tr>`,
    )
    .join("\n");
  const shown =
    rows === ""
      ? "<p>The call has no argument.</p>"
      : `<table class="plain"><thead><tr><th scope="col">Argument</th><th scope="col">Value</th></tr></thead>
<tbody>
${rows}
</tbody></table>`;
  return `<figure>
<figcaption>${sentence(intro)}; ${sentence(denied)}, and allowed now.</figcaption>
${shown}
${more === 0 ? "" : `<p>and ${plural(more, "more argument")}</p>`}
</figure>`;
}

// ---------------------------------------------------------------- approvals

function approval(report: GateReport): string {
  if (!asksForApproval(report)) return "";
  const rows = approvalLines(report)
    .map(({ group, needed, people }) => {
      const enough = people.length >= needed;
      const sign = `<span class="${enough ? "good" : "bad"}" aria-hidden="true">${enough ? "✓" : "✗"}</span>`;
      return `<tr><td>${sign} ${sentence(group)}</td><td>${people.length} of ${needed}</td><td>${people.length === 0 ? "nobody yet" : people.map((person) => `<code>${text(person)}</code>`).join(", ")}</td></tr>`;
    })
    .join("\n");
  const problems = report.approved ? [] : (report.approvals?.problems ?? []);
  const says = commitment(report, report.approvals?.commit);
  return `<section aria-labelledby="approval">
<h2 id="approval">Approval</h2>
<table class="plain"><thead><tr><th scope="col">Group</th><th scope="col">Approved</th><th scope="col">By</th></tr></thead>
<tbody>
${rows}
</tbody></table>
${problems.length === 0 ? "" : `<ul class="why">${problems.map((problem) => `<li>${sentence(capital(problem))}.</li>`).join("\n")}</ul>`}
${says === undefined ? "" : `<p class="commitment">${sentence(says)}</p>`}
</section>`;
}

// ---------------------------------------------------------------- what was checked

const PHASE_MARK = { good: "✓", look: "!", bad: "✗" } as const;

const MAX_LISTED = 50;

function checked(report: GateReport): string {
  const rows = phaseLines(report)
    .map(
      ([name, says, state]) =>
        `<tr><th scope="row"><span class="${state}" aria-hidden="true">${PHASE_MARK[state]}</span> ${text(name)}</th><td>${sentence(says)}</td></tr>`,
    )
    .join("\n");
  const found = problems(report);
  const rest = found.length - MAX_LISTED;
  const warnings = report.warnings.map(
    ({ message, help }) => `<li>${sentence(capital(message))}. ${sentence(capital(help))}.</li>`,
  );
  return `<section aria-labelledby="checked">
<h2 id="checked">What was checked</h2>
<table class="plain"><tbody>
${rows}
</tbody></table>
${found.length === 0 ? "" : `<ul class="why">${found.slice(0, MAX_LISTED).join("\n")}${rest > 0 ? `<li>and ${rest} more</li>` : ""}</ul>`}
${warnings.length === 0 ? "" : `<h3>What to know</h3>\n<ul class="why">${warnings.join("\n")}</ul>`}
</section>`;
}

function problems({ lint, test }: GateReport): string[] {
  return [
    ...lint.findings
      .filter(({ severity }) => severity === "error")
      .map(
        ({ place, message, help }) =>
          `<li><code>${text(`${place.file}:${place.line}`)}</code> ${sentence(message)} <span class="aside">${sentence(help)}</span></li>`,
      ),
    ...(test?.cases ?? [])
      .filter(({ status }) => status === "failed" || status === "error")
      .map(
        ({ place, suite, name, reason }) =>
          `<li><code>${text(`${place.file}:${place.line}`)}</code> ${text(suite)}: ${text(name)}: ${sentence(reason)}</li>`,
      ),
  ];
}

function footer({ base, head, diff }: GateReport): string {
  const scope = diff?.scope === "all" ? "everything" : "patient data (ePHI)";
  return `<footer>
<p>“By proof” means that a concrete call was decided on both sides, or that it was proved for all calls that none exists; “by rule” means that a setting became weaker by a published order. What could not be proved counts as wider. Values of grant attributes are not shown.</p>
<dl class="digests">
<div><dt>Before</dt><dd><code>${text(base.digest)}</code></dd></div>
<div><dt>After</dt><dd><code>${text(head.digest)}</code></dd></div>
<div><dt>The gate looks at</dt><dd>${scope}</dd></div>
</dl>
</footer>`;
}
