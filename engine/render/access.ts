/** Who can reach what, for a terminal and for a spreadsheet. */
import type { Access, AccessRow } from "../access/access.ts";
import { csv } from "./csv.ts";
import { type Paint, plural, type Style, visible } from "./paint.ts";

const STYLE: Readonly<Record<AccessRow["access"], Style>> = {
  all: "red",
  conditional: "yellow",
  none: "green",
};

/** Each grant once; what it cannot reach is counted, unless it was asked for by name. */
export function accessText(
  { rows, at }: Access,
  { named }: { readonly named: boolean },
  paint: Paint,
): string {
  if (rows.length === 0) return "no grant reaches a server, or none of what was asked for";
  const lines: string[] = [];
  for (const [, ofGrant] of Map.groupBy(rows, ({ grant }) => grant)) {
    const [first] = ofGrant as [AccessRow];
    const { grant, principal, inForce } = first;
    const dates = `${day(first.validFrom)} until ${day(first.validUntil)}`;
    const state = inForce ? dates : paint("yellow", `${dates}: ${notInForce(first, at)}`);
    lines.push(`${paint("bold", visible(grant))}  ${visible(principal)}  ${state}`);
    for (const [server, ofServer] of Map.groupBy(ofGrant, (row) => row.server)) {
      const shown = ofServer.filter(({ access }) => named || access !== "none");
      for (const row of shown) lines.push(...rowText(row, paint));
      const rest = ofServer.length - shown.length;
      if (rest > 0) {
        const what =
          shown.length === 0
            ? `nothing: all ${plural(rest, "tool or method", "tools and methods")}`
            : `nothing else: ${plural(rest, "other tool or method", "other tools and methods")}`;
        const verb = rest === 1 ? "is" : "are";
        lines.push(paint("dim", `  ${what} of ${visible(server)} ${verb} denied`));
      }
    }
    lines.push("");
  }
  const count = (access: AccessRow["access"]): number =>
    rows.filter((row) => row.access === access).length;
  lines.push(
    `${plural(rows.length, "grant × tool", "grants × tools")}: ${count("all")} all, ${count("conditional")} conditional, ${count("none")} none`,
  );
  return lines.join("\n");
}

function rowText(row: AccessRow, paint: Paint): string[] {
  const { server, tool, method, access, ephi, effect, conditions, unproved } = row;
  const name = `${visible(server)}/${visible(tool === "" ? method : tool)}`;
  const tags = [paint(STYLE[access], access), effect, ...(ephi ? [paint("magenta", "ePHI")] : [])];
  return [
    `  ${paint("bold", name)}  ${tags.join("  ")}`,
    ...conditions.map((condition) => `      ${visible(condition)}`),
    ...(unproved === undefined
      ? []
      : [`      ${paint("yellow", `not proved further: ${visible(unproved)}`)}`]),
  ];
}

function notInForce({ validFrom }: AccessRow, at: string): string {
  return at < validFrom ? "not yet valid" : "expired";
}

function day(time: string): string {
  return time.slice(0, 10);
}

const COLUMNS = [
  "grant",
  "principal",
  "server",
  "method",
  "tool",
  "ephi",
  "effect",
  "access",
  "validFrom",
  "validUntil",
  "inForce",
] as const;

/** With every row. */
export function accessCsv({ rows }: Access): string {
  return csv([
    [...COLUMNS, "conditions"],
    ...rows.map((row) => [...COLUMNS.map((name) => String(row[name])), row.conditions.join("; ")]),
  ]);
}
