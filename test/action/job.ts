/** Runs the built Action as GitHub's runner does: environment, event file, output files, exit code. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runnerWorld } from "../../action/host.ts";
import { run } from "../../action/run.ts";
import { type FakeGitHub, type FakePull, REPOSITORY } from "../support/github.ts";

const BUNDLE = resolve(import.meta.dirname, "../../action/dist/index.js");

/** No run takes longer, or it is broken. */
const MAX_RUN = 45_000;

export const TOKEN = "ghs_notAToken";

export interface Ran {
  readonly exit: number | null;
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** The workspace: what the job left in it is read by the test. */
  readonly workspace: string;
  /** What the runner's folder for temporary files still holds. */
  readonly left: readonly string[];
}

export interface JobOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  /** Prepares the workspace. */
  readonly before?: (workspace: string) => void;
}

/** The built Action, in a process of its own. */
export async function job(...what: Parameters<typeof prepare>): Promise<Ran> {
  const { env, read } = prepare(...what);
  const { exit, log } = await node(env);
  return read(exit, log);
}

/** The same from its sources, in this process, where waiting takes no time. */
export async function quickJob(...what: Parameters<typeof prepare>): Promise<Ran> {
  const { env, read } = prepare(...what);
  const clock = { now: () => Date.now(), sleep: async () => {} };
  const { world, leave } = runnerWorld(env, clock);
  const lines: string[] = [];
  const out = { ...world.out, log: (text: string) => void lines.push(text) };
  const exit = await run({ ...world, out }).finally(leave);
  return read(exit, lines.join("\n"));
}

function prepare(
  github: FakeGitHub,
  event: string,
  payload: unknown,
  { inputs = {}, before }: JobOptions = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "phiward-job-"));
  const at = (name: string): string => join(folder, name);
  const workspace = at("workspace");
  for (const name of ["workspace", "temp"]) mkdirSync(at(name));
  for (const name of ["output", "summary"]) writeFileSync(at(name), "");
  writeFileSync(at("event.json"), typeof payload === "string" ? payload : JSON.stringify(payload));
  before?.(workspace);
  const env: Readonly<Record<string, string | undefined>> = {
    PATH: process.env.PATH,
    HOME: folder,
    GITHUB_ACTIONS: "true",
    GITHUB_API_URL: github.api,
    GITHUB_SERVER_URL: github.server,
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: at("event.json"),
    GITHUB_OUTPUT: at("output"),
    GITHUB_STEP_SUMMARY: at("summary"),
    GITHUB_WORKSPACE: workspace,
    GITHUB_WORKFLOW_REF: `${REPOSITORY}/.github/workflows/gate.yml@refs/heads/main`,
    GITHUB_RUN_ID: "1234",
    RUNNER_TEMP: at("temp"),
    ...inputsOf({ token: TOKEN, ...inputs }),
  };
  const read = (exit: number | null, log: string): Ran => ({
    exit,
    log,
    summary: readFileSync(at("summary"), "utf8"),
    outputs: outputsOf(readFileSync(at("output"), "utf8")),
    workspace,
    left: readdirSync(at("temp")),
  });
  return { env, read };
}

export function forget({ workspace }: Ran): void {
  rmSync(join(workspace, ".."), { recursive: true, force: true });
}

/** The event of a push to a pull request, or of its opening. */
export function pullEvent(github: FakeGitHub, pull: FakePull, action = "synchronize"): object {
  const head = { sha: github.headOf(pull), ref: pull.head.branch };
  return { action, number: pull.number, pull_request: { number: pull.number, head } };
}

const inputsOf = (inputs: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  );

/** `name<<END`, the lines of the value, `END`. */
function outputsOf(text: string): Record<string, string> {
  const found = [...text.matchAll(/^(.+)<<(.+)\n([\s\S]*?)\n\2$/gm)];
  return Object.fromEntries(found.map(([, name = "", , value = ""]) => [name, value]));
}

function node(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly exit: number | null; readonly log: string }> {
  return new Promise((fulfil) => {
    const child = spawn(process.execPath, [BUNDLE], {
      cwd: env.GITHUB_WORKSPACE,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: MAX_RUN,
      killSignal: "SIGKILL",
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("close", (exit) => fulfil({ exit, log: Buffer.concat(chunks).toString() }));
  });
}
