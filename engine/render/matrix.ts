/** Who is concerned with what: every grant a row, every tool a column. */
import type { Change, Verdict } from "../compare/report.ts";
import type { Group } from "./diff.ts";
import { EPHI, KIND, mark, text, WORD } from "./html.ts";
import { plural } from "./paint.ts";

/** A wider matrix is read by nobody; the cards have everything. */
const MAX_COLUMNS = 16;
const MAX_ROWS = 60;

const EVERYONE = "everyone";
const IN_GENERAL = "in general";

interface Cell {
  readonly verdict: Verdict;
  readonly group: number;
  readonly change: Change;
}

export function matrix(groups: readonly Group[]): string {
  const rows = new Map<string, Map<string, Cell[]>>();
  const who = new Map<string, string>();
  const columns = new Map<string, { name: string; server: string; ephi: boolean }>();
  for (const [index, { members }] of groups.entries()) {
    for (const change of members) {
      const row = change.grant ?? EVERYONE;
      const column = columnOf(change);
      if (!columns.has(column.key)) columns.set(column.key, column);
      who.set(row, change.principal ?? "");
      const cells = rows.get(row) ?? new Map<string, Cell[]>();
      rows.set(row, cells);
      const cell: Cell = { verdict: change.verdict, group: index, change };
      cells.set(column.key, [...(cells.get(column.key) ?? []), cell]);
    }
  }
  if (rows.size === 0) return "";
  // What is about no tool, and what is about nobody in particular, stands at the end.
  const last = (name: string): number => Number(name === EVERYONE || name === IN_GENERAL);
  const shown = [...columns]
    .sort(([, a], [, b]) => last(a.name) - last(b.name))
    .slice(0, MAX_COLUMNS);
  const people = [...rows].sort(([a], [b]) => last(a) - last(b)).slice(0, MAX_ROWS);
  const left = [
    ...(columns.size > shown.length ? [plural(columns.size - shown.length, "more tool")] : []),
    ...(rows.size > people.length ? [plural(rows.size - people.length, "more grant")] : []),
  ];
  const heads = shown
    .map(
      ([, { name, server, ephi }]) =>
        `<th scope="col"><span class="target">${text(name)}</span>${server === "" ? "" : `<span class="server">${text(server)}</span>`}${ephi ? EPHI : ""}</th>`,
    )
    .join("");
  const body = people
    .map(([grant, cells]) => {
      const principal = who.get(grant) ?? "";
      const head = `<th scope="row"><span class="target">${text(grant)}</span>${principal === "" ? "" : `<span class="server">${text(principal)}</span>`}</th>`;
      return `<tr>${head}${shown.map(([key]) => matrixCell(cells.get(key) ?? [])).join("")}</tr>`;
    })
    .join("\n");
  return `<section aria-labelledby="who">
<h2 id="who">Who is concerned</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="who">
<table>
<caption>Each row is a grant, each column a tool. ${legend()}</caption>
<thead><tr><td></td>${heads}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</div>
${left.length === 0 ? "" : `<p class="more">${left.join(" and ")}: see the list below.</p>`}
</section>`;
}

function columnOf({ tool, method, server, ephi }: Change): {
  key: string;
  name: string;
  server: string;
  ephi: boolean;
} {
  const target = tool !== null && tool !== "" ? tool : method;
  if (target === null)
    return { key: `in general ${server}`, name: IN_GENERAL, server: server ?? "", ephi: false };
  return { key: JSON.stringify([server, target]), name: target, server: server ?? "", ephi };
}

function legend(): string {
  return (["broader", "narrower", "unknown"] as const)
    .map((verdict) => `<span class="key">${mark(verdict)} ${WORD[verdict]}</span>`)
    .join(" ");
}

function matrixCell(cells: readonly Cell[]): string {
  if (cells.length === 0) return `<td class="none"><span class="unseen">no change</span></td>`;
  const links = cells.map(({ verdict, group, change }) => {
    const { before, after, by, kind } = change;
    const detail =
      by === "proof" && before !== undefined && after !== undefined && kind !== "quota"
        ? `${before} → ${after}`
        : KIND[kind].toLowerCase();
    return `<a class="${verdict}" href="#change-${group + 1}">${mark(verdict)} <span><span class="unseen">${WORD[verdict]}: </span>${text(kind === "expiry" ? "dates" : detail)}</span></a>`;
  });
  return `<td>${[...new Set(links)].join("")}</td>`;
}
