/** Runs in a thread of its own: verifies a log and says how far it is. */
import { parentPort, workerData } from "node:worker_threads";
import { ownPublicKey } from "../../audit/state.ts";
import { type Verification, verifyLog } from "../../audit/verify/verify.ts";
import type { KeySource } from "./verifying.ts";

export interface WorkerData {
  readonly log: string;
  readonly keys: string;
}

export type FromWorker =
  | { readonly records: number }
  | { readonly verification: Verification; readonly key: KeySource };

const state = workerData as WorkerData;
const port = parentPort!;
const own = ownPublicKey(state);
const verification = verifyLog(state.log, {
  keys: own === undefined ? [] : [own],
  kept: [],
  onProgress: (records) => port.postMessage({ records } satisfies FromWorker),
});
port.postMessage({ verification, key: own === undefined ? "none" : "own" } satisfies FromWorker);
port.close();
