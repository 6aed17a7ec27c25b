/** The thread that copies a node's log, as the gateway sees it. */
import { Worker } from "node:worker_threads";
import type { FromWorker, ToWorker, WorkerData } from "./worker.ts";

export interface Shipper {
  /** Resolves when the log was compared with the database for the first time, or that failed. */
  readonly compared: Promise<void>;
  /** The log contradicts what the database has of it. */
  readonly damage: string | undefined;
  /** Why nothing is shipped at the moment. */
  readonly failing: string | undefined;
  /** How many records the database is behind a log whose newest record has this number. */
  lag(head: number): number;
  /** A last round, then the thread ends. */
  stop(): Promise<void>;
}

const EVERY_MS = 500;

/** `onChecked` hears where each checkpoint of the node was entered, and what the other nodes' newest were. */
export function startShipper(
  options: Omit<WorkerData, "everyMs">,
  onChecked: (checked: Extract<FromWorker, { checked: unknown }>["checked"]) => void,
): Shipper {
  // The file of the thread has the ending of this one: `.ts` in a checkout, `.js` in the package.
  const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  const workerData: WorkerData = { ...options, everyMs: EVERY_MS };
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  let shipped = 0;
  let damage: string | undefined;
  let failing: string | undefined;
  let settle = (): void => {};
  const compared = new Promise<void>((resolve) => {
    settle = resolve;
  });
  worker.on("message", (message: FromWorker) => {
    if ("checked" in message) return onChecked(message.checked);
    if ("shipped" in message) {
      ({ shipped } = message);
      [damage, failing] = [undefined, undefined];
    } else {
      failing = message.failed;
      if (message.damaged) damage = message.failed;
    }
    settle();
  });
  worker.on("error", (error) => {
    failing = error.message;
    settle();
  });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  // What is not shipped now is shipped at the next start: it keeps nobody's process alive.
  worker.unref();
  const tell = (message: ToWorker): void => worker.postMessage(message);
  return {
    compared,
    get damage() {
      return damage;
    },
    get failing() {
      return failing;
    },
    lag: (head) => Math.max(0, head - shipped),
    async stop() {
      worker.ref();
      tell("stop");
      await ended;
    },
  };
}
