/** How far an export has come: a small file of its own, so that the next run goes on behind it. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { PhiwardError } from "../../errors.ts";
import type { Place } from "./verified.ts";

const TYPE = "phiward.export-cursor/1";

/** undefined when there is no such file yet. Throws INVALID_INPUT for any other file. */
export function readExportCursor(path: string): Place | undefined {
  if (!existsSync(path)) return undefined;
  const place = placeIn(readFileSync(path, "utf8"));
  if (place !== undefined) return place;
  throw new PhiwardError("INVALID_INPUT", `\`${path}\` is no cursor of an export`, {
    help: "name a file that `audit export --cursor` made, or one that is not there yet",
  });
}

function placeIn(text: string): Place | undefined {
  try {
    const { type, segment, offset, seq, hash } = JSON.parse(text) as Record<string, unknown>;
    const numbers = [segment, offset, seq];
    const isWhole = numbers.every((one) => Number.isSafeInteger(one) && (one as number) >= 0);
    if (type !== TYPE || !isWhole || typeof hash !== "string") return undefined;
    return { segment, offset, seq, hash } as Place;
  } catch {
    return undefined;
  }
}

/** It is on the disk when this returns; after a crash it is the one before or this one. */
export function keepExportCursor(path: string, { segment, offset, seq, hash }: Place): void {
  const text = `${JSON.stringify({ type: TYPE, segment, offset, seq, hash })}\n`;
  const fd = openSync(`${path}.new`, "w", 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
