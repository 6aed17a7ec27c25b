/**
 * `npm run bench:nodes`: one gateway by itself, one on a PostgreSQL database, and two on one, beside a
 * forwarder that writes one durable record a call. Every call takes from a limit of different patients.
 * Nothing is asserted but that calls are answered.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadOrCreateSubjectKey } from "../../../engine/audit/pseudonym.ts";
import { startCluster } from "../../postgres/cluster.ts";
import { median, time } from "../measure.ts";
import { GRANT, writeRepository } from "./hospital.ts";
import type { Tally } from "./load.ts";
import { type GatewayProgram, type Program, startGateway, startProgram } from "./programs.ts";
import { drive } from "./rounds.ts";

const LIMIT_MS = 240_000;
const ROUNDS = 7;
const ORDER = { path: "/mcp", era: "modern", warmMs: 150, ms: 600 } as const;
const CONNECTIONS = [2, 16, 64];

interface Contender {
  readonly name: string;
  readonly programs: readonly (Program & { readonly token?: string })[];
}

setTimeout(() => {
  console.error("the bench took too long");
  process.exit(1);
}, LIMIT_MS).unref();
const folder = mkdtempSync(join(tmpdir(), "phiward-bench-nodes-"));
const cluster = await startCluster([]);
try {
  await contest();
} finally {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

async function contest(): Promise<void> {
  const upstream = await startProgram("upstream.ts");
  const repository = subfolder("repository");
  writeRepository(repository, `http://127.0.0.1:${upstream.port}`);
  // Every node knows patients by the same names.
  const keys = subfolder("keys");
  loadOrCreateSubjectKey(keys, "v1");
  const one = (await cluster.database()).url;
  const two = (await cluster.database()).url;
  const node = async (name: string, url?: string): Promise<GatewayProgram> => {
    const state = join(folder, name);
    cpSync(keys, join(state, "keys"), { recursive: true });
    const config = join(folder, `${name}.yaml`);
    const store = url === undefined ? {} : { store: { url } };
    writeFileSync(config, JSON.stringify({ version: "1", node: name, ...store }));
    return await startGateway(repository, state, GRANT, [], ["--config", config]);
  };
  const contenders: readonly Contender[] = [
    {
      name: "a forwarder, one durable record a call",
      programs: [await startProgram("forwarder.ts", String(upstream.port), subfolder("forwarder"))],
    },
    { name: "one gateway by itself", programs: [await node("gw-1")] },
    { name: "one gateway on PostgreSQL", programs: [await node("gw-2", one)] },
    {
      name: "two gateways on one PostgreSQL",
      programs: [await node("gw-3", two), await node("gw-4", two)],
    },
  ];
  const loads = [await startProgram("load.ts"), await startProgram("load.ts")];
  for (const contender of contenders) await round(loads, contender, 16, 4_000);
  for (const connections of CONNECTIONS) {
    const samples = contenders.map((): Omit<Tally, "all">[] => []);
    for (let n = 0; n < ROUNDS; n++) {
      for (const [index, contender] of contenders.entries()) {
        samples[index]!.push(await round(loads, contender, connections, ORDER.ms));
      }
    }
    console.log(`\n${connections} connections, one call after another`);
    const first = median(samples[0]!.map(({ perSecond }) => perSecond));
    for (const [index, { name }] of contenders.entries()) {
      const middle = (of: "perSecond" | "p50" | "p99"): number =>
        median(samples[index]!.map((sample) => sample[of]));
      const [rate, p50, p99] = [middle("perSecond"), middle("p50"), middle("p99")];
      console.log(
        `  ${name.padEnd(42)}${rate.toFixed(0).padStart(7)} calls/s  × ${(rate / first).toFixed(2)}  p50 ${time(p50 * 1_000)}  p99 ${time(p99 * 1_000)}`,
      );
    }
  }
  for (const { programs } of contenders) for (const program of programs) await program.stop();
  for (const program of [...loads, upstream]) await program.stop();
}

/** All of a contender's programs at once, each with its part of the connections. */
async function round(
  loads: readonly Program[],
  { programs }: Contender,
  connections: number,
  ms: number,
): Promise<Omit<Tally, "all">> {
  const part = connections / programs.length;
  const tallies = await Promise.all(
    programs.map(({ port, token }, index) => {
      const origin = `http://127.0.0.1:${port}`;
      return drive(loads[index]!, { ...ORDER, origin, token, connections: part, ms });
    }),
  );
  const worst = (of: "p50" | "p95" | "p99"): number =>
    Math.max(...tallies.map((tally) => tally[of]));
  return {
    perSecond: tallies.reduce((sum, { perSecond }) => sum + perSecond, 0),
    p50: worst("p50"),
    p95: worst("p95"),
    p99: worst("p99"),
  };
}

function subfolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}
