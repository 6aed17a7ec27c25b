/** `registry.html`: every grant, with everything that it reaches. */

import type { AccessRow } from "../../access/access.ts";
import { text } from "../../render/html.ts";
import { type Facts, number } from "../facts.ts";
import type { GrantRow } from "../registry.ts";
import { tableOf } from "../tables.ts";
import { table, words } from "./blocks.ts";
import { pageLinks, shell } from "./shell.ts";

export function registryPage(facts: Facts): string {
  const reached = Map.groupBy(facts.access.rows, ({ grant }) => grant);
  const { table: overview } = tableOf("data/grants.csv", facts, [
    ...["grant", "principal", "responsible", "purpose", "issued", "expires", "last review"],
    ...["of these ePHI", "live tokens", "calls", "last use"],
  ]);
  return shell(
    "Grant registry",
    pageLinks("registry.html"),
    `<main id="content">
<h1>Grant registry</h1>
<p>${number(facts.registry.length)} grants of the policies in force when this was made (${text(facts.made.slice(0, 10))}). What a grant reaches was proved over all calls; the use is that of the period. For an access review: 45 CFR §164.308(a)(4)(ii)(C).</p>
${table(overview, Number.POSITIVE_INFINITY)}
<h2>Each grant, with what it reaches</h2>
${facts.registry.map((row) => grantHtml(row, reached.get(row.grant) ?? [])).join("\n")}
</main>`,
  );
}

function grantHtml(row: GrantRow, rows: readonly AccessRow[]): string {
  const facts: readonly (readonly [string, string])[] = [
    ["Identity", `\`${row.principal}\` (${row.kind})`],
    ["Answers for it", row.responsible === "" ? "" : `\`${row.responsible}\``],
    ["Purpose", row.purpose.replace("_", " ")],
    ["Justification", row.justification],
    ["Access", row.access.map((one) => `\`${one}\``).join(", ")],
    ["Valid", `${row.issued} until ${row.expires}${row.inForce ? "" : ", not in force"}`],
    [
      "Last review",
      row.lastReview === "" ? "none on record" : `${row.lastReview} by \`${row.reviewedBy}\``,
    ],
    ["Emergency access", row.emergency],
    ["Proves itself by", row.authentication],
    ["Live tokens", row.liveTokens === undefined ? "not kept here" : number(row.liveTokens)],
    ["Use in the period", use(row)],
    ["From", origin(row)],
  ];
  const id = `grant-${row.grant}`;
  return `<article class="section" id="${text(id)}" aria-labelledby="${text(id)}-title">
<h3 id="${text(id)}-title">${text(row.grant)}</h3>
<dl class="facts">${facts
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${words(value)}</dd></div>`)
    .join("")}</dl>
${reachHtml(rows, row)}
</article>`;
}

function use({ calls, denied, lastUse }: GrantRow): string {
  return calls === 0
    ? "none"
    : `${number(calls)} calls, ${number(denied)} denied; last ${lastUse.slice(0, 19)}Z`;
}

function origin({ commit, pullRequest, approvers }: GrantRow): string {
  if (commit === "") return "";
  const change = pullRequest === "" ? "" : `, pull request ${pullRequest}`;
  const by =
    approvers.length === 0 ? "nobody on record" : approvers.map((one) => `\`${one}\``).join(", ");
  return `commit \`${commit.slice(0, 12)}\`${change}, approved by ${by}`;
}

function reachHtml(rows: readonly AccessRow[], { grant }: GrantRow): string {
  const reached = rows.filter(({ access }) => access !== "none");
  const rest = rows.length - reached.length;
  const nothing = rest === 0 ? "" : ` ${number(rest)} other tools and methods are denied.`;
  if (reached.length === 0) return `<p class="aside">It reaches nothing.${nothing}</p>`;
  return table(
    {
      caption: `What \`${grant}\` reaches.${nothing}`,
      head: ["tool or method", "access", "ePHI", "effect", "conditions"],
      rows: reached.map(({ server, tool, method, access, ephi, effect, conditions }) => [
        ...[`${server}/${tool === "" ? method : tool}`, access, ephi ? "yes" : "no", effect],
        conditions.join("; "),
      ]),
    },
    Number.POSITIVE_INFINITY,
  );
}
