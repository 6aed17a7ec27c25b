/** What became of a recording, in names and counts. */
import type { Skipped } from "./line.ts";

/** Calls that have no line, of one tool or method, for one reason. */
export interface SkippedCount extends Skipped {
  readonly calls: number;
}

export interface Recording {
  readonly file: string;
  readonly server: string;
  readonly grant: string | null;
  readonly values: "replaced" | "raw" | "keys";
  /** Calls that a policy judges. */
  readonly calls: number;
  readonly written: number;
  readonly allowed: number;
  readonly denied: number;
  readonly notWritten: number;
  readonly skipped: readonly SkippedCount[];
  /** Keys that were replaced, since nothing names them. */
  readonly keysReplaced: number;
  /** Calls after the last that there was room for. */
  readonly beyondLimit: number;
  /** From the log: lines whose verdict reads nothing but names. */
  readonly byKeysAlone?: number;
}

/** Reasons that are told apart; more are only counted. */
const MAX_REASONS = 200;

export interface Counter {
  line(verdict: "allow" | "deny", keys: number): void;
  skipped(skipped: Skipped): void;
  beyond(): void;
  report(about: Pick<Recording, "file" | "server" | "grant" | "values">): Recording;
}

export function counter(): Counter {
  const reasons = new Map<string, { skipped: Skipped; calls: number }>();
  const count = { allow: 0, deny: 0, keys: 0, skipped: 0, beyond: 0 };
  return {
    line(verdict, keys) {
      count[verdict]++;
      count.keys += keys;
    },
    skipped(skipped) {
      count.skipped++;
      const { why, tool, rule, replacedRule } = skipped;
      const key = JSON.stringify([why, tool, rule, replacedRule]);
      const known = reasons.get(key);
      if (known !== undefined) known.calls++;
      else if (reasons.size < MAX_REASONS) reasons.set(key, { skipped, calls: 1 });
    },
    beyond: () => void count.beyond++,
    report(about) {
      const { allow, deny, keys, skipped, beyond } = count;
      return {
        ...about,
        calls: allow + deny + skipped + beyond,
        written: allow + deny,
        allowed: allow,
        denied: deny,
        notWritten: skipped + beyond,
        skipped: [...reasons.values()]
          .map(({ skipped, calls }) => ({ ...skipped, calls }))
          .sort((a, b) => b.calls - a.calls),
        keysReplaced: keys,
        beyondLimit: beyond,
      };
    },
  };
}
