/**
 * The recorder in front of the real fhir-mcp-server, between real clients of both lines of the SDK that
 * make the benchmark's calls: what is written decides as what was sent, and holds nothing of it.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadFixtures } from "../../engine/calls/fixtures.ts";
import { decide } from "../../engine/decide/decide.ts";
import { prepare, type ReadyRepository } from "../../engine/decide/prepare.ts";
import { nodeHost } from "../../engine/host/host.ts";
import type { ReceivedObject } from "../../engine/json/value.ts";
import { patientDataInFixtures } from "../../engine/lint/patient-data.ts";
import { load, sound } from "../../engine/policy/load.ts";
import { MemoryUsage } from "../../engine/quota/quota.ts";
import { type Recording, startRecorder } from "../../engine/record/index.ts";
import { simulate } from "../../engine/simulate/simulate.ts";
import { mcpServerCommand } from "../../examples/hospital/ehr/start.ts";
import { type Store, startStore } from "../../examples/hospital/ehr/store.ts";
import { connectV1, connectV2 } from "../support/mcp-clients.ts";

const HOSPITAL = fileURLToPath(new URL("../../examples/hospital", import.meta.url));
const BENCHMARK = "fixtures/medagentbench.jsonl";
const NOW = Date.UTC(2026, 10, 24, 12);

interface Sent {
  readonly tool: string;
  readonly args: { readonly parameters?: { readonly patient?: string } };
}

let store: Store;
let folder: string;
let repository: ReadyRepository;
let sent: readonly Sent[];
let recording: Recording;
let written: string;

beforeAll(async () => {
  store = await startStore();
  folder = mkdtempSync(join(tmpdir(), "phiward-record-"));
  const policy = join(folder, "policy");
  cpSync(HOSPITAL, policy, { recursive: true });
  sent = readFileSync(join(policy, BENCHMARK), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  repository = prepare(sound(await load(nodeHost.folder(policy))));
  let clock = NOW;
  const running = await startRecorder({
    folder: policy,
    server: "ehr",
    grant: "lookup-bot-3",
    target: { command: mcpServerCommand(store.url) },
    output: undefined,
    state: join(folder, "state"),
    config: undefined,
    raw: false,
    maxCalls: 1_000,
    host: { ...nodeHost, now: () => clock++ },
  });
  try {
    const url = await running.listen(0);
    const half = sent.length / 2;
    for (const [connect, calls] of [
      [connectV1, sent.slice(0, half)],
      [connectV2("auto"), sent.slice(half)],
    ] as const) {
      // The recorder asks for no token: it stands where the server stood.
      const client = await connect(url, "none");
      expect(await client.toolNames()).toHaveLength(25);
      for (const { tool, args } of calls) await client.call(tool, { ...args });
      await client.close();
    }
  } finally {
    recording = await running.stop();
  }
  written = readFileSync(recording.file, "utf8");
}, 60_000);

afterAll(async () => {
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("every call is written, and none was withheld", () => {
  expect(recording).toMatchObject({ calls: 80, written: 80, notWritten: 0, keysReplaced: 0 });
});

test("each verdict is that of the call as it was sent, and simulate comes to the same", async () => {
  const lines = await loadFixtures(nodeHost.folder(join(folder, "policy")), "fixtures/recorded/*");
  const usage = new MemoryUsage();
  const asSent = sent.map(({ tool, args }, i) => {
    const call = { ...lines[i]!.call, tool, args: args as ReceivedObject };
    const { decision, charges } = decide(repository, call, { usage });
    usage.charge(charges);
    return { verdict: decision.verdict, rule: decision.rule };
  });
  expect(lines.map(({ outcome: { verdict, rule } }) => ({ verdict, rule }))).toEqual(asSent);
  // Allowed, denied by default, and denied by a limit on patients: all three occur.
  expect(new Set(asSent.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(3);
  const simulation = simulate(lines, repository, undefined);
  expect(simulation).toMatchObject({ total: 80, unchanged: 80, gainedTotal: 0, revokedTotal: 0 });
  expect(simulation.marked.byPath.map(({ path }) => path)).toContain("args.parameters.patient");
});

test("nothing that was sent is found in what was written", () => {
  const secrets = new Set(sent.flatMap(({ args }) => leaves(args)).filter(isSomebodys));
  expect(secrets.size).toBeGreaterThan(90);
  const parts = new Set(
    written
      .trim()
      .split("\n")
      .flatMap((line) => leaves(JSON.parse(line).args)),
  );
  expect([...secrets].filter((secret) => parts.has(secret))).toHaveLength(0);
  // Anywhere in the file, beside the arguments too; shorter ones are part of other words by chance.
  const long = [...secrets].filter(({ length }) => length >= 5);
  expect(long.filter((secret) => written.includes(secret))).toHaveLength(0);
});

test("patients are told apart as before", () => {
  const patients = (calls: readonly Sent[]): number =>
    new Set(calls.map(({ args }) => args.parameters?.patient).filter(Boolean)).size;
  const lines = written.trim().split("\n");
  expect(patients(lines.map((line) => JSON.parse(line)))).toBe(patients(sent));
});

test("lint knows the recorder's lines, and finds what a hand wrote into one", async () => {
  const tree = nodeHost.folder(join(folder, "policy"));
  const loaded = await load(tree);
  expect((await patientDataInFixtures(tree, loaded, NOW)).findings).toEqual([]);
  const raw = sent.find(({ args }) => JSON.stringify(args).includes("birthdate"))!;
  const [line] = written.split("\n");
  const forged = `${JSON.stringify({ ...JSON.parse(line!), args: raw.args })}\n`;
  const edited = {
    ...tree,
    list: async () => [{ path: "fixtures/x.jsonl", bytes: forged.length, link: false }],
    read: async () => Buffer.from(forged),
    stream: async function* () {
      yield Buffer.from(forged);
    },
  };
  const { findings } = await patientDataInFixtures(edited, loaded, NOW);
  expect(findings.map(({ rule }) => rule)).toContain("patient-data");
});

test("the key is readable by its owner alone, and not in the repository", () => {
  const { mode, size } = statSync(join(folder, "state/keys/recorder.key"));
  expect([mode & 0o777, size]).toEqual([0o600, 32]);
});

/** Every text of the arguments, and the parts of those that are put together. */
function leaves(value: unknown): string[] {
  if (typeof value === "string") return [value, ...value.split(/[/|,\s]|^(?:ge|le|gt|lt|eq)/)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(leaves);
}

/** Words of FHIR, of the policy and of code systems are nobody's; a few digits are found by chance. */
function isSomebodys(text: string | undefined): text is string {
  return (
    text !== undefined &&
    text.length >= 3 &&
    !/^[0-9:.]{3,5}$/.test(text) &&
    !/^(Patient|Observation|ServiceRequest|vital-signs|http.*|https?:|hl7\.org|fhir|loinc\.org|snomed\.info|sct|observation-category)$/.test(
      text,
    ) &&
    !JSON.stringify(repository.source).includes(JSON.stringify(text))
  );
}
