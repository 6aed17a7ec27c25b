/** The built program `phiward gateway --dev` as a process of its own, with a server behind it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { lifeAround, PINNED, policyFiles, UNPINNED, writeFiles } from "./policy-folder.ts";
import { until } from "./until.ts";
import { startUpstream, type TestUpstream } from "./upstream.ts";

const PROGRAM = resolve(import.meta.dirname, "../../dist/cli/bin.js");

/** The one line that the program prints when it serves. */
export interface Ready {
  readonly ready: true;
  readonly url: string;
  /** Grant id → token. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly state: string;
}

export interface Program {
  readonly ready: Ready;
  readonly port: number;
  readonly pid: number;
  readonly upstream: TestUpstream;
  /** What it wrote so far. */
  readonly output: string;
  readonly errors: string;
  /** Asks it to end; resolves with its exit code. */
  end(): Promise<number | null>;
  /** Ends what is still running, and removes its folders. */
  dispose(): Promise<void>;
}

/** Its clock is the machine's, so its grants are valid around today. `flags` are Node's own. */
export async function startProgram(flags: readonly string[] = []): Promise<Program> {
  const root = mkdtempSync(join(tmpdir(), "phiward-program-"));
  const upstream = await startUpstream({ tools: [...PINNED, UNPINNED] });
  const transport = { type: "http", url: `${upstream.origin}/mcp` };
  const policies = join(root, "policies");
  writeFiles(policies, policyFiles({ ehr: transport }, lifeAround(Date.now())));
  const args = ["gateway", "--dev", policies, "--state", join(root, "state"), "--http", "0"];
  const child = spawn(process.execPath, [...flags, PROGRAM, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const ready = JSON.parse(await until(() => output.includes("\n") && output, 20_000)) as Ready;
  return {
    ready,
    port: Number(new URL(ready.url).port),
    pid: child.pid!,
    upstream,
    get output() {
      return output;
    },
    get errors() {
      return errors;
    },
    async end() {
      child.kill("SIGTERM");
      await until(() => child.exitCode !== null || child.signalCode !== null, 15_000);
      return child.exitCode;
    },
    async dispose() {
      child.kill("SIGKILL");
      await upstream.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
