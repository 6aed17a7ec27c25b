/** What a shell has to know of the commands: their words, their flags, and which values those take. */
import type { Config } from "@oclif/core";

export interface FlagFacts {
  /** With its dashes: `--format`, `-v`, `--no-color`. */
  readonly name: string;
  readonly summary: string;
  readonly takesValue: boolean;
  /** The values that there are; empty where any will do, and then files are offered. */
  readonly values: readonly string[];
}

export interface CommandFacts {
  /** As it is typed: `audit query`. */
  readonly words: string;
  readonly summary: string;
  readonly flags: readonly FlagFacts[];
}

/** `known` holds values that no flag lists itself, such as the names of rules: `lint --explain` → names. */
export function commandFacts(
  { commands }: Config,
  known: Readonly<Record<string, readonly string[]>>,
): readonly CommandFacts[] {
  return commands
    .filter(({ hidden }) => !hidden)
    .map(({ id, summary = "", flags }): CommandFacts => {
      const words = id.replaceAll(":", " ");
      return { words, summary: sentence(summary), flags: flagFacts(words, flags, known) };
    })
    .sort((a, b) => (a.words < b.words ? -1 : 1));
}

type Flags = Config["commands"][number]["flags"];

function flagFacts(
  words: string,
  flags: Flags,
  known: Readonly<Record<string, readonly string[]>>,
): FlagFacts[] {
  const facts = Object.values(flags).flatMap((flag): FlagFacts[] => {
    if (flag.hidden === true) return [];
    const takesValue = flag.type === "option";
    const values = takesValue ? (flag.options ?? known[`${words} --${flag.name}`] ?? []) : [];
    const one = (name: string): FlagFacts => ({
      name,
      summary: sentence(flag.summary ?? flag.description ?? ""),
      takesValue,
      values,
    });
    return [
      one(`--${flag.name}`),
      ...(flag.char === undefined ? [] : [one(`-${flag.char}`)]),
      ...(flag.type === "boolean" && flag.allowNo === true ? [one(`--no-${flag.name}`)] : []),
    ];
  });
  const help = { name: "--help", summary: "what the command does", takesValue: false, values: [] };
  return [...facts, help].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The words that may follow: of `audit` they are `query`, `verify` and `who`. */
export function nextWords(
  commands: readonly CommandFacts[],
): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, Set<string>>([["", new Set()]]);
  for (const { words } of commands) {
    const parts = words.split(" ");
    for (const [index, part] of parts.entries()) {
      const path = parts.slice(0, index).join(" ");
      next.set(path, (next.get(path) ?? new Set()).add(part));
    }
  }
  return new Map([...next].map(([path, words]) => [path, [...words].sort()]));
}

/** All that can be typed of commands so far: topics such as `audit`, and whole commands. */
export function pathsOf(
  commands: readonly CommandFacts[],
  next: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const all = new Set([...next.keys(), ...commands.map(({ words }) => words)]);
  return [...all].filter((path) => path !== "");
}

/** One line, without what a shell would read as something else. */
function sentence(text: string): string {
  return (text.split("\n")[0] ?? "")
    .replaceAll(": ", " - ")
    .replaceAll("'", "’")
    .replace(/[^\w ,;.()?’/-]/g, "")
    .replace(/\.$/, "");
}
