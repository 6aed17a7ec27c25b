/**
 * The clients, as a program: so many connections, each with one call under way, for a while. Every
 * answer is looked at; one that is not the server's ends the bench.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type Dispatcher } from "undici";
import { callHeaders, callText, type Era } from "./hospital.ts";

export interface Order {
  readonly origin: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly era: Era;
  readonly connections: number;
  /** Calls that all connections together begin in a second, if they can; without it, as many as they can. */
  readonly offered?: number;
  /** Milliseconds that are not counted, and then those that are. */
  readonly warmMs: number;
  readonly ms: number;
}

export interface Tally {
  /** Calls of the whole order, those before the counting as well. */
  readonly all: number;
  readonly perSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

process.on("message", (order: Order) => {
  run(order).then(
    (tally) => process.send?.(tally),
    (error: Error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
});
process.once("disconnect", () => process.exit(0));
// It listens nowhere, and is ready.
process.send?.({ port: 0 });

async function run(order: Order): Promise<Tally> {
  const begin = performance.now();
  const counting = begin + order.warmMs;
  const end = counting + order.ms;
  const times: number[] = [];
  let all = 0;
  const every = order.offered === undefined ? 0 : (order.connections * 1_000) / order.offered;
  const client = async (_: unknown, index: number): Promise<void> => {
    const connection = new Client(order.origin, { pipelining: 1 });
    let due = begin + (every * index) / order.connections;
    // A client counts its requests from 1.
    for (let id = 1; ; id++) {
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      const sent = performance.now();
      if (sent >= end) break;
      due += every;
      await call(connection, order, id);
      all++;
      const answered = performance.now();
      if (sent >= counting && answered <= end) times.push((answered - sent) * 1_000);
    }
    await connection.close();
  };
  await Promise.all(Array.from({ length: order.connections }, client));
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return {
    all,
    perSecond: (times.length * 1_000) / order.ms,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  };
}

function call(connection: Client, { path, era, token }: Order, id: number): Promise<void> {
  const headers = {
    ...callHeaders(era),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    let status = 0;
    let text = "";
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_, code) {
        status = code;
      },
      onResponseData(_, chunk) {
        text += chunk.toString("utf8");
      },
      onResponseEnd() {
        const answered = text.includes(`"id":${id},`) && text.includes('"isError":false');
        if (status === 200 && answered) resolve();
        else reject(new Error(`call ${id} was answered with ${status}: ${text.slice(0, 300)}`));
      },
      onResponseError: (_, error) => reject(error),
    };
    connection.dispatch({ method: "POST", path, headers, body: callText(era, id) }, handler);
  });
}
