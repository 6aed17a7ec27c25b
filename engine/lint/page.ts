/** The page of a rule, in Markdown: docs/rules/ and `lint --explain` are made of the same text. */
import { DAY, formatDay } from "../policy/time.ts";
import { EXAMPLE_NOW, type Files, type LintRule } from "./rule.ts";
import { MAX_SUPPRESSION_DAYS, SUPPRESSION } from "./suppress.ts";

/** The sections of a rule's page, each with its heading, without the title. */
export function ruleSections(rule: LintRule): string[] {
  const { given = {}, bad, ok, findings, fixed } = rule.examples;
  const also = (rule.otherwise ?? []).map(({ severity, when }) => `; \`${severity}\` when ${when}`);
  return [
    `## What it finds\n\n${rule.summary} Severity: \`${rule.severity}\`${also.join("")}.\n`,
    `## Why\n\n${rule.why}\n`,
    `## Not ok\n\n${listing(bad)}\`phiward lint --now ${formatDay(EXAMPLE_NOW)}\` says:\n\n${fence("text", findings.map((line) => withRule(line, rule.id)).join("\n"))}`,
    `## Ok\n\n${listing(ok)}${beside(given)}`,
    `## How to fix\n\n${rule.fix}\n${fixed === undefined ? "" : `\nOf the first example \`phiward lint --fix\` makes:\n\n${listing(fixed)}`}`,
    `## How to suppress until a date\n\n${suppressing(rule)}`,
  ];
}

/** `place severity: message` → `place severity[rule]: message`. */
function withRule(line: string, id: string): string {
  return line.replace(/^(\S+ [a-z]+):/, `$1[${id}]:`);
}

function listing(files: Files): string {
  const entries = Object.entries(files);
  if (entries.length === 0) return "No file beside the ones below.\n\n";
  return entries
    .map(([path, text]) => {
      // A digest says nothing to a reader; the rest of a lock does.
      const shown = text.replace(/"sha256:[0-9a-f]{64}"/g, '"sha256:…"').trimEnd();
      return `\`${path}\`:\n\n${fence(path.endsWith(".json") ? "json" : "yaml", shown)}\n`;
    })
    .join("");
}

function beside(files: Files): string {
  if (Object.keys(files).length === 0) return "";
  return `<details><summary>The files beside, in both examples</summary>\n\n${listing(files)}</details>\n`;
}

function suppressing({ id, examples }: LintRule): string {
  if (id === SUPPRESSION)
    return "It cannot be suppressed: an entry could otherwise last for ever.\n";
  const file = examples.findings[0]!.split(":")[0]!;
  const until = formatDay(EXAMPLE_NOW + 90 * DAY);
  return `In phiward.yaml; without \`file\` it holds for all files. The date is at most ${MAX_SUPPRESSION_DAYS} days away. From that day on the entry is an error, and the finding stands again. The gate sees a new entry as a broadening.\n\n${fence(
    "yaml",
    `suppress:\n  - rule: ${id}\n    file: ${file}\n    reason: why this is accepted, and the ticket\n    until: ${until}`,
  )}`;
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}
