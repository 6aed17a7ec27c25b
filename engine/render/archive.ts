/** What went to an archive. */
import type { ArchiveReport } from "../operate/archive.ts";
import { type Paint, plural, visible } from "./paint.ts";

export function archiveJson(report: ArchiveReport): object {
  return { schema: "phiward.audit-archive/1", ...report };
}

export function archiveText(
  { to, archived, removed, recorded }: ArchiveReport,
  paint: Paint,
): string {
  if (archived === null) return `${paint("dim", "nothing is old enough")}: no archive was made`;
  const { from, last, since, until, segments, manifest } = archived;
  return [
    `${paint("green", "✓")} records ${from} to ${last} in ${visible(to)}: ${plural(segments, "segment")}, ${since} to ${until}`,
    `  manifest sha256:${manifest}`,
    `  verify it anywhere: phiward audit verify ${visible(to)} --public-key KEPT.pub`,
    ...(removed ? ["  removed from the log, which says so in `log.archived`"] : []),
    ...(recorded === "waiting" ? ["  on record when the gateway next starts"] : []),
  ].join("\n");
}
