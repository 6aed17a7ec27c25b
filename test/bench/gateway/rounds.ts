/** Rounds in turn, A B C A B C …, so that a machine that slows down slows everybody. */
import { once } from "node:events";
import { median } from "../measure.ts";
import type { Era } from "./hospital.ts";
import type { Order, Tally } from "./load.ts";
import type { Program } from "./programs.ts";

export interface Contender {
  readonly name: string;
  readonly program: Program;
  readonly token?: string;
}

export interface Cell {
  readonly era: Era;
  readonly connections: number;
  /** Calls offered in a second; as many as can be without it. */
  readonly offered?: number;
}

/** Medians of the rounds. */
export interface Row extends Omit<Tally, "all"> {
  readonly name: string;
  /** Microseconds of processor time for one call, of the contender alone. */
  readonly cpu: number;
}

export interface Rounds {
  readonly rounds: number;
  /** Milliseconds of one contender's turn that are counted. */
  readonly ms: number;
  readonly warmMs: number;
}

const WARM_CALLS = 15_000;
const WARM_SECONDS = 10;

/** Before anything counts: a program is slow until what is often used of it is compiled. */
export async function warmUp(load: Program, contender: Contender): Promise<void> {
  let calls = 0;
  for (let second = 0; second < WARM_SECONDS && calls < WARM_CALLS; second++) {
    const order = orderOf(contender, { era: "modern", connections: 16 });
    calls += (await drive(load, { ...order, warmMs: 1_000, ms: 1 })).all;
  }
}

export async function measure(
  load: Program,
  contenders: readonly Contender[],
  cell: Cell,
  { rounds, ms, warmMs }: Rounds,
): Promise<Row[]> {
  const samples = contenders.map((): Omit<Row, "name">[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const { program } = contender;
      const before = program.cpuMs();
      const { all, ...tally } = await drive(load, { ...orderOf(contender, cell), ms, warmMs });
      samples[index]!.push({ ...tally, cpu: ((program.cpuMs() - before) * 1_000) / all });
    }
  }
  return contenders.map(({ name }, index) => {
    const middle = (of: keyof Omit<Row, "name">): number =>
      median(samples[index]!.map((sample) => sample[of]));
    return {
      name,
      perSecond: middle("perSecond"),
      p50: middle("p50"),
      p95: middle("p95"),
      p99: middle("p99"),
      cpu: middle("cpu"),
    };
  });
}

function orderOf({ program, token }: Contender, cell: Cell): Omit<Order, "ms" | "warmMs"> {
  return { origin: `http://127.0.0.1:${program.port}`, path: "/mcp", token, ...cell };
}

export async function drive(load: Program, order: Order): Promise<Tally> {
  load.child.send(order);
  const [tally] = (await once(load.child, "message")) as [Tally];
  return tally;
}
