/** What an export of evidence says when it is done. */
import type { Evidence } from "../evidence/evidence.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";

/** `recorded`: whether the log has the export already, or it waits for the gateway. */
export function evidenceText(
  { folder, facts, manifest, files }: Evidence,
  recorded: "recorded" | "waiting",
  paint: Paint,
): string {
  const { period, chain, tally } = facts;
  const { verification, records, included } = chain;
  const whole = verification.verdict === "whole";
  const lines = columns([
    ["period", `${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`],
    ["calls", `${tally.decisions}, of which ${tally.denied} denied`],
    [
      "records",
      included ? `${records.lines} in ${plural(records.parts.length, "file")}` : "left out",
    ],
    ["log", whole ? "whole" : `BROKEN: ${plural(verification.problemCount, "problem")}`],
    ["files", String(files)],
    ["manifest", manifest.digest],
    ["on record", recorded === "recorded" ? "yes" : "when the gateway runs again"],
  ]);
  return [
    paint("bold", `${visible(folder)}/index.html`),
    ...lines.map((line) => (whole ? line : line.replace("BROKEN", paint("red", "BROKEN")))),
    "",
    paint("dim", `node ${visible(folder)}/verify.mjs checks it without phiward`),
  ].join("\n");
}

export function evidenceJson(
  { folder, facts, manifest, files }: Evidence,
  recorded: "recorded" | "waiting",
): object {
  const { period, made, chain, tally } = facts;
  const { verification, excerpt, records, included } = chain;
  return {
    schema: "phiward.evidence/1",
    folder,
    period,
    made,
    manifest: manifest.digest,
    files,
    verdict: verification.verdict,
    problems: verification.problemCount,
    records: {
      included,
      lines: records.lines,
      first: excerpt?.first ?? null,
      last: excerpt?.last ?? null,
    },
    calls: { allowed: tally.allowed, denied: tally.denied },
    recorded: recorded === "recorded",
  };
}
