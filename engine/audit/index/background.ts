/** The indexer in the background of a gateway. */
import { Worker } from "node:worker_threads";
import type { FromWorker, ToWorker, WorkerData } from "./worker.ts";

export interface Indexer {
  /** Something was appended: do not wait for the next round. */
  poke(): void;
  /** How many records the index is behind a log whose newest record has this number. */
  lag(head: number): number;
  /** Why the index cannot go on; undefined while it does. Queries then catch up by themselves, or say why not. */
  readonly failing: string | undefined;
  /** A last round, then the thread ends. */
  stop(): Promise<void>;
}

const EVERY_MS = 500;

export function startIndexer(folder: string, everyMs = EVERY_MS): Indexer {
  // The file of the thread has the ending of this one: `.ts` in a checkout, `.js` in the package.
  const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  const workerData: WorkerData = { folder, everyMs };
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  let seq = 0;
  let failing: string | undefined;
  worker.on("message", (message: FromWorker) => {
    if ("seq" in message) seq = message.seq;
    failing = "failed" in message ? message.failed : undefined;
  });
  worker.on("error", (error) => {
    failing = error.message;
  });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  // The index is a convenience: it keeps nobody's process alive.
  worker.unref();
  const tell = (message: ToWorker): void => worker.postMessage(message);
  return {
    poke: () => tell("poke"),
    lag: (head) => Math.max(0, head - seq),
    get failing() {
      return failing;
    },
    async stop() {
      worker.ref();
      tell("stop");
      await ended;
    },
  };
}
