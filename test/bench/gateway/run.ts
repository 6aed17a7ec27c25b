/**
 * `npm run bench:gateway`: one allowed call straight to a server, through less than a gateway, and
 * through the gateway with everything on. All programs run side by side and take turns; every figure
 * means something only beside the others of its table. Nothing is asserted but that calls are answered.
 *
 * `--profile` runs the gateway alone, under Node's profiler, and tells where its time goes.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { benchAudit } from "../audit.ts";
import { GRANT, writeRepository } from "./hospital.ts";
import { profileText } from "./profile.ts";
import { startGateway, startProgram } from "./programs.ts";
import { benchReading } from "./reading.ts";
import { type Cell, type Contender, drive, measure, warmUp } from "./rounds.ts";
import { cellText } from "./table.ts";

const LIMIT_MS = 180_000;
const CELLS: readonly Cell[] = [
  { era: "modern", connections: 1 },
  // Nobody is busy all the time here, so that the latency is not that of a queue.
  { era: "modern", connections: 16, offered: 400 },
  { era: "modern", connections: 16 },
  { era: "modern", connections: 64 },
  { era: "legacy", connections: 16 },
];
const ROUNDS = { rounds: 5, ms: 500, warmMs: 100 };

/** Few enough for the limit; `npm run bench` asks its questions of a million. */
const AUDIT_RECORDS = 50_000;

setTimeout(() => {
  console.error("the bench took too long");
  process.exit(1);
}, LIMIT_MS).unref();
const folder = mkdtempSync(join(tmpdir(), "phiward-bench-gateway-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
if (process.argv.includes("--profile")) await profile();
else {
  console.log(`Node ${process.versions.node}; medians of ${ROUNDS.rounds} interleaved rounds`);
  benchReading();
  await contest();
  await benchAudit(AUDIT_RECORDS);
}
process.exit(0);

async function contest(): Promise<void> {
  const upstream = await startProgram("upstream.ts");
  const load = await startProgram("load.ts");
  const gateway = await startPolicyGateway(upstream.port);
  const port = String(upstream.port);
  const contenders: readonly Contender[] = [
    { name: "the server, directly", program: upstream },
    { name: "a pipe of bytes", program: await startProgram("pipe.ts", port) },
    { name: "a forwarder", program: await startProgram("forwarder.ts", port) },
    {
      name: "a forwarder, one durable record a call",
      program: await startProgram("forwarder.ts", port, subfolder("forwarder")),
    },
    { name: "phiward gateway, everything on", program: gateway, token: gateway.token },
  ];
  for (const contender of contenders) await warmUp(load, contender);
  for (const cell of CELLS) {
    console.log(cellText(cell, await measure(load, contenders, cell, ROUNDS)));
  }
  for (const { program } of contenders) await program.stop();
  await load.stop();
}

async function profile(): Promise<void> {
  const profiles = subfolder("profiles");
  const upstream = await startProgram("upstream.ts");
  const load = await startProgram("load.ts");
  const gateway = await startPolicyGateway(upstream.port, [
    "--cpu-prof",
    `--cpu-prof-dir=${profiles}`,
  ]);
  const origin = `http://127.0.0.1:${gateway.port}`;
  const order = { origin, path: "/mcp", token: gateway.token, era: "modern" } as const;
  const { perSecond } = await drive(load, { ...order, connections: 16, ms: 20_000, warmMs: 0 });
  await gateway.stop();
  console.log(
    `phiward gateway, 16 connections, under the profiler: ${perSecond.toFixed(0)} calls/s`,
  );
  console.log(profileText(profiles, resolve(import.meta.dirname, "../../..")));
  await upstream.stop();
  await load.stop();
}

function startPolicyGateway(upstream: number, flags: readonly string[] = []) {
  const repository = subfolder("repository");
  writeRepository(repository, `http://127.0.0.1:${upstream}`);
  return startGateway(repository, subfolder("state"), GRANT, flags);
}

function subfolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}
