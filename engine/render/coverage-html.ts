/**
 * Coverage as a page over the policies' source: each line with what the tests saw of it. A mark and a
 * word say what colour says, so the page reads in black and white and on paper.
 */
import type { CoverageReport, CoveredCondition, CoveredRule } from "../coverage/report.ts";
import { page, text } from "./html.ts";
import { plural } from "./paint.ts";

/** The sources by the files' names, as the report has them. */
export function coverageHtml(report: CoverageReport, sources: ReadonlyMap<string, string>): string {
  const files = [...sources].sort(([a], [b]) => (a < b ? -1 : 1));
  return page(
    "Coverage of policies",
    `<style>${STYLE}</style>`,
    head(report),
    ...files.map(([file, source]) => fileSection(report, file, source)),
    LEGEND,
  );
}

type State = "seen" | "partly" | "unseen" | "";

const MARKS: Readonly<Record<State, string>> = { seen: "✓", partly: "◐", unseen: "✗", "": "" };
const WORDS: Readonly<Record<State, string>> = {
  seen: "seen",
  partly: "partly seen",
  unseen: "not seen",
  "": "",
};

function head({ rules, conditions, coveredRules, coveredConditions }: CoverageReport): string {
  const decided = coveredRules.filter((rule) => rule.decided > 0).length;
  const whole = coveredConditions.filter(({ missing }) => missing.length === 0).length;
  return `<header class="answer ${rules === 100 && conditions === 100 ? "same" : "unknown"}">
<h1>What the tests see of the policies</h1>
<ul class="counts">
<li><strong>${rules} %</strong> of the rules decide: ${decided} of ${plural(coveredRules.length, "rule")}</li>
<li><strong>${conditions} %</strong> of what the conditions can be is seen; ${whole} of ${plural(coveredConditions.length, "condition")} in full</li>
</ul>
</header>`;
}

function fileSection(report: CoverageReport, file: string, source: string): string {
  const rules = report.coveredRules.filter(({ place }) => place.file === file);
  const conditions = report.coveredConditions.filter(({ place }) => place.file === file);
  const lines = source.replace(/\n$/, "").split("\n");
  const rows = lines.map((line, index) => {
    const at = <T extends { readonly place: { readonly line: number } }>(
      parts: readonly T[],
    ): T[] => parts.filter(({ place }) => place.line === index + 1);
    return row(line, index + 1, at(rules), at(conditions));
  });
  return `<section>
<h2><code>${text(file)}</code></h2>
<div class="scroll" tabindex="0"><table class="source"><caption class="unseen">Source of ${text(file)}, line by line</caption>
<thead class="unseen"><tr><th>Line</th><th>Seen</th><th>Source</th><th>What is missing</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>
</section>`;
}

function row(
  line: string,
  number: number,
  rules: readonly CoveredRule[],
  conditions: readonly CoveredCondition[],
): string {
  const state = stateOf(rules, conditions);
  const notes = [
    ...rules.filter(({ decided }) => decided === 0).map(({ rule }) => `never decides: ${rule}`),
    ...conditions
      .filter(({ missing }) => missing.length > 0)
      .map(({ missing }) => `never ${missing.join(" or ")}`),
  ];
  const mark =
    state === ""
      ? ""
      : `<span aria-hidden="true">${MARKS[state]}</span><span class="unseen">${WORDS[state]}</span>`;
  return `<tr${state === "" ? "" : ` class="${CLASSES[state]}"`}><td class="number">${number}</td><td class="sign">${mark}</td><td><code>${text(line)}</code></td><td class="note">${notes.map(text).join("<br>")}</td></tr>`;
}

/** Not `unseen` itself: that hides a text from the eye. */
const CLASSES: Readonly<Record<Exclude<State, "">, string>> = {
  seen: "is-seen",
  partly: "is-partly",
  unseen: "is-open",
};

function stateOf(rules: readonly CoveredRule[], conditions: readonly CoveredCondition[]): State {
  if (rules.length + conditions.length === 0) return "";
  const full =
    rules.every(({ decided }) => decided > 0) &&
    conditions.every(({ missing }) => missing.length === 0);
  if (full) return "seen";
  const any =
    rules.some(({ decided }) => decided > 0) ||
    conditions.some(({ seen }) => seen.true + seen.false + seen.undetermined > 0);
  return any ? "partly" : "unseen";
}

const LEGEND = `<footer>
<p><span aria-hidden="true">✓</span> seen: the rule decided a call, the condition had every value that it can have. <span aria-hidden="true">◐</span> partly seen. <span aria-hidden="true">✗</span> not seen. A tool by itself is seen when a call of it is allowed. Values that are proved to be impossible where the condition is judged are not asked for.</p>
</footer>`;

const STYLE = `
body { max-width: 78rem; }
.source { font-size: .85rem; }
.source td { border: 0; padding: .05rem .6rem; vertical-align: baseline; }
.source td code { white-space: pre-wrap; font-size: .95em; }
.source .number, .source .note { color: var(--soft); }
.source .number { text-align: right; user-select: none; min-width: 3rem; }
.source .sign { font-weight: 700; font-family: "Segoe UI Symbol", "DejaVu Sans", sans-serif; }
.source .note { min-width: 12rem; font-size: .95em; }
.is-seen > .sign { color: var(--same); }
.is-partly { background: var(--unknown-soft); }
.is-partly > .sign, .is-partly > .note { color: var(--unknown); }
.is-open { background: var(--broader-soft); }
.is-open > .sign, .is-open > .note { color: var(--broader); }
@media print { .is-open > .note, .is-partly > .note { font-weight: 600; } .scroll { overflow: visible; } }
`;
