/** `tokens.json`: the tokens of one engine, as they stand on disk. */
import { closeSync, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import type { TokenEntry } from "./entry.ts";
import { type Form, hasForm, isName, isTime, isTokenId, matches, parseForm } from "./form.ts";
import { tokenId } from "./token.ts";

/** Some 50,000 tokens; whatever is larger was not written by us. */
const MAX_BYTES = 16 * 1024 * 1024;

const ENTRY: Form = {
  required: {
    id: isTokenId,
    hash: matches(/^[0-9a-f]{64}$/),
    grant: isName,
    principal: isName,
    kind: matches(/^(person|agent|service)$/),
    issued: isTime,
    createdAt: isTime,
    expiresAt: isTime,
  },
  optional: {
    createdBy: isName,
    revokedAt: isTime,
    revokedBy: isName,
    orphanedAt: isTime,
    rotatedFrom: isTokenId,
  },
};

const FILE: Form = {
  required: {
    version: (value) => value === "1",
    tokens: (value) => Array.isArray(value) && value.every(isTokenEntry),
  },
  optional: {},
};

export function isTokenEntry(value: unknown): value is TokenEntry {
  return hasForm<TokenEntry>(ENTRY, value) && value.id === tokenId(value.hash);
}

export interface TokenFile {
  /** Changes whenever the file does. */
  readonly stamp: string;
  readonly entries: readonly TokenEntry[];
  /** Why the file is not to be trusted. */
  readonly problem: string | undefined;
}

const ABSENT = "absent";
export const NO_FILE: TokenFile = { stamp: ABSENT, entries: [], problem: undefined };

/** The stamp of the file that is there now. */
export function stampOf(path: string): string {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? ABSENT : stamp(stat);
  } catch (error) {
    return `unreadable ${(error as NodeJS.ErrnoException).code}`;
  }
}

interface Stat {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** Every change renames a new file into place, so the inode differs even within one tick of the clock. */
function stamp({ ino, size, mtimeNs, ctimeNs }: Stat): string {
  return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

export function readTokenFile(path: string): TokenFile {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return NO_FILE;
    return { stamp: `unreadable ${code}`, entries: [], problem: `cannot be read (${code})` };
  }
  try {
    return readOpen(file);
  } finally {
    closeSync(file);
  }
}

function readOpen(file: number): TokenFile {
  const stat = fstatSync(file, { bigint: true });
  const bad = (problem: string): TokenFile => ({ stamp: stamp(stat), entries: [], problem });
  // Whoever may write it can make a token for any grant.
  if ((stat.mode & 0o022n) !== 0n) return bad("may be written by others than its owner");
  if (!stat.isFile() || stat.size > MAX_BYTES) return bad("is not of the right form");
  const value = parseForm<{ readonly tokens: readonly TokenEntry[] }>(
    FILE,
    readFileSync(file, "utf8"),
  );
  if (value === undefined) return bad("is not of the right form");
  const { tokens } = value;
  // Of two entries for one token a lookup would see the one and a revocation perhaps the other.
  if (new Set(tokens.map(({ hash }) => hash)).size < tokens.length) {
    return bad("has a token twice");
  }
  return { stamp: stamp(stat), entries: tokens, problem: undefined };
}

export function tokenFileText(entries: readonly TokenEntry[]): string {
  return `${JSON.stringify({ version: "1", tokens: entries }, null, 1)}\n`;
}
