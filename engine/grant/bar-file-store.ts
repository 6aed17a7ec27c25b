/** A store of bars in a folder: `bars.json`, its lock, and the inbox of the audit log. */
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PhiwardError } from "../errors.ts";
import type { Bar, BarPlan } from "./bar.ts";
import type { BarStore } from "./bar-store.ts";
import { inboxOf } from "./file-store.ts";
import { type FileSteps, nodeSteps, writeDurably } from "./files.ts";
import { type Form, hasForm, isName, isTime, parseForm } from "./form.ts";
import { post } from "./inbox.ts";
import { withLock } from "./lock.ts";
import { stampOf } from "./token-file.ts";

/** One for each grant at most; whatever is larger was not written by us. */
const MAX_BYTES = 16 * 1024 * 1024;

const BAR: Form = {
  required: { grant: isName, at: isTime },
  optional: { by: isName, liftedAt: isTime, liftedBy: isName },
};

export function isBar(value: unknown): value is Bar {
  return hasForm<Bar>(BAR, value);
}

const FILE: Form = {
  required: {
    version: (value) => value === "1",
    bars: (value) => Array.isArray(value) && value.every(isBar),
  },
  optional: {},
};

interface BarFile {
  readonly byGrant: ReadonlyMap<string, Bar>;
  /** Why the file is not to be trusted. */
  readonly problem: string | undefined;
}

/** Opens the store of a state folder. Nothing is made there before the first change. */
export function openBarStore(state: string, steps: FileSteps = nodeSteps): BarStore {
  const path = join(state, "bars.json");
  let stamp: string | undefined;
  let file: BarFile = { byGrant: new Map(), problem: undefined };

  function refresh(): boolean {
    const found = stampOf(path);
    if (found === stamp) return false;
    // The stamp first: a file that is replaced meanwhile is read again.
    stamp = found;
    file = readBarFile(path);
    return true;
  }

  function list(): readonly Bar[] {
    if (file.problem === undefined) return [...file.byGrant.values()];
    throw new PhiwardError("STATE_DAMAGED", `\`${path}\` ${file.problem}`);
  }

  async function change<Result>(plan: (bars: readonly Bar[]) => BarPlan<Result>): Promise<Result> {
    mkdirSync(state, { recursive: true, mode: 0o700 });
    return await withLock(join(state, "bars.lock"), () => {
      refresh();
      const { bars, events, result } = plan(list());
      if (events.length === 0) return result;
      for (const event of events) post(inboxOf(state), event, steps);
      try {
        writeDurably(path, `${JSON.stringify({ version: "1", bars }, null, 1)}\n`, steps);
      } finally {
        // An error leaves the old file or the new one: whichever it is, it holds from now on.
        refresh();
      }
      return result;
    });
  }

  refresh();
  return {
    get problem() {
      return file.problem === undefined ? undefined : `\`${path}\` ${file.problem}`;
    },
    refresh,
    of: (grant) => file.byGrant.get(grant),
    list,
    change,
  };
}

function readBarFile(path: string): BarFile {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT"
      ? { byGrant: new Map(), problem: undefined }
      : bad(`cannot be read (${code})`);
  }
  try {
    return readOpen(file);
  } finally {
    closeSync(file);
  }
}

function readOpen(file: number): BarFile {
  const stat = fstatSync(file);
  // Whoever may write it can let a revoked identity in again.
  if ((stat.mode & 0o022) !== 0) return bad("may be written by others than its owner");
  if (!stat.isFile() || stat.size > MAX_BYTES) return bad("is not of the right form");
  const value = parseForm<{ readonly bars: readonly Bar[] }>(FILE, readFileSync(file, "utf8"));
  if (value === undefined) return bad("is not of the right form");
  const byGrant = new Map(value.bars.map((bar) => [bar.grant, bar]));
  // Of two for one grant the one might be lifted and the other not.
  if (byGrant.size < value.bars.length) return bad("has a grant twice");
  return { byGrant, problem: undefined };
}

function bad(problem: string): BarFile {
  return { byGrant: new Map(), problem };
}
