/** The inputs as the workflow writes them → settings; every problem at once. */
import { didYouMean, PhiwardError } from "../engine/index.ts";

export const FAIL_ON = ["blocks", "broader", "never"] as const;
export const COMMENT = ["always", "on-failure", "never"] as const;
export const INPUTS = [
  "base-ref",
  "head-ref",
  "dir",
  "fail-on",
  "comment",
  "token",
  "sarif-file",
] as const;

export interface Settings {
  /** Two revisions to judge, where the event is not about a pull request. */
  readonly revisions?: { readonly base: string; readonly head: string };
  /** The policy repository's folder below the Git root, with `/`; empty for the root itself. */
  readonly dir: string;
  readonly failOn: (typeof FAIL_ON)[number];
  readonly comment: (typeof COMMENT)[number];
  readonly token: string;
  /** Relative to the workspace. */
  readonly sarifFile?: string;
}

/**
 * Defaults stand here and nowhere else. `named` says whether the event itself names what is judged.
 *
 * @throws PhiwardError ACTION_INPUTS that lists everything that is wrong. An input that is read
 * as something else than it says would be a gate that stands open.
 */
export function readInputs(given: Readonly<Record<string, string>>, named: boolean): Settings {
  const problems: string[] = [];
  const text = (name: (typeof INPUTS)[number]): string => (given[name] ?? "").trim();
  const choice = <T extends string>(name: "fail-on" | "comment", all: readonly T[]): T => {
    const value = text(name) === "" ? all[0] : all.find((each) => each === text(name));
    if (value === undefined)
      problems.push(
        `\`${name}\` cannot be \`${shown(text(name))}\` (${didYouMean(text(name), all)})`,
      );
    return value ?? all[0]!;
  };
  for (const name of Object.keys(given).filter((each) => !INPUTS.some((known) => known === each)))
    problems.push(`there is no input \`${shown(name)}\` (${didYouMean(name, INPUTS)})`);

  const failOn = choice("fail-on", FAIL_ON);
  const comment = choice("comment", COMMENT);
  const token = text("token");
  // A line break in a token would end the header that it is sent in, and begin another.
  if (!/^[\x21-\x7e]+$/.test(token))
    problems.push("`token` is empty or no token: leave it out, or give a token of this repository");
  const dir = path("dir", text("dir"), problems);
  const sarifFile = path("sarif-file", text("sarif-file"), problems);
  const revisions = revisionsOf(text("base-ref"), text("head-ref"), named, problems);
  if (problems.length > 0)
    throw new PhiwardError("ACTION_INPUTS", problems.join("; "), {
      help: "mend these inputs; action.yml describes each of them",
    });
  return {
    dir,
    failOn,
    comment,
    token,
    ...(sarifFile === "" ? {} : { sarifFile }),
    ...(revisions === undefined ? {} : { revisions }),
  };
}

const shown = (text: string): string => text.slice(0, 60);

/** A path below the root, without `.` in it; empty for the root. */
function path(name: string, written: string, problems: string[]): string {
  const steps = written.split("/").filter((step, i) => step !== "." && !(step === "" && i > 0));
  const bad = steps.includes("..") || written.startsWith("/") || /[\\\p{Cc}]/u.test(written);
  if (bad) problems.push(`\`${name}\` must be a path inside the repository, with \`/\``);
  return steps.join("/");
}

function revisionsOf(
  base: string,
  head: string,
  named: boolean,
  problems: string[],
): Settings["revisions"] {
  if (base === "" && head === "") {
    if (!named)
      problems.push(
        "`base-ref` and `head-ref` are empty, and the event names no change: give both, or run on `pull_request`, `pull_request_target` or `merge_group`",
      );
    return undefined;
  }
  // What is judged must be what will be merged, and only the event knows that.
  if (named)
    problems.push("`base-ref` and `head-ref` must be left out where the event names the change");
  else if (base === "" || head === "")
    problems.push("`base-ref` and `head-ref` must both be given, or neither");
  for (const [name, ref] of [
    ["base-ref", base],
    ["head-ref", head],
  ] as const)
    if (ref !== "" && !isRef(ref))
      problems.push(`\`${name}\` is no branch, tag or commit: \`${shown(ref)}\``);
  return { base, head };
}

/** As `git check-ref-format` says; so it is also no option, no pattern and no expression. */
export function isRef(text: string): boolean {
  return (
    text !== "" &&
    text.length <= 250 &&
    !/[\s\p{Cc}~^:?*[\\]|\.\.|@\{|\/\/|^[-+/.@]|[/.]$|\.lock$/u.test(text) &&
    !text.includes("/.")
  );
}
