/** The engine's findings and places in the words of the Language Server Protocol. */
import type { Diagnostic, Range } from "vscode-languageserver/node";
import type { Finding, Place } from "../../engine/index.ts";

const SEVERITY = { error: 1, warning: 2, info: 3 } as const satisfies Record<
  Finding["severity"],
  number
>;

export function diagnosticOf(finding: Finding, text: string): Diagnostic {
  const { rule, severity, message, help, place } = finding;
  return {
    range: wordAt(text, place),
    severity: SEVERITY[severity],
    code: rule,
    source: "phiward",
    message: `${message}\nhelp: ${help}`,
  };
}

/** From the place to the end of the word there, so that an editor has something to underline. */
export function wordAt(text: string, { line, column }: Pick<Place, "line" | "column">): Range {
  const rest = text.split("\n", line)[line - 1]?.slice(column - 1) ?? "";
  const word = /^("([^"\\]|\\.)*"|'[^']*'|[^\s,{}[\]]+)/.exec(rest)?.[0].replace(/:$/, "") ?? " ";
  const start = { line: line - 1, character: column - 1 };
  return { start, end: { line: start.line, character: start.character + word.length } };
}
