/** Runs in a thread of its own: keeps the database close behind a node's log. */
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import pg from "pg";
import type { Checkpoint } from "../audit/checkpoint.ts";
import { type Chain, type ChainOwner, openChain } from "./chain.ts";
import { clientConfig, storeError } from "./connect.ts";
import type { FoldEntry } from "./fold.ts";
import { type ShapeNumbers, ship } from "./ship.ts";
import type { StoreSettings } from "./url.ts";

export interface WorkerData extends ChainOwner {
  readonly settings: StoreSettings;
  readonly everyMs: number;
}

export type ToWorker = "poke" | "stop";

export type FromWorker =
  /** The number of the newest record that is in the database. */
  | { readonly shipped: number }
  | { readonly checked: { readonly fold: FoldEntry; readonly others: readonly Checkpoint[] } }
  /** Why nothing is shipped at the moment. `damaged`: it will not change by itself. */
  | { readonly failed: string; readonly damaged: boolean };

const { settings, everyMs, ...owner } = workerData as WorkerData;
/** A step may hold thousands of records. */
const STEP_TIMEOUT_MS = 30_000;
const port = parentPort!;
const tell = (message: FromWorker): void => port.postMessage(message);
let stopped = false;
let wake = new AbortController();
port.on("message", (message: ToWorker) => {
  if (message === "stop") stopped = true;
  wake.abort();
});

let client: pg.Client | undefined;
let chain: Chain | undefined;
let shapes: ShapeNumbers = new Map();
while (!stopped) {
  wake = new AbortController();
  await round();
  if (!stopped) await sleep(everyMs, undefined, { signal: wake.signal }).catch(() => {});
}
await round();
await client?.end().catch(() => {});
port.close();

async function round(): Promise<void> {
  try {
    client ??= await connect();
    chain ??= await openChain(client, owner);
    if (chain === undefined) return;
    for (let more = true; more; ) {
      const step = await ship(client, owner.folder, chain, shapes);
      ({ chain, more } = step);
      tell({ shipped: chain.shipped });
      if (step.checked !== undefined) tell({ checked: step.checked });
    }
  } catch (error) {
    // What is in the database is asked anew: whether the last step was made nobody can tell.
    await client?.end().catch(() => {});
    [client, chain, shapes] = [undefined, undefined, new Map()];
    const { code, message } = storeError(error);
    tell({ failed: message, damaged: code === "AUDIT_BROKEN" });
  }
}

async function connect(): Promise<pg.Client> {
  const made = new pg.Client(
    clientConfig({ ...settings, timeoutMs: STEP_TIMEOUT_MS }, `phiward ${owner.node} log`),
  );
  made.on("error", () => {});
  await made.connect();
  return made;
}
