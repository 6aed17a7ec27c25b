/** The parent's side: starts the programs of the bench, and ends every one of them. */
import { type ChildProcess, fork, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

export interface Program {
  readonly child: ChildProcess;
  readonly port: number;
  /** Milliseconds of both kinds of processor time that all its threads have used so far. */
  cpuMs(): number;
  /** Ends it as an operator does, and waits for that. */
  stop(): Promise<void>;
}

export interface GatewayProgram extends Program {
  readonly token: string;
}

const here = import.meta.dirname;
const root = resolve(here, "../../..");
const STDIO: StdioOptions = ["ignore", "inherit", "inherit", "ipc"];
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

/** One of the programs in this folder. */
export async function startProgram(file: string, ...args: readonly string[]): Promise<Program> {
  const child = fork(join(here, file), args, { stdio: STDIO });
  keep(child);
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return programOf(child, port);
}

/** The gateway as people start it, on a policy repository; `flags` are Node's, `more` its own. */
export async function startGateway(
  folder: string,
  state: string,
  grant: string,
  flags: readonly string[] = [],
  more: readonly string[] = [],
): Promise<GatewayProgram> {
  const own = ["gateway", "--dev", folder, "--state", state, "--http", "0", ...more];
  const program = [join(root, "dist/cli/bin.js"), ...own];
  const child = spawn(process.execPath, [...flags, ...program], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  keep(child);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const { url, tokens } = JSON.parse(line) as { url: string; tokens: Record<string, string> };
  return { ...programOf(child, Number(new URL(url).port)), token: tokens[grant]! };
}

/** A program that ends by itself and not well has said why, and ends the bench. */
function keep(child: ChildProcess): void {
  running.add(child);
  child.once("exit", (code) => {
    running.delete(child);
    if (code !== 0 && code !== null) process.exit(1);
  });
}

function programOf(child: ChildProcess, port: number): Program {
  return {
    child,
    port,
    cpuMs: () => cpuMs(child.pid!),
    async stop() {
      if (!running.has(child)) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** proc(5): fields 14 and 15 of /proc/PID/stat, in hundredths of a second; NaN elsewhere than Linux. */
function cpuMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, a name in parentheses, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}
