/** `history.html`: how access and policies came to be what they are. */
import type { Facts } from "../facts.ts";
import { type TableFile, wholeTable } from "../tables.ts";
import { table } from "./blocks.ts";
import { pageLinks, shell } from "./shell.ts";

/** So many rows stand on the page; the file has all of them. */
const SHOWN = 1000;

const SHOWN_TABLES: readonly (readonly [string, TableFile])[] = [
  ["Access: given, changed, ended", "data/access-history.csv"],
  ["Changes of policies", "data/policy-changes.csv"],
  ["Releases and stops", "data/releases.csv"],
  ["Emergency stops", "data/emergency-stops.csv"],
  ["Emergency access", "data/emergency-access.csv"],
  ["Signed reviews of activity", "data/activity-reviews.csv"],
  ["Signed reviews of access", "data/access-reviews.csv"],
  ["Operations", "data/operations.csv"],
];

export function historyPage(facts: Facts): string {
  const parts = SHOWN_TABLES.map(
    ([title, file]) => `<h2>${title}</h2>\n${table(wholeTable(file, facts), SHOWN)}`,
  );
  return shell(
    "History of access and policies",
    pageLinks("history.html"),
    `<main id="content">
<h1>History of access and policies</h1>
<p>From the beginning of the log to the end of the period, oldest first. Each line names the record that shows it. Grants come and go with releases of policies; tokens, which prove who is calling, are made and ended apart from them.</p>
${parts.join("\n")}
</main>`,
  );
}
