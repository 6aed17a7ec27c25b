/**
 * Administrative events on their way into the audit log: the command line posts them, the gateway,
 * which alone may write the log, records them.
 *
 * An event is a file of its own, named by its id. It goes only after the log has it, so it is
 * recorded at least once; a reader tells a second record by the event's id.
 */
import { existsSync, mkdirSync } from "node:fs";
import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isObject } from "../json/value.ts";
import { DRAFT, type FileSteps, writeDurably } from "./files.ts";
import { type Form, hasForm, isName, isTime, isTokenId, matches, parseForm } from "./form.ts";
import type { Random } from "./token.ts";

/** Times are epoch milliseconds. */
export interface AdminEvent {
  /** A UUID, unique to the event. */
  readonly event: string;
  /** Two words, such as `token.issued`. */
  readonly action: string;
  readonly at: number;
  /** A principal's id, such as `person:m.chen`. */
  readonly by?: string;
  readonly grant?: string;
  readonly principal?: string;
  /** The token's id. */
  readonly token?: string;
  readonly expires?: number;
  readonly details?: Details;
}

/** More about an event, for the record: never a patient's id, an argument's value, or a secret. */
export type Details = Readonly<Record<string, string | number | boolean>>;

const EVENT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FORM: Form = {
  required: { event: matches(EVENT), action: matches(/^[a-z]+\.[a-z]+$/), at: isTime },
  optional: {
    by: isName,
    grant: isName,
    principal: isName,
    token: isTokenId,
    expires: isTime,
    details: isDetails,
  },
};

const MAX_DETAILS = 16;
const MAX_DETAIL_CHARACTERS = 1024;

function isDetails(value: unknown): boolean {
  if (!isObject(value)) return false;
  const members = Object.entries(value);
  return members.length <= MAX_DETAILS && members.every(([name, one]) => isDetail(name, one));
}

function isDetail(name: string, value: unknown): boolean {
  if (!/^[A-Za-z][A-Za-z0-9]{0,31}$/.test(name)) return false;
  if (typeof value === "string") return value.length <= MAX_DETAIL_CHARACTERS;
  return typeof value === "boolean" || Number.isFinite(value);
}

export function isAdminEvent(value: unknown): value is AdminEvent {
  return hasForm<AdminEvent>(FORM, value);
}

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

/** Whether an event still waits to be recorded. */
export function isWaiting(folder: string, event: string): boolean {
  return existsSync(join(folder, `${event}.json`));
}

/** The event as an entry of the audit log. */
export function entryOfEvent({ expires, ...event }: AdminEvent) {
  return {
    kind: "admin" as const,
    ...event,
    ...(expires === undefined ? {} : { expires: new Date(expires).toISOString() }),
  };
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
