/**
 * Administrative events on their way into the audit log: the command line posts them, the gateway,
 * which alone may write the log, records them.
 *
 * An event is a file of its own, named by its id. It goes only after the log has it, so it is
 * recorded at least once; a reader tells a second record by the event's id.
 */
import { mkdirSync } from "node:fs";
import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DRAFT, type FileSteps, writeDurably } from "./files.ts";
import { type Form, isName, isTime, isTokenId, matches, parseForm } from "./form.ts";
import type { Random } from "./token.ts";

/** Times are epoch milliseconds. */
export interface AdminEvent {
  /** A UUID, unique to the event. */
  readonly event: string;
  readonly action: "token.issued" | "token.rotated" | "token.revoked";
  readonly at: number;
  readonly by?: string;
  readonly grant: string;
  readonly principal: string;
  /** The token's id. */
  readonly token: string;
  readonly expires?: number;
  /** The id of the token that this one replaces, and when that one ends. */
  readonly replaces?: string;
  readonly replacedUntil?: number;
}

const EVENT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FORM: Form = {
  required: {
    event: matches(EVENT),
    action: matches(/^token\.(issued|rotated|revoked)$/),
    at: isTime,
    grant: isName,
    principal: isName,
    token: isTokenId,
  },
  optional: { by: isName, expires: isTime, replaces: isTokenId, replacedUntil: isTime },
};

/** An event is some hundred bytes; whatever is larger is no event. */
const MAX_EVENT_BYTES = 16 * 1024;

/** A UUID of version 7 (RFC 9562 §5.7): sorted by name, events are sorted by time. */
export function eventId(at: number, random: Random): string {
  const bytes = Buffer.alloc(16, random(16));
  bytes.writeUIntBE(at, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Puts an event into the inbox; it is on disk when this returns. */
export function post(folder: string, event: AdminEvent, steps?: FileSteps): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeDurably(join(folder, `${event.event}.json`), `${JSON.stringify(event)}\n`, steps);
}

export interface Drained {
  readonly recorded: number;
  /** Names of files that are no event. They stay for a person to look at. */
  readonly foreign: readonly string[];
}

/**
 * Records every event of the inbox, oldest first, and removes each after it is recorded. Rejects when
 * `record` does; that event and those after it stay.
 */
export async function drain(
  folder: string,
  record: (event: AdminEvent) => Promise<void>,
): Promise<Drained> {
  const foreign: string[] = [];
  let recorded = 0;
  for (const name of await eventFiles(folder)) {
    const path = join(folder, name);
    const event = await readEvent(path);
    if (event === undefined || `${event.event}.json` !== name) {
      foreign.push(name);
      continue;
    }
    await record(event);
    await rm(path, { force: true });
    recorded++;
  }
  return { recorded, foreign };
}

/** A draft is no event yet: whoever writes it has not changed a token. */
async function eventFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => !name.endsWith(DRAFT)).sort();
}

async function readEvent(path: string): Promise<AdminEvent | undefined> {
  try {
    // A pipe would hold the reader for ever, and a link would lead it out of the folder.
    const stat = await lstat(path);
    if (!stat.isFile() || stat.size > MAX_EVENT_BYTES) return undefined;
    return parseForm<AdminEvent>(FORM, await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}
