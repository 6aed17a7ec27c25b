/** What the audit commands have in common. */
import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { timeOf } from "../../arguments.ts";

export const from = Flags.string({
  description: "not before this time or day",
  helpValue: "TIME",
});

export const to = Flags.string({
  description: "not after this time; a day counts whole",
  helpValue: "TIME",
});

export const archive = Flags.string({
  description: "ask an archive that `audit archive` made, in place of the state folder's log",
  helpValue: "DIR",
});

const KINDS = ["decision", "outcome", "rejected", "admin", "policy", "checkpoint"] as const;

/** Which records. */
export const filters = {
  principal: Flags.string({ description: "only of this principal", helpValue: "ID" }),
  grant: Flags.string({ description: "only of this grant", helpValue: "ID" }),
  server: Flags.string({ description: "only to this server", helpValue: "ID" }),
  tool: Flags.string({ description: "only of this tool", helpValue: "NAME" }),
  verdict: Flags.option({
    description: "only calls that were",
    options: ["allow", "deny"] as const,
  })(),
  rule: Flags.string({
    description:
      "only decided by this rule, such as (expired), or by rules of this code, such as deny_if",
    helpValue: "RULE",
  }),
  kind: Flags.option({ description: "only records of this kind", options: KINDS })(),
  from,
  to,
};

const DAY_MS = 24 * 60 * 60 * 1000;

/** `--from` and `--to`, both ends included. */
export function periodOf(
  engine: typeof Engine,
  flags: { readonly from?: string | undefined; readonly to?: string | undefined },
  host: Engine.Host,
): { readonly from?: number; readonly to?: number } {
  const day = flags.to === undefined ? undefined : engine.parseDay(flags.to);
  return {
    ...(flags.from === undefined ? {} : { from: timeOf(engine, flags.from, host) }),
    ...(flags.to === undefined
      ? {}
      : { to: day === undefined ? timeOf(engine, flags.to, host) : day + DAY_MS - 1 }),
  };
}

/** Asks the index of a state folder, brought up to date first. */
export function withIndex<T>(
  engine: typeof Engine,
  folder: string,
  ask: (index: Engine.Index, report: Engine.IndexReport) => T,
): T {
  const progress = progressOn("indexing the log");
  const index = engine.freshIndex(folder, progress.tell);
  progress.done();
  try {
    return ask(index, engine.indexReport(folder, index));
  } finally {
    index.close();
  }
}

const EVERY_RECORDS = 50_000;

/** Progress on standard error, for a person: a line that counts, and is gone afterwards. */
export function progressOn(what: string): {
  readonly tell: (records: number) => void;
  readonly done: () => void;
} {
  const terminal = process.stderr.isTTY === true;
  let told = 0;
  return {
    tell(records) {
      if (!terminal || records - told < EVERY_RECORDS) return;
      told = records;
      process.stderr.write(`\r${what}: ${records.toLocaleString("en")} records`);
    },
    done() {
      if (told > 0) process.stderr.write("\r\u001b[K");
    },
  };
}
