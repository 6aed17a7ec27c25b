/** An emergency store in a folder: `openings.json`, and its lock. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PhiwardError } from "../errors.ts";
import { type FileSteps, nodeSteps, writeDurably } from "../grant/files.ts";
import { withLock } from "../grant/lock.ts";
import { stampOf } from "../grant/token-file.ts";
import type { Opening } from "./opening.ts";
import { type OpeningFile, openingFileText, readOpeningFile } from "./opening-file.ts";
import type { EmergencyStore, OpeningPlan } from "./store.ts";

/** Opens the store of a state folder. Nothing is made there before the first change. */
export function openEmergencyStore(state: string, steps: FileSteps = nodeSteps): EmergencyStore {
  const path = join(state, "openings.json");
  let stamp: string | undefined;
  let file: OpeningFile = { openings: [], problem: undefined };
  let live: readonly Opening[] = [];

  function refresh(): boolean {
    const found = stampOf(path);
    if (found === stamp) return false;
    // The stamp first: a file that is replaced meanwhile is read again.
    stamp = found;
    file = readOpeningFile(path);
    live = file.openings.filter(({ closedAt }) => closedAt === undefined);
    return true;
  }

  function readable(): readonly Opening[] {
    if (file.problem === undefined) return file.openings;
    throw new PhiwardError("STATE_DAMAGED", `\`${path}\` ${file.problem}`);
  }

  async function change<Result>(
    plan: (openings: readonly Opening[]) => OpeningPlan<Result>,
  ): Promise<Result> {
    mkdirSync(state, { recursive: true, mode: 0o700 });
    return await withLock(join(state, "openings.lock"), () => {
      refresh();
      const before = readable();
      const { openings, result } = plan(before);
      if (openings === before) return result;
      try {
        writeDurably(path, openingFileText(openings), steps);
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
    live: () => live,
    list: readable,
    change,
  };
}
