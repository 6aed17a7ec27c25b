/**
 * The verification of the whole log, in a thread beside the pages: it reads every byte, and ten
 * million records take half a minute. One runs at a time; the last result stays to be seen.
 */
import { Worker } from "node:worker_threads";
import type { AuditState } from "../../audit/state.ts";
import type { Verification } from "../../audit/verify/verify.ts";
import type { FromWorker, WorkerData } from "./worker.ts";

/** Whose word a result is: it is as good as the key that the checkpoints were held against. */
export type KeySource = "own" | "none";

export type Progress =
  | { readonly kind: "never" }
  | {
      readonly kind: "running";
      readonly by: string;
      readonly since: number;
      readonly records: number;
    }
  | {
      readonly kind: "done";
      readonly by: string;
      readonly at: number;
      readonly ms: number;
      readonly key: KeySource;
      readonly verification: Verification;
    }
  | { readonly kind: "failed"; readonly by: string; readonly at: number; readonly says: string };

export interface Verifying {
  readonly progress: Progress;
  /** Starts a run, unless one runs. */
  start(by: string): void;
  stop(): Promise<void>;
}

export function openVerifying({ log, keys }: AuditState, now: () => number): Verifying {
  let progress: Progress = { kind: "never" };
  let worker: Worker | undefined;
  return {
    get progress() {
      return progress;
    },
    start(by) {
      if (worker !== undefined) return;
      const since = now();
      const workerData: WorkerData = { log, keys };
      // The file of the thread has the ending of this one: `.ts` in a checkout, `.js` in the package.
      const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
      const started = new Worker(new URL(file, import.meta.url), { workerData });
      worker = started;
      progress = { kind: "running", by, since, records: 0 };
      started.on("message", (message: FromWorker) => {
        progress =
          "records" in message
            ? { kind: "running", by, since, records: message.records }
            : { kind: "done", by, at: now(), ms: now() - since, ...message };
      });
      started.on("error", (error) => {
        progress = { kind: "failed", by, at: now(), says: error.message };
      });
      started.once("exit", () => {
        if (worker === started) worker = undefined;
        if (progress.kind === "running") {
          progress = { kind: "failed", by, at: now(), says: "it was interrupted" };
        }
      });
      started.unref();
    },
    async stop() {
      await worker?.terminate();
    },
  };
}
