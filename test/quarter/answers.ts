/** Each story of the quarter, the one command that finds it, and what it must say. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import type { AuditRecord } from "../../engine/audit/record.ts";
import type { Activity, ReviewFinding, Standing } from "../../engine/review/report.ts";
import type { Planted, Quarter } from "./generate.ts";

const BIN = resolve(import.meta.dirname, "../../dist/cli/bin.js");

/** What a command prints with `--format json`. */
export function ask<T>({ state }: Pick<Quarter, "state">, args: readonly string[], input = ""): T {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [BIN, ...args, "--state", state, "--format", "json"],
    { encoding: "utf8", input, maxBuffer: 1024 * 1024 * 1024 },
  );
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

export interface Story {
  readonly title: string;
  /** The finding of `audit report --period 2026-Q3` that tells of it. */
  readonly finding: (planted: Planted) => string;
  /** What the finding's own command shows. */
  readonly shows: (records: readonly AuditRecord[], planted: Planted) => boolean;
}

const denied = (records: readonly AuditRecord[], rule: string): number =>
  records.filter((one) => one.kind === "decision" && one.rule === rule).length;

export const STORIES: readonly Story[] = [
  {
    title: "somebody who reads neighbours at night",
    finding: ({ insider }) => `odd-hours/${insider.principal}`,
    shows: (records, { insider }) =>
      records.filter((one) => one.kind === "decision" && one.principal === insider.principal)
        .length >= insider.patients.length,
  },
  {
    title: "an agent that was prompted into a dump",
    finding: ({ dump }) => `bulk-read/${dump.principal}`,
    shows: (records, { dump }) =>
      records.some(
        (one) =>
          one.kind === "decision" && one.principal === dump.principal && one.tool === dump.tool,
      ),
  },
  {
    title: "what that agent tried before, and the limit that ended it",
    finding: ({ dump }) => `denied-burst/${dump.principal}`,
    shows: (records, { dump }) =>
      denied(records, dump.denied) >= 45 && denied(records, dump.limit) >= 60,
  },
  {
    title: "an emergency access that nobody has reviewed",
    finding: ({ emergency }) => `emergency-unreviewed/${emergency.opening}`,
    shows: (records, { emergency }) =>
      records.filter((one) => one.kind === "decision" && one.emergency === emergency.opening)
        .length === emergency.calls,
  },
  {
    title: "a token that is tried after its holder has left",
    finding: ({ leaver }) => `ended-token/orphaned_token/${leaver.grant}`,
    shows: (records, { leaver }) =>
      records.filter((one) => one.kind === "rejected" && one.grant === leaver.grant).length ===
      leaver.tries,
  },
  {
    title: "a log whose end was torn",
    finding: () => "recovered-tail",
    shows: (records, { broken }) =>
      records.some(
        (one) => one.kind === "admin" && one.details?.discardedBytes === broken.discardedBytes,
      ),
  },
  {
    title: "a tool that changed under way",
    finding: () => "quarantined-tool",
    shows: (records, { drift }) =>
      records.some(
        (one) => one.kind === "policy" && one.server === drift.server && one.tool === drift.tool,
      ),
  },
  {
    title: "an emergency stop",
    finding: () => "emergency-stop",
    shows: (records, { halt }) =>
      records.some((one) => one.kind === "policy" && Date.parse(one.at) === halt.from),
  },
];

/** The report of the quarter, as `audit report --format json` has it. */
export interface ReportJson extends Pick<Activity, "denials"> {
  readonly standing: Pick<Standing, "places">;
  /** Those of the standing too. */
  readonly findings: readonly ReviewFinding[];
}

/** The records that a finding's command shows. */
export function shownBy(
  quarter: Pick<Quarter, "state">,
  { command }: ReviewFinding,
): readonly AuditRecord[] {
  const [program, ...args] = wordsOf(command);
  if (program !== "phiward") throw new Error(`no command of ours: ${command}`);
  return ask<{ records: AuditRecord[] }>(quarter, [...args, "--limit", "1000"]).records;
}

/** As a shell reads a line of bare and single-quoted words. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
}
