/**
 * SARIF 2.1.0 (OASIS), as code scanning reads it: every issue is a result at a line, with a fingerprint
 * by which it is known again when the lines above it move.
 */
import type { RuleFacts } from "../lint/explain.ts";
import { fromRoot, type Issue } from "./issues.ts";
import { visible } from "./paint.ts";

/** Code scanning refuses a run with more than 25,000 results, and shows 5,000. */
const MAX_RESULTS = 5_000;

const LEVEL = { error: "error", warning: "warning", info: "note" } as const;

export interface SarifOptions {
  /** The policy folder, relative to the root of the Git repository; its root when absent. */
  readonly dir?: string;
  /** What is known of the rules of lint, for whoever opens a result. */
  readonly rules?: readonly RuleFacts[];
}

/** The gravest first, and no more than a reader gets to see. */
export function sarif(
  issues: readonly Issue[],
  { dir, rules: facts = [] }: SarifOptions = {},
): object {
  const shown = issues.slice(0, MAX_RESULTS);
  const rules = [...new Set(shown.map(({ rule }) => rule))].sort();
  const left = issues.length - shown.length;
  return {
    $schema:
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "phiward",
            rules: rules.map((id) => descriptor(id, facts)),
          },
        },
        columnKind: "utf16CodeUnits",
        results: shown.map((issue) => result(issue, rules, dir)),
        ...(left > 0
          ? {
              invocations: [
                {
                  executionSuccessful: true,
                  toolExecutionNotifications: [
                    { level: "warning", message: { text: `${left} more results are left out` } },
                  ],
                },
              ],
            }
          : {}),
      },
    ],
  };
}

function result(issue: Issue, rules: readonly string[], dir: string | undefined): object {
  const { rule, severity, message, help, file, line = 1, column } = issue;
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level: LEVEL[severity],
    message: { text: plainText(help === undefined ? message : `${message} (help: ${help})`) },
    // Code scanning wants a place of every result; what is about no file is about the project.
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(fromRoot(file ?? "phiward.yaml", dir)) },
          region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) },
        },
      },
    ],
    partialFingerprints: { "phiward/v1": issue.fingerprint },
  };
}

function descriptor(id: string, facts: readonly RuleFacts[]): object {
  const known = facts.find((one) => `lint/${one.id}` === id);
  if (known === undefined) return { id, shortDescription: { text: titleOf(id) } };
  const [severity] = known.severities;
  return {
    id,
    shortDescription: { text: plainText(known.summary) },
    fullDescription: { text: plainText(known.why) },
    help: { text: plainText(known.fix) },
    ...(severity === undefined ? {} : { defaultConfiguration: { level: LEVEL[severity] } }),
  };
}

function titleOf(rule: string): string {
  const [what = "", name = ""] = rule.split("/");
  return `${what}: ${name.replaceAll("-", " ")}`;
}

/** §3.11.5: a brace of a text is doubled, or it begins a placeholder. §3.11.6: `](` would make a link. */
function plainText(text: string): string {
  return visible(text).replace(/[{}]/g, "$&$&").replaceAll("](", "] (");
}

/** RFC 3986: a path as a relative reference. */
function uriOf(path: string): string {
  return path
    .split("/")
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join("/");
}
