/**
 * Annotations of GitHub: on the line that they are about, in the changed files of a pull request.
 *
 * GitHub shows ten of each level of a step and drops the rest without a word, so the gravest come
 * first and the tenth says how many are left out.
 */
import { fromRoot, type Issue } from "./issues.ts";
import { visible } from "./paint.ts";

const MAX_OF_A_LEVEL = 10;

export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly title: string;
  readonly message: string;
  /** From the root of the Git repository. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

const LEVEL = { error: "error", warning: "warning", info: "notice" } as const;

/** Plain text: whoever writes a workflow command escapes it. */
export function annotations(
  issues: readonly Issue[],
  { dir }: { readonly dir?: string } = {},
): Annotation[] {
  const all = issues.map(
    ({ rule, severity, message, help, file, line, column }): Annotation => ({
      level: LEVEL[severity],
      title: visible(`phiward: ${rule}`),
      message: visible(help === undefined ? message : `${message} (help: ${help})`),
      ...(file === undefined ? {} : { file: visible(fromRoot(file, dir)) }),
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    }),
  );
  return (["error", "warning", "notice"] as const).flatMap((level) =>
    atMost(
      all.filter((annotation) => annotation.level === level),
      level,
    ),
  );
}

function atMost(found: readonly Annotation[], level: Annotation["level"]): Annotation[] {
  if (found.length <= MAX_OF_A_LEVEL) return [...found];
  const shown = found.slice(0, MAX_OF_A_LEVEL - 1);
  const left = found.length - shown.length;
  const rest: Annotation = {
    level,
    title: "phiward: more",
    message: `${left} more of this level are not shown here; the whole report has them`,
  };
  return [...shown, rest];
}

/** The same as workflow commands, for a step that prints them. */
export function workflowCommands(found: readonly Annotation[]): string {
  return found
    .map(({ level, title, message, file, line, column }) => {
      const properties = Object.entries({ file, line, col: column, title }).flatMap(
        ([name, value]) => (value === undefined ? [] : `${name}=${property(String(value))}`),
      );
      return `::${level} ${properties.join(",")}::${data(message)}`;
    })
    .join("\n");
}

/** A text from a pull request must not end the line: the next one could be a command of its own. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
