/** A token store in a folder: `tokens.json`, its lock, and the inbox of the audit log. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PhiwardError } from "../errors.ts";
import { type BoundGrants, isOrphan, type TokenEntry } from "./entry.ts";
import { type FileSteps, nodeSteps, writeDurably } from "./files.ts";
import { post } from "./inbox.ts";
import { withLock } from "./lock.ts";
import { judgeToken, type Plan, type TokenStore } from "./store.ts";
import { NO_FILE, readTokenFile, stampOf, type TokenFile, tokenFileText } from "./token-file.ts";

/** Where administrative events wait in a state folder; `drain` takes them from there. */
export function inboxOf(state: string): string {
  return join(state, "inbox");
}

/** Opens the store of a state folder. Nothing is made there before the first change. */
export function openTokenStore(state: string, steps: FileSteps = nodeSteps): TokenStore {
  const path = join(state, "tokens.json");
  let file: TokenFile = NO_FILE;
  let byHash: ReadonlyMap<string, TokenEntry> = new Map();
  let unreconciled = false;

  function adopt(read: TokenFile): void {
    file = read;
    byHash = new Map(read.entries.map((entry) => [entry.hash, entry]));
  }

  function problem(): string | undefined {
    if (file.problem !== undefined) return `\`${path}\` ${file.problem}`;
    return unreconciled ? "tokens that lost their grant could not be noted" : undefined;
  }

  function refresh(): boolean {
    if (stampOf(path) === file.stamp) return false;
    adopt(readTokenFile(path));
    return true;
  }

  function readable(): readonly TokenEntry[] {
    if (file.problem === undefined) return file.entries;
    throw new PhiwardError("STATE_DAMAGED", `\`${path}\` ${file.problem}`);
  }

  async function change<Result>(
    plan: (entries: readonly TokenEntry[]) => Plan<Result>,
  ): Promise<Result> {
    return await onDisk(state, async () => {
      mkdirSync(state, { recursive: true, mode: 0o700 });
      return await withLock(join(state, "tokens.lock"), () => {
        refresh();
        const { entries, events, result } = plan(readable());
        for (const event of events) post(inboxOf(state), event, steps);
        try {
          writeDurably(path, tokenFileText(entries), steps);
        } finally {
          // An error leaves the old file or the new one: whichever it is, it holds from now on.
          refresh();
        }
        return result;
      });
    });
  }

  async function reconcile(repository: BoundGrants, at: number): Promise<readonly TokenEntry[]> {
    const isLost = (entry: TokenEntry): boolean =>
      entry.orphanedAt === undefined && isOrphan(entry, repository);
    try {
      refresh();
      const lost = readable().some(isLost) ? await change(orphan(isLost, at)) : [];
      unreconciled = false;
      return lost;
    } catch (error) {
      unreconciled = true;
      throw error;
    }
  }

  refresh();
  return {
    get problem() {
      return problem();
    },
    refresh,
    // The time that the map takes tells at most how many digits of two hashes agree. A caller cannot
    // steer the SHA-256 of a token that they do not know, so this leads no nearer to one.
    lookup: (hash, repository, at) =>
      problem() === undefined
        ? judgeToken(byHash.get(hash), repository, at)
        : { ok: false, code: "store_unavailable" },
    list: readable,
    change,
    reconcile,
  };
}

function orphan(isLost: (entry: TokenEntry) => boolean, orphanedAt: number) {
  return (entries: readonly TokenEntry[]): Plan<readonly TokenEntry[]> => ({
    entries: entries.map((entry) => (isLost(entry) ? { ...entry, orphanedAt } : entry)),
    events: [],
    result: entries.filter(isLost),
  });
}

/** The disk's own errors, in our words. */
async function onDisk<T>(state: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PhiwardError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new PhiwardError("UNREADABLE", `\`${state}\` cannot be written (${code})`, {
      help: "check its permissions and the room on its disk; list the tokens to see what holds",
      cause: error,
    });
  }
}
