/** What docs/gateway.md tells operators of signed releases: its example, and what a monitor reads. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { writeFolder } from "../../engine/bundle/store/folder.ts";
import { watch } from "../../engine/bundle/store/poll.ts";
import { readConfig } from "../../engine/gateway/config.ts";
import { Metrics, policyGauges } from "../../engine/gateway/metrics.ts";
import { type ServedGateway, serveReleases } from "../../engine/gateway/serve.ts";
import { TRUST } from "../bundle/world.ts";
import { exchange } from "../support/http-client.ts";
import { AFTERWARDS, releaseHistory } from "../support/release-history.ts";
import { startAlone } from "../support/release-kill.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/gateway.md"), "utf8");
const section = page.split("\n## Signed releases\n")[1]!.split("\n## ")[0]!;

let work: string;
let served: ServedGateway | undefined;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "phiward-operator-"));
  writeFileSync(join(work, "trust.json"), JSON.stringify(TRUST));
});
afterEach(async () => {
  await served?.gateway.stop();
  rmSync(work, { recursive: true, force: true });
});

/** engine.yaml as it stands on the page, with another source where one is given. */
function configOf(source?: string): ReturnType<typeof readConfig> {
  const text = /```yaml\n([\s\S]*?)```/.exec(section)![1]!;
  const { bundle } = parse(text) as { bundle: { source: string } };
  const path = join(work, "engine.yaml");
  writeFileSync(path, source === undefined ? text : text.replace(bundle.source, source));
  return readConfig(path, {});
}

test("the page's engine.yaml is one", () => {
  expect(configOf().releases).toMatchObject({
    sources: ["https://git.example.org/policies.git"],
    trust: { stream: "ehr" },
    pollMs: 60_000,
    maxStaleMs: 12 * 60 * 60_000,
  });
});

test("without a release the gateway says so to a monitor", async () => {
  const { releases, ...config } = configOf(join(work, "releases"));
  served = await serveReleases({
    config: { ...config, releases: releases! },
    now: () => AFTERWARDS,
    random: () => 0,
  });
  const port = Number(new URL(await served.gateway.listen("127.0.0.1", 0)).port);
  const { text } = await exchange({ port, method: "GET", path: "/metrics", headers: {} });
  const samples = samplesIn(text);
  expect(samples).toMatchObject({ ready: "0", policy_freshness: "2", emergency_stop: "0" });
  // A number would be a wrong one.
  expect(Object.keys(samples)).not.toContain("release_version");
  expect(Object.keys(samples)).not.toContain("source_answer_age_seconds");
});

test("metrics follow what is in force", async () => {
  const { steps } = await releaseHistory();
  const source = join(work, "releases");
  let now = AFTERWARDS;
  writeFolder(source, steps[1]!.files);
  const policy = await startAlone(join(work, "state"), [watch(source, 1_000)], () => now);
  const zero = (): number => 0;
  const gauges = { sessions: zero, streams: zero, quarantined: zero, auditHead: zero, ready: zero };
  const metrics = new Metrics(
    gauges,
    policyGauges(policy, () => now),
  );
  expect(samplesIn((await metrics.text()).body)).toMatchObject({
    release_version: "1",
    policy_freshness: "0",
    emergency_stop: "0",
    source_answer_age_seconds: "0",
  });
  writeFolder(source, steps[3]!.files);
  await policy.poll();
  policy.stop();
  const hours = async (later: number): Promise<Record<string, string>> => {
    now = AFTERWARDS + later * 60 * 60_000;
    return samplesIn((await metrics.text()).body);
  };
  // The release is of the first minutes of that day, six hours before, and allows one hour more.
  expect(await hours(17)).toMatchObject({
    release_version: "2",
    policy_freshness: "0",
    emergency_stop: "1",
    source_answer_age_seconds: "61200",
  });
  expect(await hours(18.5)).toMatchObject({ policy_freshness: "1" });
  expect(await hours(20)).toMatchObject({ policy_freshness: "2", release_version: "2" });
});

function samplesIn(text: string): Record<string, string> {
  const lines = text.matchAll(/^phiward_(\w+) (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}
