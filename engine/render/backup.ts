/** Backups made and restored. */
import type { BackupReport } from "../operate/backup.ts";
import type { RestoreReport } from "../operate/restore.ts";
import { type Paint, plural, visible } from "./paint.ts";

export function backupJson(report: BackupReport): object {
  return { schema: "phiward.backup-report/1", ...report };
}

export function backupText(report: BackupReport, paint: Paint): string {
  const { to, origin, head, files, bytes, keys, manifest, recorded } = report;
  return [
    `${paint("green", "✓")} ${visible(to)}: ${plural(files, "file")}, ${bytes.toLocaleString("en")} bytes; chain ${visible(origin)} up to record ${head}`,
    keys
      ? `  ${paint("yellow", "with the keys")}: whoever has it can sign, and find out which patient a pseudonym is`
      : "  without the keys: keep keys/ of the state folder apart, or nothing can be restored",
    `  manifest sha256:${manifest}`,
    ...(recorded === "waiting" ? ["  on record when the gateway next starts"] : []),
  ].join("\n");
}

export function restoreJson(report: RestoreReport): object {
  return { schema: "phiward.restore/1", ...report };
}

export function restoreText(report: RestoreReport, paint: Paint): string {
  const { state, origin, head, key, tokensRevoked, openingsClosed, log, lost } = report;
  const losses =
    lost === null
      ? "nobody was asked what is lost: give checkpoints that were kept elsewhere with --checkpoint"
      : lost === 0
        ? "nothing that a checkpoint has seen is lost"
        : `${plural(lost, "record")} that checkpoints have seen are lost`;
  return [
    `${paint("green", "✓")} ${visible(state)}: chain ${visible(origin)} up to record ${head}`,
    ...(key === "own"
      ? [
          "  signed by the key in the backup, which is its own word: give one that was kept elsewhere",
        ]
      : []),
    `  ${losses}`,
    log === null
      ? "  the chain goes on"
      : `  a new chain begins; the old log is in ${visible(log)}: phiward audit verify ${visible(log)}`,
    `  ${plural(tokensRevoked, "token")} revoked, ${plural(openingsClosed, "emergency opening")} closed`,
    "  patient data is denied until a source of releases has answered",
  ].join("\n");
}
