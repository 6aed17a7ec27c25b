/**
 * An engine that does nothing but take releases, to be killed: `release-taker.ts STATE TRUST SOURCE NOW`.
 * Each line that it writes is what it has in force, and is a promise.
 */
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { watch } from "../../engine/bundle/store/poll.ts";
import { readKept } from "../../engine/bundle/store/state-folder.ts";
import { readTrust } from "../../engine/bundle/trust.ts";
import { releaseSource } from "../../engine/gateway/release-source.ts";
import { inForce } from "./believed.ts";

const LIFE_MS = 30_000;
const [state = "", trust = "", source = "", now = ""] = process.argv.slice(2);

const policy = await releaseSource({
  trust: readTrust(trust, readFileSync(trust, "utf8")),
  sources: [watch(source, 10_000)],
  state,
  pollMs: 10 * LIFE_MS,
  now: () => Number(now),
  random: () => 0,
  objection: () => undefined,
});

let last = "";
const say = (): void => {
  const line = JSON.stringify(inForce(policy, readKept(join(state, "bundle"))));
  if (line !== last) writeSync(1, `${line}\n`);
  last = line;
};

policy.onEvent(({ event }) => {
  if (event === "activated" || event === "halted") say();
});
// It stops by itself when nobody kills it.
while (performance.now() < LIFE_MS) {
  say();
  await policy.poll();
}
policy.stop();
