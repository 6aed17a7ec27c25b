/**
 * A gateway that is killed in the middle of its work, again and again: the built program, a real
 * server behind it, several clients that call without pause, and SIGKILL at a time nobody chose.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { readRecords } from "../../engine/audit/read.ts";
import { auditState, ownPublicKey, pseudonymsOf } from "../../engine/audit/state.ts";
import { verifyLog } from "../../engine/audit/verify/verify.ts";
import { call } from "./gateway.ts";
import { exchange } from "./http-client.ts";
import { lifeAround, PINNED, policyFiles, writeFiles } from "./policy-folder.ts";
import { until } from "./until.ts";
import { startUpstream } from "./upstream.ts";

const PROGRAM = resolve(import.meta.dirname, "../../dist/cli/bin.js");
const CLIENTS = 8;
const PATIENCE_MS = 30_000;

export interface KillReport {
  readonly kills: number;
  /** Calls that reached the server, each for a patient of its own. */
  readonly arrived: number;
  /** Calls that were answered. */
  readonly answered: number;
  /** Patients of calls that reached the server without a decision on record. */
  readonly unrecorded: readonly string[];
  /** What `audit verify` says at the end. */
  readonly problems: readonly string[];
  readonly records: number;
}

/** `lifetime` says how many calls each gateway answers before it is killed in the middle of others. */
export async function killAgainAndAgain(
  kills: number,
  lifetime: () => number,
): Promise<KillReport> {
  const root = mkdtempSync(join(tmpdir(), "phiward-kill-"));
  const folder = join(root, "policies");
  const state = join(root, "state");
  mkdirSync(folder);
  const upstream = await startUpstream({ tools: PINNED });
  const transport = { type: "http", url: `${upstream.origin}/mcp` };
  writeFiles(folder, policyFiles({ ehr: transport }, lifeAround(Date.now())));
  let patient = 0;
  let answered = 0;
  try {
    for (let kill = 0; kill < kills; kill++) {
      const { child, url, token } = await start(folder, state);
      const { port } = new URL(url);
      let alive = true;
      const client = async (): Promise<void> => {
        while (alive) {
          const message = call("get_labs", { patient_id: `k-${patient++}` });
          const headers = {
            accept: "application/json, text/event-stream",
            "content-type": "application/json",
            authorization: `Bearer ${token}`,
          };
          const body = JSON.stringify(message);
          const sent = { port: Number(port), method: "POST", path: "/mcp/ehr", headers, body };
          const answer = await exchange(sent).catch(() => undefined);
          if (answer?.status === 200) answered++;
        }
      };
      const clients = Array.from({ length: CLIENTS }, client);
      const enough = answered + lifetime();
      await until(() => answered >= enough, PATIENCE_MS);
      const ended = new Promise((exit) => child.once("exit", exit));
      child.kill("SIGKILL");
      alive = false;
      await ended;
      await Promise.all(clients);
    }
    // One more start recovers the log, and a clean stop signs it.
    const { child } = await start(folder, state);
    const ended = new Promise((exit) => child.once("exit", exit));
    child.kill("SIGTERM");
    await ended;
    return {
      kills,
      answered,
      ...judge(
        state,
        upstream.requests.map(({ message }) => message),
      ),
    };
  } finally {
    await upstream.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

function start(
  folder: string,
  state: string,
): Promise<{ child: ChildProcess; url: string; token: string }> {
  return new Promise((ready, failed) => {
    const args = [PROGRAM, "gateway", "--dev", folder, "--state", state];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    child.once("exit", (code) => failed(new Error(`the gateway ended with ${code}`)));
    createInterface({ input: child.stdout! }).once("line", (line) => {
      const { url, tokens } = JSON.parse(line) as { url: string; tokens: Record<string, string> };
      ready({ child, url, token: tokens.nurse! });
    });
  });
}

function judge(
  state: string,
  messages: readonly { readonly params?: Readonly<Record<string, unknown>> }[],
): Pick<KillReport, "arrived" | "unrecorded" | "problems" | "records"> {
  const folders = auditState(state);
  const recorded = new Set<string>();
  for (const record of readRecords(folders.log)) {
    if (record.kind !== "decision" || record.verdict !== "allow") continue;
    for (const subject of record.subjects) recorded.add(subject);
  }
  const patients = messages.flatMap(({ params }) => {
    const id = (params?.arguments as { patient_id?: string } | undefined)?.patient_id;
    return id === undefined ? [] : [id];
  });
  const key = ownPublicKey(folders);
  const { problems, records } = verifyLog(folders.log, {
    keys: key === undefined ? [] : [key],
    kept: [],
  });
  return {
    arrived: patients.length,
    unrecorded: patients.filter((id) => !pseudonymsOf(id, folders).some((p) => recorded.has(p))),
    problems: problems.map(({ kind, says }) => `${kind}: ${says}`),
    records,
  };
}
