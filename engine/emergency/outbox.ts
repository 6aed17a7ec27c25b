/**
 * Announcements on their way out. Each is a file, named by its id, that goes when the receiver has
 * taken it: a restart sends again what was not taken, and a receiver tells a second one by its id.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DRAFT, type FileSteps, writeDurably } from "../grant/files.ts";
import { type Form, isName, isTime, matches, parseForm } from "../grant/form.ts";
import type { Announcement } from "./announcement.ts";

const ID = matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const FORM: Form = {
  required: {
    type: matches(/^emergency\.(opened|closed)$/),
    id: ID,
    at: isTime,
    opening: ID,
    grant: isName,
    node: isName,
  },
  optional: {
    by: isName,
    reason: isName,
    until: isTime,
    closedFor: matches(/^(person|time|policy|interrupted)$/),
  },
};

export interface Outbox {
  /** On disk when it returns. */
  post(announcement: Announcement): void;
  /** What was not taken yet, oldest first. */
  waiting(): readonly Announcement[];
  /** It was taken. */
  remove(id: string): void;
}

export function openOutbox(folder: string, steps?: FileSteps): Outbox {
  return {
    post(announcement) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${announcement.id}.json`);
      writeDurably(path, `${JSON.stringify(announcement)}\n`, steps);
    },
    waiting: () =>
      names(folder)
        .map((name) => parseForm<Announcement>(FORM, readFileSync(join(folder, name), "utf8")))
        .filter((one) => one !== undefined)
        .sort((a, b) => a.at - b.at),
    remove: (id) => rmSync(join(folder, `${id}.json`), { force: true }),
  };
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !name.endsWith(DRAFT));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
