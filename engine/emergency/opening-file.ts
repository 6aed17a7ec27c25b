/** `openings.json`: the openings of one engine, as they stand on disk. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { type Form, hasForm, isName, isTime, matches, parseForm } from "../grant/form.ts";
import type { Opening } from "./opening.ts";

/** Some 10,000 openings; whatever is larger was not written by us. */
const MAX_BYTES = 16 * 1024 * 1024;

const OPENING: Form = {
  required: {
    id: matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    grant: isName,
    principal: isName,
    issued: isTime,
    openedBy: isName,
    reason: isName,
    at: isTime,
    until: isTime,
  },
  optional: {
    pending: (value) => value === true,
    closedAt: isTime,
    closedBy: isName,
    closedFor: matches(/^(person|time|policy|interrupted)$/),
    reviewedAt: isTime,
    reviewedBy: isName,
  },
};

export function isOpening(value: unknown): value is Opening {
  return hasForm<Opening>(OPENING, value);
}

const FILE: Form = {
  required: {
    version: (value) => value === "1",
    openings: (value) => Array.isArray(value) && value.every(isOpening),
  },
  optional: {},
};

export interface OpeningFile {
  readonly openings: readonly Opening[];
  /** Why the file is not to be trusted. */
  readonly problem: string | undefined;
}

export function readOpeningFile(path: string): OpeningFile {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { openings: [], problem: code === "ENOENT" ? undefined : `cannot be read (${code})` };
  }
  try {
    return readOpen(file);
  } finally {
    closeSync(file);
  }
}

function readOpen(file: number): OpeningFile {
  const stat = fstatSync(file);
  const bad = (problem: string): OpeningFile => ({ openings: [], problem });
  // Whoever may write it can open any emergency grant.
  if ((stat.mode & 0o022) !== 0) return bad("may be written by others than its owner");
  if (!stat.isFile() || stat.size > MAX_BYTES) return bad("is not of the right form");
  const value = parseForm<{ readonly openings: readonly Opening[] }>(
    FILE,
    readFileSync(file, "utf8"),
  );
  if (value === undefined) return bad("is not of the right form");
  // Of two with one id a closing would end the one and leave the other open.
  if (new Set(value.openings.map(({ id }) => id)).size < value.openings.length) {
    return bad("has an opening twice");
  }
  return { openings: value.openings, problem: undefined };
}

export function openingFileText(openings: readonly Opening[]): string {
  return `${JSON.stringify({ version: "1", openings }, null, 1)}\n`;
}
