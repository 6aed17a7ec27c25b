/** Runs in a thread of its own: keeps a folder's index close behind its log. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { catchUp } from "./indexer.ts";
import { INDEX_FILE, type Index, isDamage, openIndex, removeIndex } from "./schema.ts";

export interface WorkerData {
  readonly folder: string;
  readonly everyMs: number;
}

export type ToWorker = "poke" | "stop";

/** After each round: the number of the newest record in the index, or why it could not go on. */
export type FromWorker = { readonly seq: number } | { readonly failed: string };

const { folder, everyMs } = workerData as WorkerData;
const port = parentPort!;
let stopped = false;
let wake = new AbortController();
port.on("message", (message: ToWorker) => {
  if (message === "stop") stopped = true;
  wake.abort();
});

let index: Index | undefined;
let inode = 0;
while (!stopped) {
  wake = new AbortController();
  port.postMessage(round());
  if (!stopped) await sleep(everyMs, undefined, { signal: wake.signal }).catch(() => {});
}
round();
index?.close();
port.close();

function round(): FromWorker {
  try {
    // Somebody may have thrown the file away; what we hold open is then no longer the index.
    if (index === undefined || inodeOf() !== inode) {
      index?.close();
      index = openIndex(folder);
      inode = inodeOf();
    }
    return { seq: catchUp(folder, index).seq };
  } catch (error) {
    index?.close();
    index = undefined;
    if (isDamage(error)) removeIndex(folder);
    return { failed: (error as Error).message };
  }
}

function inodeOf(): number {
  return statSync(join(folder, INDEX_FILE), { throwIfNoEntry: false })?.ino ?? 0;
}
