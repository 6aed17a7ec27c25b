/**
 * An engine that is killed in the middle of taking releases, again and again, while another process
 * publishes them, and now and then an old one. After each kill the folder is opened without any source:
 * it must hold at least what the engine had promised, and nothing that was never published.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { writeFolder } from "../../engine/bundle/store/folder.ts";
import type { Watched } from "../../engine/bundle/store/poll.ts";
import { readKept } from "../../engine/bundle/store/state-folder.ts";
import { type ReleasePolicy, releaseSource } from "../../engine/gateway/release-source.ts";
import { TRUST } from "../bundle/world.ts";
import { fallen, type InForce, inForce } from "./believed.ts";
import { AFTERWARDS, type History } from "./release-history.ts";

const TAKER = join(import.meta.dirname, "release-taker.ts");
const PUBLISHER = join(import.meta.dirname, "release-publisher.ts");

export interface KillPlan {
  readonly kills: number;
  readonly form: "folder" | "git";
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface TakingReport {
  readonly kills: number;
  /** Lines by which an engine said what it has in force. */
  readonly promises: number;
  /** Kills before an engine had said anything. */
  readonly early: number;
  /** State folders that were begun. */
  readonly rounds: number;
  readonly problems: readonly string[];
}

/** Milliseconds from an engine's first line to its end, or from its start. */
const LONGEST_LIFE_MS = { folder: 400, git: 1_500 };
const EARLY_LIFE_MS = 900;
/** Milliseconds in which an engine comes to its first line. */
const PATIENCE_MS = 20_000;

export async function killWhileTaking(history: History, plan: KillPlan): Promise<TakingReport> {
  const work = mkdtempSync(join(tmpdir(), "phiward-taking-"));
  const publisher = spawn(process.execPath, [PUBLISHER], { stdio: ["pipe", "ignore", "inherit"] });
  const counts = { kills: 0, promises: 0, early: 0, rounds: 0 };
  const problems: string[] = [];
  try {
    writeFileSync(join(work, "trust.json"), JSON.stringify(TRUST));
    const { target, orders } = prepare(history, work, plan.form);
    const publish = (step: number): void => {
      publisher.stdin.write(`${JSON.stringify({ ...orders[step], to: target })}\n`);
    };
    while (counts.kills < plan.kills) {
      // A new engine: its first state is as likely to be torn as a later one.
      const state = join(work, `state-${counts.rounds++}`);
      let next = 0;
      publish(next++);
      let before: InForce | undefined;
      while (next < orders.length && counts.kills < plan.kills) {
        const promises = await liveAndDie({ ...plan, work, state, target }, () => {
          // Whoever holds the source may show what was true once.
          if (plan.random() < 0.1) publish(Math.floor(plan.random() * next));
          if (next < orders.length) publish(next++);
        });
        counts.kills++;
        counts.promises += promises.length;
        if (promises.length === 0) counts.early++;
        const after = await bootAlone(state);
        const promised = before === undefined ? promises : [before, ...promises];
        problems.push(...wrongIn(after, promised, history));
        if (typeof after !== "string") before = after;
      }
    }
    return { ...counts, problems };
  } finally {
    publisher.kill();
    rmSync(work, { recursive: true, force: true });
  }
}

/** Where it is published, and for each step the order to publish it. */
function prepare(
  { steps }: History,
  work: string,
  form: KillPlan["form"],
): { readonly target: string; readonly orders: readonly object[] } {
  const folders = steps.map(({ files }, index) => {
    const folder = join(work, "steps", String(index));
    writeFolder(folder, files);
    return folder;
  });
  const target = join(work, form === "git" ? "releases.git" : "releases");
  if (form === "folder") {
    writeFolder(target, steps[0]!.files);
    return { target, orders: folders.map((from) => ({ from })) };
  }
  execFileSync("git", ["init", "--quiet", "--bare", target]);
  return { target, orders: folders.map((folder) => ({ commit: commitOf(folder, target) })) };
}

function commitOf(folder: string, repository: string): string {
  const git = (...args: string[]): string =>
    execFileSync("git", [`--git-dir=${repository}`, `--work-tree=${folder}`, ...args], {
      encoding: "utf8",
    }).trim();
  git("add", "--all", ".");
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
  return git(...who, "commit-tree", "-m", "published", git("write-tree"));
}

interface Life extends KillPlan {
  readonly work: string;
  readonly state: string;
  readonly target: string;
}

/** One engine, from its start to SIGKILL: what it promised. */
async function liveAndDie(
  { work, state, target, form, random }: Life,
  publishMore: () => void,
): Promise<readonly InForce[]> {
  const source = form === "git" ? `file://${target}` : target;
  const args = [TAKER, state, join(work, "trust.json"), source, String(AFTERWARDS)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((exit) => child.once("close", exit));
  // There is something to take at the start, and again after each promise.
  publishMore();
  const promises: InForce[] = [];
  const lines = createInterface({ input: child.stdout });
  const first = new Promise<void>((begun) => {
    lines.on("line", (line) => {
      promises.push(JSON.parse(line) as InForce);
      begun();
      publishMore();
    });
  });
  const early = random() < 0.25;
  if (!early) await Promise.race([first, ended, sleep(PATIENCE_MS, undefined, { ref: false })]);
  await Promise.race([ended, sleep(random() * (early ? EARLY_LIFE_MS : LONGEST_LIFE_MS[form]))]);
  child.kill("SIGKILL");
  const code = await ended;
  // It runs until it is killed: an end of its own is a start that failed.
  if (code !== null) throw new Error(`the engine ended by itself with ${code}`);
  return promises;
}

/** In this process, and not to be killed. */
export async function startAlone(
  state: string,
  sources: readonly Watched[],
  now: () => number = () => AFTERWARDS,
): Promise<ReleasePolicy> {
  return await releaseSource({
    trust: TRUST,
    sources,
    state,
    pollMs: 3_600_000,
    now,
    random: () => 0,
    objection: () => undefined,
  });
}

/** What is in force after a start without any source; the reason when there is no start. */
export async function bootAlone(
  state: string,
  sources: readonly Watched[] = [],
): Promise<InForce | string> {
  try {
    const policy = await startAlone(state, sources);
    await policy.poll();
    policy.stop();
    return inForce(policy, readKept(join(state, "bundle")));
  } catch (error) {
    return (error as Error).message;
  }
}

/** `promised`: what was in force before, the newest last. */
export function wrongIn(
  after: InForce | string,
  promised: readonly InForce[],
  { steps, denied }: History,
): readonly string[] {
  if (typeof after === "string") return [`no start: ${after}`];
  const lost = promised.flatMap((before) => fallen(before, after));
  if (after.version === 0) return lost;
  const published = steps.find(({ version }) => version === after.version);
  const stops = JSON.stringify(denied(after.halts, after.version));
  return [
    ...lost,
    ...(published?.digest === after.digest ? [] : [`version ${after.version} is another one`]),
    ...(JSON.stringify(after.denied) === stops ? [] : [`denies ${JSON.stringify(after.denied)}`]),
  ];
}
