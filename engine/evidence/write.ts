/** Facts → the files of the folder. */
import { readFileSync } from "node:fs";
import { reportCsv, reportJson } from "../render/audit-report.ts";
import { reportHtml } from "../render/audit-report-html.ts";
import { csv } from "../render/csv.ts";
import type { Facts } from "./facts.ts";
import type { OutputFolder } from "./folder.ts";
import { historyPage } from "./pages/history-page.ts";
import { indexPage } from "./pages/index-page.ts";
import { limitsPage } from "./pages/limits-page.ts";
import { registryPage } from "./pages/registry-page.ts";
import { verifyPage, verifyText } from "./pages/verify-page.ts";
import { partsOf } from "./sections/index.ts";
import { TABLE_FILES, wholeTable } from "./tables.ts";

export function writePages(facts: Facts, folder: OutputFolder): void {
  const parts = partsOf(facts);
  folder.put("index.html", indexPage(facts, parts));
  // Exactly what is signed: the page that `audit report --format html` prints.
  folder.put("activity.html", `${reportHtml(facts.review)}\n`);
  folder.put("data/activity.csv", `${reportCsv(facts.review)}\r\n`);
  folder.put("data/activity.json", json(reportJson(facts.review)));
  folder.put("registry.html", registryPage(facts));
  folder.put("history.html", historyPage(facts));
  folder.put("limits.html", limitsPage(facts, parts));
  folder.put("how-to-verify.html", verifyPage(facts));
  folder.put("how-to-verify.txt", verifyText(facts));
  folder.put("verify.mjs", readFileSync(new URL("./verify.mjs", import.meta.url)));
  for (const file of TABLE_FILES) {
    const { head, rows } = wholeTable(file, facts);
    folder.put(file, `${csv([head, ...rows])}\r\n`);
  }
  folder.put("data/verification.json", json(facts.chain.verification));
  configuration(facts, folder);
}

/** What was in force: the host's settings, and the policies as people wrote them. */
function configuration({ config, inForce }: Facts, folder: OutputFolder): void {
  if (config !== undefined) folder.put("configuration/engine.json", json(config));
  if (inForce.release !== undefined) {
    folder.put("configuration/release.json", json(inForce.release.predicate));
  }
  for (const { path, text } of inForce.texts) folder.put(`configuration/policies/${path}`, text);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
