/** The world of a job, as GitHub's runner sets it up: environment, files, and the two hosts. */
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { appendFile, mkdtemp, open, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";
import { PhiwardError } from "../engine/index.ts";
import { openObjects } from "./objects.ts";
import { connect } from "./octokit.ts";
import type { Clock } from "./retry.ts";
import type { Job, Out, World } from "./world.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The world, and how to leave it: what was fetched goes, reports stay for later steps. */
export interface RunnerWorld {
  readonly world: World;
  leave(): Promise<void>;
}

const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (ms) => setTimeout(ms),
};

export function runnerWorld(env: Environment, clock = CLOCK): RunnerWorld {
  const folders: string[] = [];
  return {
    world: {
      ...clock,
      inputs: inputsOf(env),
      job: () => readJob(env),
      github: (token, repository) =>
        connect({ url: variable(env, "GITHUB_API_URL"), token, repository }, clock),
      async objects(token, repository) {
        const folder = await temporary(env, "objects");
        folders.push(folder);
        const url = `${variable(env, "GITHUB_SERVER_URL")}/${repository}`;
        return await openObjects(folder, { url, token });
      },
      out: outOf(env),
    },
    async leave() {
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The runner writes `fail-on: x` as INPUT_FAIL-ON=x, whether action.yml knows the name or not. */
function inputsOf(env: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => name.startsWith("INPUT_"))
      .map(([name, value = ""]) => [name.slice("INPUT_".length).toLowerCase(), value]),
  );
}

async function readJob(env: Environment): Promise<Job> {
  const path = variable(env, "GITHUB_EVENT_PATH");
  const payload: unknown = await readFile(path, "utf8")
    .then(JSON.parse)
    .catch((cause) => {
      throw new PhiwardError("GITHUB", "the event's file cannot be read", { cause });
    });
  const repository = variable(env, "GITHUB_REPOSITORY");
  const server = variable(env, "GITHUB_SERVER_URL");
  return {
    event: variable(env, "GITHUB_EVENT_NAME"),
    payload,
    repository,
    workflow: env.GITHUB_WORKFLOW_REF ?? "",
    url: `${server}/${repository}/actions/runs/${variable(env, "GITHUB_RUN_ID")}`,
  };
}

function variable(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === "")
    throw new PhiwardError("GITHUB", `the environment has no \`${name}\``, {
      help: "run the Action in a job of GitHub Actions; elsewhere, use `phiward gate`",
    });
  return value;
}

const temporary = (env: Environment, what: string): Promise<string> =>
  mkdtemp(join(variable(env, "RUNNER_TEMP"), `phiward-${what}-`));

function outOf(env: Environment): Out {
  return {
    log: (text) => void process.stdout.write(`${text}\n`),
    summary: (markdown) => appendFile(variable(env, "GITHUB_STEP_SUMMARY"), `${markdown}\n`),
    async output(name, value) {
      // Nobody can guess the delimiter, so no value can end itself and add another output.
      const end = `end-${randomUUID()}`;
      await appendFile(variable(env, "GITHUB_OUTPUT"), `${name}<<${end}\n${value}\n${end}\n`);
    },
    async report(text) {
      const path = join(await temporary(env, "report"), "report.json");
      await writeFile(path, text);
      return path;
    },
    file: (path, text) => writeInside(variable(env, "GITHUB_WORKSPACE"), path, text),
  };
}

/** The workspace may hold a checkout of head, in which a link could lead the writer anywhere. */
async function writeInside(workspace: string, path: string, text: string): Promise<void> {
  const refused = (cause?: unknown): PhiwardError =>
    new PhiwardError("UNREADABLE", `\`${path}\` cannot be written`, {
      help: "name a file in an existing folder of the workspace that is no link",
      cause,
    });
  const root = await realpath(workspace);
  const folder = await realpath(dirname(join(root, path))).catch((cause) => {
    throw refused(cause);
  });
  if (relative(root, folder).startsWith("..")) throw refused();
  const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
  const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
  const file = await open(join(folder, basename(path)), flags).catch((cause) => {
    throw refused(cause);
  });
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
