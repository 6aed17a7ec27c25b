/**
 * Appends to a log under load and prints the number of each record that it was told is on disk; the
 * test kills it in the middle. Synchronous prints: a number that was printed was told before the kill.
 */
import { writeSync } from "node:fs";
import { openFileLog } from "../../engine/audit/file-log.ts";
import { entry, outcome } from "./entry.ts";
import { KEYS, NODE, START } from "./generate.ts";

const [folder = "", writers = "64"] = process.argv.slice(2);
const log = await openFileLog({
  folder,
  node: NODE,
  now: () => START,
  segmentBytes: 256 * 1024,
  checkpoint: { key: KEYS.privateKey, everyRecords: 500, everyMs: 50, sinks: [] },
});
let n = 0;
await Promise.all(
  Array.from({ length: Number(writers) }, async () => {
    for (;;) {
      const { seq, durable } = log.append(n % 4 === 0 ? outcome(n++) : entry(n++));
      await durable;
      writeSync(1, `${seq}\n`);
    }
  }),
);
