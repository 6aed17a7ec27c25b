/** The activity report of a period, for a terminal, for other programs and for a spreadsheet. */
import type {
  Activity,
  ActivityReport,
  Counts,
  Pair,
  ReviewFinding,
  ReviewSeverity,
} from "../review/report.ts";
import type { SignedReport } from "../review/signed.ts";
import { csv } from "./csv.ts";
import { columns, type Paint, plural, type Style, visible } from "./paint.ts";

/** A report, with who signed it: those signatures are no part of it. */
export interface ShownReport {
  readonly report: ActivityReport;
  /** All of them, the gravest first. */
  readonly findings: readonly ReviewFinding[];
  readonly signatures: readonly SignedReport[];
  /** What has just been signed; absent when nobody signed now. */
  readonly signed?: JustSigned;
}

export interface JustSigned {
  readonly by: string;
  readonly event: string;
  /** `waiting`: a gateway will record it when it starts. */
  readonly told: "recorded" | "waiting";
  /** Ids of findings about the signer's own activity, or that of what they answer for. */
  readonly own: readonly string[];
}

export function reportJson({ report, findings, signatures, signed }: ShownReport): object {
  const { activity, standing, numbers, digest } = report;
  const { unreviewedOpenings, repository, places } = standing;
  return {
    schema: "phiward.audit-report/1",
    ...activity,
    findings,
    standing: { unreviewedOpenings, repository, places },
    numbers,
    digest,
    signatures,
    ...(signed === undefined ? {} : { signed }),
  };
}

const SEVERITY_STYLE: Readonly<Record<ReviewSeverity, Style>> = {
  high: "red",
  medium: "yellow",
  low: "cyan",
  note: "dim",
};

/** Long tables are cut: the page and the spreadsheet have all of them. */
const ROWS = 10;

export function reportText(shown: ShownReport, paint: Paint): string {
  const { report, findings } = shown;
  const { activity } = report;
  return [
    ...headLines(activity, paint),
    "",
    ...totalLines(activity, paint),
    "",
    paint("bold", findings.length === 0 ? "nothing to look at" : "to look at"),
    ...findings.flatMap((finding) => findingLines(finding, paint)),
    ...countTable("by principal", activity.principals, ({ principal }) => principal, paint),
    ...countTable("by tool", activity.tools, ({ server, tool }) => `${server}/${tool}`, paint),
    ...countTable("by purpose", activity.purposes, ({ name }) => name, paint),
    ...denialLines(report, paint),
    ...changeLines(activity, paint),
    ...releaseLines(activity, paint),
    "",
    ...signatureLines(shown, paint),
    paint("dim", `report ${report.digest}`),
  ].join("\n");
}

function headLines({ period, before, nodes }: Activity, paint: Paint): string[] {
  const of = nodes.length === 0 ? "" : `, node ${nodes.map(visible).join(", ")}`;
  const compared =
    before.coverage === "none"
      ? "the log has nothing of the period before"
      : `compared with ${before.label}${before.coverage === "partial" ? ", which the log has only in part" : ""}`;
  return [
    paint("bold", `activity ${period.label}`),
    `${period.from.slice(0, 10)} until before ${period.to.slice(0, 10)}, UTC${of}; ${compared}`,
  ];
}

const TOTALS: readonly (readonly [keyof Activity["totals"], string])[] = [
  ["calls", "calls"],
  ["denied", "denied"],
  ["failed", "allowed, and failed"],
  ["rejected", "rejected before they were judged"],
  ["ephi", "allowed on patient data"],
  ["patients", "different patients"],
  ["principals", "principals"],
  ["items", "items in results"],
];

function totalLines({ totals }: Activity, paint: Paint): string[] {
  const rows = TOTALS.map(([name, words]) => [words, ...pairCells(totals[name])]);
  return columns(rightAligned([["", "now", "before", ""], ...rows], 1, 2), (text, column, row) =>
    row === 0 ? paint("dim", text) : column === 1 ? paint("bold", text) : text,
  );
}

/** Numbers stand under one another at their right ends. */
function rightAligned(
  rows: readonly (readonly string[])[],
  first: number,
  last: number,
): readonly (readonly string[])[] {
  const width = (column: number): number =>
    Math.max(0, ...rows.map((row) => (row[column] ?? "").length));
  return rows.map((row) =>
    row.map((cell, column) =>
      column < first || column > last ? cell : cell.padStart(width(column)),
    ),
  );
}

function pairCells({ now, before }: Pair): readonly [string, string, string] {
  return [number(now), before === null ? "–" : number(before), changeOf({ now, before })];
}

function number(value: number): string {
  return value.toLocaleString("en");
}

/** `+12 %`; nothing where nothing can be compared. */
export function changeOf({ now, before }: Pair): string {
  if (before === null || before === 0 || now === before) return "";
  const percent = Math.round(((now - before) / before) * 100);
  return `${percent > 0 ? "+" : ""}${percent} %`;
}

function findingLines(
  { severity, title, id, says, records, command }: ReviewFinding,
  paint: Paint,
): string[] {
  const numbered = records.length === 0 ? "" : `records ${records.slice(0, 5).join(", ")}; `;
  return [
    `  ${paint(SEVERITY_STYLE[severity], severity.padEnd(6))}  ${paint("bold", visible(title))}  ${paint("dim", visible(id))}`,
    `          ${visible(says)}`,
    paint("dim", `          ${numbered}${visible(command)}`),
  ];
}

function countTable<T extends Counts>(
  title: string,
  rows: readonly T[],
  name: (row: T) => string,
  paint: Paint,
): string[] {
  if (rows.length === 0) return [];
  const cells = rows.slice(0, ROWS).map((row) => {
    const [now, before, change] = pairCells(row.calls);
    return [
      `  ${visible(name(row))}`,
      now,
      number(row.denied.now),
      number(row.ephi.now),
      before,
      change,
    ];
  });
  const head = [`${title}`, "calls", "denied", "patient data", "before", ""];
  return [
    "",
    ...columns(rightAligned([head, ...cells], 1, 4), (text, column, row) =>
      row === 0 ? paint(column === 0 ? "bold" : "dim", text) : text,
    ),
    ...rest(rows.length, paint),
  ];
}

function rest(rows: number, paint: Paint): string[] {
  return rows <= ROWS
    ? []
    : [paint("dim", `  and ${plural(rows - ROWS, "other")}: --format csv has all`)];
}

function denialLines({ activity, standing }: ActivityReport, paint: Paint): string[] {
  const { denials } = activity;
  if (denials.length === 0) return [];
  const cells = denials.slice(0, ROWS).map(({ policy, rule, server, tool, denied }) => {
    const place = standing.places[`${policy ?? ""} ${rule}`];
    return [
      `  ${visible(rule)}`,
      number(denied.now),
      `${visible(server)}/${visible(tool)}`,
      visible(place ?? policy ?? ""),
    ];
  });
  return [
    "",
    ...columns(
      rightAligned([["denied by", "calls", "tool", "policy"], ...cells], 1, 1),
      (text, column, row) => (row === 0 ? paint(column === 0 ? "bold" : "dim", text) : text),
    ),
    ...rest(denials.length, paint),
  ];
}

function changeLines({ comparison }: Activity, paint: Paint): string[] {
  const { newPrincipals, gonePrincipals, newAccess, goneAccess } = comparison;
  const access = ({ principal, server, tool }: (typeof newAccess)[number]): string =>
    `${principal} → ${server}/${tool}`;
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ["new principals", newPrincipals],
    ["principals that are gone", gonePrincipals],
    ["called for the first time", newAccess.map(access)],
    ["no longer called", goneAccess.map(access)],
  ];
  return lists.flatMap(([title, names]) =>
    names.length === 0
      ? []
      : [
          "",
          paint("bold", title),
          ...names.slice(0, ROWS).map((name) => `  ${visible(name)}`),
          ...rest(names.length, paint),
        ],
  );
}

function releaseLines({ releases }: Activity, paint: Paint): string[] {
  if (releases.length === 0) return [];
  return [
    "",
    paint("bold", "releases that came into force"),
    ...releases.flatMap(({ at, name, version, commit, changes }) => [
      `  ${at}  ${visible(name)} ${visible(version)}${commit === null ? "" : `  commit ${visible(commit.slice(0, 12))}`}`,
      ...changes.map(({ commit, pullRequest, approvers }) => {
        const request = pullRequest === undefined ? "" : ` (#${pullRequest.number})`;
        const by = approvers.map(({ name }) => visible(name)).join(", ");
        return paint(
          "dim",
          `      ${visible(commit.slice(0, 12))}${request}, approved by ${by === "" ? "nobody that is recorded" : by}`,
        );
      }),
    ]),
  ];
}

function signatureLines({ signatures, signed }: ShownReport, paint: Paint): string[] {
  const lines = signatures.map(({ at, by, findings, note, same, seq }) => {
    const state = same
      ? paint("green", "the numbers are the same")
      : paint("yellow", "the numbers have changed since");
    const noted = note === null ? "" : `: ${visible(note)}`;
    return `signed by ${visible(by)} on ${at} with ${plural(findings, "finding")} (record ${seq}); ${state}${noted}`;
  });
  const now =
    signed === undefined
      ? []
      : [
          signed.told === "recorded"
            ? paint("green", `signed now by ${visible(signed.by)}, and in the chain`)
            : paint(
                "yellow",
                `signed by ${visible(signed.by)}; it is recorded when the gateway starts`,
              ),
          ...(signed.own.length === 0
            ? []
            : [
                paint(
                  "yellow",
                  `${plural(signed.own.length, "finding")} concern the signer's own activity: a second person should sign too`,
                ),
              ]),
        ];
  return lines.length + now.length === 0
    ? ["nobody has signed a report of this period"]
    : [...lines, ...now];
}

/** One line a number: a table for pivoting. */
export function reportCsv({ report, findings }: ShownReport): string {
  const { activity } = report;
  const rows: (readonly string[])[] = [["table", "name", "measure", "now", "before", "says"]];
  const pair = (table: string, name: string, measure: string, { now, before }: Pair): void => {
    rows.push([table, name, measure, String(now), before === null ? "" : String(before), ""]);
  };
  const counts = (table: string, name: string, { calls, denied, ephi }: Counts): void => {
    pair(table, name, "calls", calls);
    pair(table, name, "denied", denied);
    pair(table, name, "ephi", ephi);
  };
  for (const finding of findings) {
    rows.push([
      "finding",
      finding.id,
      finding.severity,
      "",
      "",
      `${finding.title}: ${finding.says}`,
    ]);
    for (const [name, value] of Object.entries(finding.numbers)) {
      rows.push(["finding", finding.id, name, String(value), "", ""]);
    }
  }
  for (const [name] of TOTALS) pair("total", name, "count", activity.totals[name]);
  for (const row of activity.principals) {
    counts("principal", row.principal, row);
    pair("principal", row.principal, "patients", row.patients);
  }
  for (const row of activity.tools) counts("tool", `${row.server}/${row.tool}`, row);
  for (const row of activity.servers) counts("server", row.name, row);
  for (const row of activity.purposes) counts("purpose", row.name, row);
  for (const { policy, rule, server, tool, denied } of activity.denials) {
    pair("denial", `${policy ?? ""} ${rule} ${server}/${tool}`.trim(), "denied", denied);
  }
  for (const { code, grant, times } of activity.rejections) {
    pair("rejection", `${code} ${grant ?? ""}`.trim(), "times", times);
  }
  for (const { day, calls, denied, ephi, rejected } of activity.days) {
    for (const [name, value] of Object.entries({ calls, denied, ephi, rejected })) {
      rows.push(["day", day, name, String(value), "", ""]);
    }
  }
  return csv(rows);
}
