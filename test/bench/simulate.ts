/**
 * Recorded calls through two revisions of the example hospital: base from Git's objects, head from the
 * work tree, the calls line by line from one file that no heap could hold as objects.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { eachFixture } from "../../engine/calls/fixtures.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import { diskTree } from "../../engine/host/disk.ts";
import { gitTree } from "../../engine/host/git.ts";
import { load, sound } from "../../engine/policy/load.ts";
import { startSimulation } from "../../engine/simulate/simulate.ts";

export const CALLS = 1_000_000;
const HOSPITAL = resolve(import.meta.dirname, "../../examples/hospital");
const RECORDED = "fixtures/recorded.jsonl";

export function benchSimulate(calls = CALLS): void {
  const folder = mkdtempSync(join(tmpdir(), "phiward-bench-simulate-"));
  try {
    prepareFolder(folder, calls);
    const { size } = statSync(join(folder, RECORDED));
    const started = performance.now();
    const lines = parseOnly(join(folder, RECORDED));
    const floor = performance.now() - started;
    const { ms, cpu, gained } = replayElsewhere(folder);
    console.log(
      `\nsimulate: ${calls.toLocaleString("en")} recorded calls (${(size / 1e6).toFixed(0)} MB) on two revisions, head from the work tree, base from Git\n` +
        `  JSON.parse of ${lines.toLocaleString("en")} lines      ${seconds(floor)}  × 1\n` +
        `  read, checked, decided twice   ${seconds(ms)}  × ${(ms / floor).toFixed(1)}, in a heap of ${HEAP_MB} MB\n` +
        `    ${(cpu / 1e3).toFixed(1)} s of it at work: ${((cpu * 1e3) / calls).toFixed(1)} µs a call; ${gained.toLocaleString("en")} calls gained`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function seconds(ms: number): string {
  return `${(ms / 1e3).toFixed(1)} s`.padStart(8);
}

/** A heap in which a tenth of the calls would not fit, were they kept. */
const HEAP_MB = 128;

interface Replayed {
  readonly ms: number;
  /** What the process worked; less than `ms` where others had the processor. */
  readonly cpu: number;
  readonly gained: number;
}

function replayElsewhere(folder: string): Replayed {
  const heap = `--max-old-space-size=${HEAP_MB}`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [heap, import.meta.filename, "--replay", folder],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The hospital as it is in Git; in the work tree after a careless change, with the recorded calls. */
function prepareFolder(folder: string, calls: number): void {
  cpSync(HOSPITAL, folder, { recursive: true });
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all"],
    [
      "-c",
      "user.name=A. Example",
      "-c",
      "user.email=a@example.org",
      "commit",
      "--quiet",
      "-m",
      "x",
    ],
  ]) {
    const { status, stderr } = spawnSync("git", args, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  }
  cpSync(join(HOSPITAL, "careless"), folder, { recursive: true });
  writeCalls(join(folder, RECORDED), calls);
}

/** The example's own recordings over and over: other names, other times, the same kinds of calls. */
function writeCalls(file: string, calls: number): void {
  const recorded = ["medagentbench", "synthetic"].flatMap((name) =>
    readFileSync(join(HOSPITAL, `fixtures/${name}.jsonl`), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
  const start = Date.UTC(2026, 9, 1);
  const block = 10_000;
  for (let first = 0; first < calls; first += block) {
    const lines = Array.from({ length: Math.min(block, calls - first) }, (_, i) => {
      const n = first + i;
      const call = recorded[n % recorded.length];
      const at = new Date(start + n * 4_000).toISOString();
      return JSON.stringify({ ...call, id: `r-${n}`, at });
    });
    appendFileSync(file, `${lines.join("\n")}\n`);
  }
}

/** What no reader of the same file can do without. */
function parseOnly(file: string): number {
  let lines = 0;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "") continue;
    JSON.parse(line);
    lines++;
  }
  return lines;
}

async function replay(folder: string): Promise<Replayed> {
  const tree = diskTree(folder);
  const side = async (of: Promise<Awaited<ReturnType<typeof load>>>) => prepare(sound(await of));
  const head = await side(load(tree));
  const base = await side(load(await gitTree(folder, "HEAD")));
  const running = startSimulation(head, base);
  const started = performance.now();
  const cpu = process.cpuUsage();
  for await (const calls of eachFixture(tree, RECORDED)) {
    running.judge(calls);
  }
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpu: (user + system) / 1e3, gained: running.report().gainedTotal };
}

if (process.argv[1] === import.meta.filename) {
  const [first, folder = ""] = process.argv.slice(2);
  if (first === "--replay") console.log(JSON.stringify(await replay(folder)));
  else benchSimulate(first === undefined ? CALLS : Number(first));
}
