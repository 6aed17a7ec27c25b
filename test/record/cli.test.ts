/** The built program `phiward record`, as an agent starts it and as a person stops it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SERVER_PROGRAM } from "./server.ts";
import { FILES } from "./world.ts";

const PROGRAM = resolve(import.meta.dirname, "../../dist/cli/bin.js");

let root: string;
const running: ChildProcess[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "phiward-record-cli-"));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
});

afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

interface Program {
  readonly child: ChildProcess;
  readonly said: { out: string; err: string };
  readonly ended: Promise<number | null>;
}

function record(...args: string[]): Program {
  const child = spawn(process.execPath, [PROGRAM, "record", root, ...args]);
  running.push(child);
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    said.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said.err += chunk;
  });
  return { child, said, ended: new Promise((done) => child.once("close", done)) };
}

const HANDSHAKE = [
  {
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "t", version: "1" },
    },
  },
  { method: "notifications/initialized" },
  { id: 2, method: "tools/call", params: { name: "query", arguments: { sql: "select 'Ada'" } } },
];

const write = ({ child }: Program): void => {
  for (const message of HANDSHAKE) {
    child.stdin!.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }
};

const SERVER = ["--", process.execPath, "-e", SERVER_PROGRAM];

describe.each<[how: string, end: (program: Program) => void]>([
  ["its client goes", ({ child }) => child.stdin!.end()],
  ["it is interrupted", ({ child }) => void child.kill("SIGINT")],
  ["it is asked to end", ({ child }) => void child.kill("SIGTERM")],
])("when %s", (_, end) => {
  test("the lines are whole, and the summary is on standard error", async () => {
    const output = join(root, "fixtures/mine.jsonl");
    const program = record("--server", "ehr", "--output", output, "--json", ...SERVER);
    write(program);
    await expect.poll(() => program.said.out.split("\n").length, { timeout: 20_000 }).toBe(3);
    end(program);
    expect(await program.ended).toBe(0);
    expect(JSON.parse(program.said.err)).toMatchObject({
      schema: "phiward.record/1",
      file: output,
      calls: 1,
      written: 1,
      allowed: 1,
    });
    const lines = readFileSync(output, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).outcome)).toEqual([
      { verdict: "allow", rule: "", isError: false },
    ]);
    expect(lines[0]).not.toContain("Ada");
  });
});

test("a process that is killed leaves the lines that it had written", async () => {
  const output = join(root, "fixtures/mine.jsonl");
  const program = record("--server", "ehr", "--output", output, ...SERVER);
  write(program);
  await expect.poll(() => program.said.out.split("\n").length, { timeout: 20_000 }).toBe(3);
  program.child.kill("SIGKILL");
  await program.ended;
  expect(readFileSync(output, "utf8")).toMatch(/^\{.*\}\n$/);
});

test.each<[args: string[], says: RegExp]>([
  [["--server", "ehr"], /error\[USAGE\]: say which one server to stand in front of/],
  [["--server", "ehr", "--url", "ftp://a"], /error\[USAGE\]: the server's address is no URL/],
  [["--server", "ehr", "--from-audit", "nowhere"], /error\[NO_AUDIT_LOG\]/],
])("%j is refused", async (args, says) => {
  const program = record(...args);
  expect(await program.ended).toBe(2);
  expect(program.said.err).toMatch(says);
});
