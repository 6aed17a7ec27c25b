/** Figures as text. */
import { time } from "../measure.ts";
import type { Cell, Row } from "./rounds.ts";

export function cellText(cell: Cell, rows: readonly Row[]): string {
  const head = line("", ["calls/s", "p50", "p95", "p99", "CPU/call"]);
  const body = rows.map(({ name, perSecond, p50, p95, p99, cpu }) =>
    line(name, [perSecond.toFixed(0), ...[p50, p95, p99, cpu].map((us) => time(us * 1_000))]),
  );
  const last = rows.at(-1)!;
  const ratios = rows
    .slice(0, -1)
    .map((row) =>
      line(`  gateway ÷ ${row.name}`, [
        ratio(last.perSecond, row.perSecond),
        ratio(last.p50, row.p50),
        ratio(last.p95, row.p95),
        ratio(last.p99, row.p99),
        ratio(last.cpu, row.cpu),
      ]),
    );
  return ["", titleOf(cell), head, ...body, ...ratios].join("\n");
}

function titleOf({ era, connections, offered }: Cell): string {
  const plural = connections === 1 ? "" : "s";
  const calls =
    offered === undefined ? "one call after another" : `${offered} calls a second offered`;
  return `${era} era, ${connections} connection${plural}, ${calls}`;
}

function line(name: string, columns: readonly string[]): string {
  return `  ${name.padEnd(46)}${columns.map((column) => column.padStart(10)).join("")}`;
}

function ratio(one: number, other: number): string {
  return `× ${(one / other).toFixed(2)}`;
}
