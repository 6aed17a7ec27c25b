/**
 * A gateway on signed releases: a real repository, real signatures, a real server behind it, and a
 * clock that the tests move.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readRecords } from "../../engine/audit/read.ts";
import type { AuditRecord, DecisionRecord } from "../../engine/audit/record.ts";
import { draftRelease } from "../../engine/bundle/draft.ts";
import { readEnvelope, wrap, writeEnvelope } from "../../engine/bundle/dsse.ts";
import { releaseContents } from "../../engine/bundle/files.ts";
import { newHalt } from "../../engine/bundle/new-halt.ts";
import { newHeartbeat } from "../../engine/bundle/new-heartbeat.ts";
import { looks, readGit, readReleases } from "../../engine/bundle/store/git.ts";
import { watch } from "../../engine/bundle/store/poll.ts";
import { publishBeside, publishGit, publishHeartbeat } from "../../engine/bundle/store/publish.ts";
import { openStore, readRelease, type Store } from "../../engine/bundle/store.ts";
import { readConfig } from "../../engine/gateway/config.ts";
import { type ServedGateway, serveReleases } from "../../engine/gateway/serve.ts";
import { issueToken } from "../../engine/grant/issue.ts";
import { sha256 } from "../../engine/json/value.ts";
import type { HaltFile, TrustFile } from "../../engine/schema/types.ts";
import { ALL, DAY, demand, rootBytes, signedBy, TRUST } from "../bundle/world.ts";
import { call, START } from "../support/gateway.ts";
import { type Answer, exchange } from "../support/http-client.ts";
import { PINNED, policyFiles } from "../support/policy-folder.ts";
import { memoryTree } from "../support/tree.ts";
import { until } from "../support/until.ts";
import { startUpstream, type TestUpstream } from "../support/upstream.ts";

const HOUR = DAY / 24;
const READ = call("get_patient", { patient_id: "p-1" });
const FREE = call("list_wards", {});

let root: string;
let url: string;
let upstream: TestUpstream;
let shift = 0;
let served: ServedGateway | undefined;
let port = 0;
let token = "";
/** The envelope of the release that was published last. */
let last: Uint8Array | undefined;

const now = (): number => START + shift;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "phiward-releases-"));
  url = `file://${join(root, "releases.git")}`;
  execFileSync("git", ["init", "--quiet", "--bare", join(root, "releases.git")]);
  upstream = await startUpstream({ tools: [...PINNED] });
  [shift, last, served, kept] = [0, undefined, undefined, {}];
});

afterEach(async () => {
  await served?.gateway.stop();
  await upstream.stop();
  rmSync(root, { recursive: true, force: true });
});

/** The policy repository; the nurse may see so many patients in an hour. */
function filesWith(max: number): Record<string, string> {
  const files = policyFiles({ ehr: { type: "http", url: `${upstream.origin}/mcp` } });
  const texts = Object.fromEntries(
    Object.entries(files).map(([path, value]) => [
      path,
      path.endsWith(".json") ? JSON.stringify(value) : stringify(value),
    ]),
  );
  const care = texts["policies/care.yaml"]!.replace("max: 20", `max: ${max}`);
  return { ...texts, "policies/care.yaml": care };
}

async function store(): Promise<Store> {
  return openStore(TRUST, await rootBytes(), now(), undefined, demand);
}

/** Publishes a release of these files; `commit` stands for them. */
async function publish(
  commit: string,
  files: Record<string, string>,
  more: object = {},
): Promise<void> {
  const trees: Record<string, Record<string, string>> = { [commit]: files };
  for (const [known, tree] of published) trees[known] ??= tree;
  published.set(commit, files);
  const options = { commit, path: "", lifeMs: 90 * DAY, graceSeconds: 3600, approvers: [] };
  const draft = await draftRelease(
    { ...(await store()), halts: Array.from(Object.keys(kept)) as never },
    last,
    async (asked) => memoryTree(trees[asked]!),
    { ...options, ...more },
    demand,
  );
  const envelope = writeEnvelope(await signedBy(draft.envelope, ALL));
  const { predicate } = draft;
  const release = readRelease(draft.envelope, demand);
  const beat = newHeartbeat(await store(), release, DAY);
  await publishGit(url, {
    version: predicate.version,
    files: {
      "release.json": envelope,
      "bundle.json": draft.bundle.text,
      "root/1.json": (await rootBytes()).toString(),
      ...kept,
    },
    heartbeat: writeEnvelope(await signedBy(wrap("heartbeat", beat), ["ci"])),
  });
  last = Buffer.from(envelope);
}
const published = new Map<string, Record<string, string>>();

async function stopping(deny: HaltFile["deny"], halts = 0): Promise<void> {
  const at = { ...(await store()), halts: Array.from({ length: halts }) as never };
  const file = newHalt(at, { deny, reason: "INC-7" });
  const text = writeEnvelope(await signedBy(wrap("halt", file), ["s.park"]));
  await publishBeside(url, { path: `halt/${file.sequence}.json`, text, message: "Stop" });
}

async function start(trust: TrustFile = TRUST, source = url): Promise<void> {
  const config = join(root, "engine.yaml");
  writeFileSync(join(root, "trust.json"), JSON.stringify(trust));
  writeFileSync(
    config,
    stringify({
      version: "1",
      state: join(root, "state"),
      bundle: { source, trust: "./trust.json", poll: "12h" },
      listen: { http: "127.0.0.1:1" },
      upstreams: { ehr: { origins: [upstream.origin] } },
    }),
  );
  const read = readConfig(config, {});
  served = await serveReleases({
    config: { ...read, releases: read.releases! },
    now,
    random: () => 0,
  });
  const { gateway, policy } = served;
  port = Number(new URL(await gateway.listen("127.0.0.1", 0)).port);
  const grant = policy.current()?.repository.grants.get("nurse")?.source;
  if (grant === undefined) return;
  const plan = issueToken(grant, undefined, { at: now(), random: randomBytes });
  token = (await gateway.tokens.change(plan)).token;
}

async function restart(trust?: TrustFile, source?: string): Promise<void> {
  await served?.gateway.stop();
  served = undefined;
  await start(trust, source);
}

const post = (message: object): Promise<Answer> =>
  exchange({
    port,
    method: "POST",
    path: "/mcp/ehr",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(message),
  });

function records(): readonly AuditRecord[] {
  return [...readRecords(join(root, "state", "audit"), { seq: 1 })];
}

function decisions(): readonly DecisionRecord[] {
  return records().filter((record): record is DecisionRecord => record.kind === "decision");
}

/** The rule that decided; "" for an allowed call. */
async function ruleOf(message: object): Promise<string> {
  const before = decisions().length;
  await post(message);
  const [decided] = decisions().slice(before);
  return decided!.rule;
}

describe("a gateway on signed releases", () => {
  test("pulls, verifies and serves; each decision names the release and its commit", async () => {
    await publish(FIRST, filesWith(20));
    await start();
    expect(await ruleOf(READ)).toBe("");
    expect(served?.gateway.health.problems()).toEqual([]);
    expect(decisions().at(-1)).toMatchObject({
      bundle: { version: "1", commit: FIRST, digest: served?.policy.current()?.bundle.digest },
    });
    expect(decisions().at(-1)?.dev).toBeUndefined();
    expect(records()).toContainEqual(
      expect.objectContaining({ kind: "policy", event: "activated" }),
    );
  });

  test("takes over a second release while calls are open, and loses none", async () => {
    await publish(FIRST, filesWith(200));
    await start();
    await publish(SECOND, filesWith(199));
    let done = false;
    const calls: Promise<Answer>[] = [];
    const load = (async () => {
      while (!done && calls.length < 2_000) {
        const call = post(FREE);
        calls.push(call);
        await call;
      }
    })();
    await served?.policy.poll();
    const after = calls.length;
    while (calls.length < after + 20) await new Promise((resolve) => setTimeout(resolve, 5));
    done = true;
    await load;
    const answers = await Promise.all(calls);
    expect(answers.every(({ status, text }) => status === 200 && !text.includes("DENIED"))).toBe(
      true,
    );
    const versions = decisions().map(({ bundle }) => bundle?.version);
    expect(new Set(versions)).toEqual(new Set(["1", "2"]));
    // Once taken over, it stays.
    expect(versions.lastIndexOf("1")).toBeLessThan(versions.indexOf("2"));
  });

  test("runs what ran last when nobody can be asked", async () => {
    await publish(FIRST, filesWith(20));
    await publish(SECOND, filesWith(19));
    await start();
    rmSync(join(root, "releases.git"), { recursive: true });
    await restart();
    expect(served?.policy.current()?.bundle.version).toBe("2");
    expect(await ruleOf(READ)).toBe("");
    expect(records().at(-1)).toBeDefined();
  });

  test("without any release denies everything, and serves as soon as there is one", async () => {
    await start();
    expect(served?.policy.current()).toBeUndefined();
    expect(served?.gateway.health.problems()).toContain("no verified policy");
    await publish(FIRST, filesWith(20));
    await served?.policy.poll();
    expect(served?.policy.current()?.bundle.version).toBe("1");
    expect(served?.gateway.health.problems()).toEqual([]);
  });

  test("obeys an emergency stop of a tool within one poll, also after a restart without network", async () => {
    await publish(FIRST, filesWith(20));
    await start();
    await stopping({ tools: [{ server: "ehr", tool: "get_patient" }] });
    await served?.policy.poll();
    expect(await ruleOf(READ)).toBe("(halted)");
    expect(await ruleOf(FREE)).toBe("");
    expect(records()).toContainEqual(expect.objectContaining({ kind: "policy", event: "halted" }));
    expect(served?.gateway.health.notes()).toContain("an emergency stop is in force");
    rmSync(join(root, "releases.git"), { recursive: true });
    await restart();
    expect(await ruleOf(READ)).toBe("(halted)");
  });

  test("lifts a stop only with a release that says so", async () => {
    await publish(FIRST, filesWith(20));
    await start();
    await stopping({ grants: ["nurse"] });
    await served?.policy.poll();
    expect(await ruleOf(FREE)).toBe("(halted)");
    await publishWithStops(SECOND, filesWith(19));
    await served?.policy.poll();
    expect(served?.policy.current()?.bundle.version).toBe("2");
    expect(await ruleOf(FREE)).toBe("(halted)");
    await publishWithStops(THIRD, filesWith(18), { haltsCleared: 1 });
    await served?.policy.poll();
    expect(await ruleOf(FREE)).toBe("");
  });

  test("without a heartbeat goes on for the signed grace and says so, and then denies patient data", async () => {
    await publish(FIRST, filesWith(20));
    await start();
    expect(await ruleOf(READ)).toBe("");
    expect(decisions().at(-1)?.bundle?.stale).toBeUndefined();
    shift += DAY + HOUR / 2;
    expect(await ruleOf(READ)).toBe("");
    expect(decisions().at(-1)?.bundle?.stale).toBe(true);
    shift += HOUR;
    expect(await ruleOf(READ)).toBe("(stale)");
    expect(await ruleOf(FREE)).toBe("");
    expect(served?.gateway.health.problems().join()).toContain("older than it may be");
    // Somebody vouches for it again.
    const envelope = await release();
    const beat = newHeartbeat(await store(), envelope, DAY);
    await publishHeartbeat(url, writeEnvelope(await signedBy(wrap("heartbeat", beat), ["ci"])));
    await served?.policy.poll();
    expect(await ruleOf(READ)).toBe("");
  });

  test("runs the release that is pinned, also after a newer one", async () => {
    await publish(FIRST, filesWith(20));
    await start();
    const { digest } = served!.policy.current()!.bundle;
    await publish(SECOND, filesWith(19));
    await served?.policy.poll();
    expect(served?.policy.current()?.bundle.version).toBe("2");
    await restart({ ...TRUST, pin: { version: 1, digest } });
    await served?.policy.poll();
    expect(served?.policy.current()?.bundle.version).toBe("1");
    expect(await ruleOf(READ)).toBe("");
    // Without the pin the newer one is taken again, and the older is a rollback.
    await restart();
    await served?.policy.poll();
    expect(served?.policy.current()?.bundle.version).toBe("2");
  });

  test("stays with the release before when one names a server that the host does not list", async () => {
    await publish(FIRST, filesWith(20));
    await start();
    const files = filesWith(20);
    const server = files["servers/ehr.yaml"]!.replace(upstream.origin, "http://127.0.0.1:9");
    await publish(SECOND, { ...files, "servers/ehr.yaml": server });
    await served?.policy.poll();
    expect(served?.policy.current()?.bundle.version).toBe("1");
    await until(() =>
      records().find((one) => "check" in one && one.check === "(untrusted upstream)"),
    );
    expect(await ruleOf(READ)).toBe("");
  });

  test("keeps the good release when the repository turns to rubbish", async () => {
    await publish(FIRST, filesWith(20));
    await start();
    await publishGit(url, { version: 2, files: { "release.json": "{}", "root/1.json": "[]" } });
    await served?.policy.poll();
    expect(await ruleOf(READ)).toBe("");
    const refused = records().filter(
      ({ kind, ...rest }) => "event" in rest && rest.event === "refused",
    );
    expect(refused).toHaveLength(1);
    // The same refusal at the next poll is told once.
    await served?.policy.poll();
    expect(records().filter((one) => "event" in one && one.event === "refused")).toHaveLength(1);
  });
});

describe("plain HTTPS", () => {
  test("is asked with ETags: what has not changed is not sent again", async () => {
    await publish(FIRST, filesWith(20));
    const site = await serveFolder();
    try {
      const source = watch(site.url, 5_000);
      const first = await source.read({ root: 1, halt: 1 });
      expect([first?.release, first?.bundle, first?.heartbeat].every(Boolean)).toBe(true);
      const asked = site.answers.length;
      expect(await source.read({ root: 2, halt: 1 })).toBeUndefined();
      const again = site.answers.slice(asked);
      expect(again.filter(({ status }) => status === 304).length).toBeGreaterThanOrEqual(2);
      expect(again.some(({ path }) => path.endsWith("bundle.json"))).toBe(false);
      await start(TRUST, site.url);
      expect(await ruleOf(READ)).toBe("");
    } finally {
      await site.stop();
    }
  });

  test("beyond loopback is refused without TLS", () => {
    expect(() => watch("http://releases.example.org/ehr/", 5_000)).toThrow(
      "plain HTTP beyond loopback",
    );
  });
});

const FIRST = "1".repeat(40);
const SECOND = "2".repeat(40);
const THIRD = "3".repeat(40);

/** The release that was published last, as a heartbeat names it. */
async function release() {
  return readRelease(readEnvelope("release", "the release", last!, demand), demand);
}

/** The stops that are published stay beside the new release. */
async function publishWithStops(
  commit: string,
  files: Record<string, string>,
  more: object = {},
): Promise<void> {
  const { halts } = await readGit(url);
  kept = Object.fromEntries(
    [...(halts ?? [])].map(([n, bytes]) => [`halt/${n}.json`, Buffer.from(bytes).toString()]),
  );
  await publish(commit, files, more);
}
let kept: Record<string, string> = {};

/** The published files behind a web server that knows ETags. */
async function serveFolder() {
  const files = releaseContents(await readReleases(url, await looks(url, 5_000), undefined, 5_000));
  const answers: { path: string; status: number }[] = [];
  const server = createServer((request, response) => {
    const bytes = files.get((request.url ?? "").replace("/ehr/", ""));
    const etag = bytes === undefined ? "" : `"${sha256(Buffer.from(bytes).toString())}"`;
    const status =
      bytes === undefined ? 404 : request.headers["if-none-match"] === etag ? 304 : 200;
    answers.push({ path: request.url ?? "", status });
    response.writeHead(status, { etag }).end(status === 200 ? bytes : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: at } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${at}/ehr/`,
    answers,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
