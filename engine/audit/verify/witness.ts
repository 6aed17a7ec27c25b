/**
 * Who else has seen the chain: signed notes, in the log's folder or kept elsewhere, and the index. A
 * witness says that record number `count` had the hash `root`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { claimOf } from "../checkpoint.ts";
import { INDEX_FILE } from "../index/schema.ts";
import { NOTES_FILE, notesOf } from "../notes.ts";
import type { Hex64 } from "../record.ts";

export interface Testimony {
  readonly count: number;
  readonly root: Hex64;
  /** The chain that it speaks of, and the signed note; absent for the index. */
  readonly signed?: { readonly origin: string; readonly note: string };
}

export interface Witness {
  readonly name: string;
  /** It stands outside the log's folder: whoever rewrites the log cannot rewrite it. */
  readonly external: boolean;
  /** In the order of their counts. What is not readable as a note comes as undefined. */
  readonly testimonies: Iterable<Testimony | undefined>;
}

/** A text of notes that was kept elsewhere. */
export interface KeptNotes {
  readonly name: string;
  readonly notes: readonly string[];
}

export function ownNotes(folder: string): Witness {
  return {
    name: NOTES_FILE,
    external: false,
    testimonies: (function* () {
      for (const note of notesOf(join(folder, NOTES_FILE))) yield testimonyOf(note);
    })(),
  };
}

export function keptNotes({ name, notes }: KeptNotes): Witness {
  // Several files may have been put together, so their order means nothing.
  const testimonies = notes.map(testimonyOf).sort((a, b) => (a?.count ?? 0) - (b?.count ?? 0));
  return { name, external: true, testimonies };
}

function testimonyOf(note: string): Testimony | undefined {
  const claim = claimOf(note);
  if (claim === undefined) return undefined;
  const { count, root, origin } = claim;
  return { count, root, signed: { origin, note } };
}

/** What the index has seen; nobody when there is none, or none that can be read. */
export function indexWitness(folder: string): Witness {
  const newest = indexHead(folder);
  return { name: INDEX_FILE, external: false, testimonies: newest === undefined ? [] : [newest] };
}

function indexHead(folder: string): Testimony | undefined {
  const path = join(folder, INDEX_FILE);
  if (!existsSync(path)) return undefined;
  try {
    const index = new DatabaseSync(path, { readOnly: true });
    try {
      const row = index.prepare("SELECT seq AS count, hash AS root FROM cursor").get();
      return row as unknown as Testimony | undefined;
    } finally {
      index.close();
    }
  } catch {
    // An index can be thrown away at any time; a damaged one is as good as none.
    return undefined;
  }
}
