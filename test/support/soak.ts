/** A gateway under a steady load for a long time, and what it holds meanwhile. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "undici";
import { auditState, ownPublicKey } from "../../engine/audit/state.ts";
import { verifyLog } from "../../engine/audit/verify/verify.ts";
import { call, EHR, initialize } from "./gateway.ts";
import { openEvents } from "./http-client.ts";
import { type Program, startProgram } from "./program.ts";

export interface SoakOptions {
  readonly ms: number;
  /** Messages begun in a second, all clients together. */
  readonly perSecond: number;
  readonly clients: number;
  /** How many times in all the process is looked at. */
  readonly samples: number;
  /** Hears of each look. */
  readonly onSample?: (sample: Sample) => void;
}

export interface Sample {
  /** Seconds since the load began. */
  readonly second: number;
  /** Resident memory, in MiB. */
  readonly memory: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Milliseconds, of the messages since the look before. */
  readonly p50: number;
  readonly p99: number;
  readonly messages: number;
}

export interface Soak {
  readonly samples: readonly Sample[];
  readonly messages: number;
  /** Answers that were not what the message asks for. */
  readonly wrong: readonly string[];
  /** Of the whole chain, after the gateway's end. */
  readonly records: number;
  readonly problems: number;
  readonly exit: number | null;
  /** What the program wrote to standard error. */
  readonly errors: string;
}

const HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

export async function soak(options: SoakOptions): Promise<Soak> {
  // As in a container: without a bound the heap grows with the machine, whatever is kept in it.
  const program = await startProgram(["--max-old-space-size=256"]);
  try {
    return await loaded(program, options);
  } finally {
    await program.dispose();
  }
}

async function loaded(program: Program, options: SoakOptions): Promise<Soak> {
  const { ms, perSecond, clients, samples, onSample } = options;
  const begin = performance.now();
  const end = begin + ms;
  const wrong: string[] = [];
  let times: number[] = [];
  let messages = 0;
  const client = async (_: unknown, index: number): Promise<void> => {
    const connection = new Client(`http://127.0.0.1:${program.port}`, { pipelining: 1 });
    const every = (clients * 1_000) / perSecond;
    let due = begin + (every * index) / clients;
    for (let turn = index; ; turn++) {
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      if (performance.now() >= end) break;
      due += every;
      const sent = performance.now();
      const problem = await message(program, connection, turn);
      times.push(performance.now() - sent);
      messages++;
      if (problem !== undefined && wrong.length < 20) wrong.push(problem);
    }
    await connection.close();
  };
  const looks: Sample[] = [];
  const watch = async (): Promise<void> => {
    for (let look = 1; look <= samples; look++) {
      await sleep(Math.max(0, begin + (ms * look) / samples - performance.now()));
      const sorted = Float64Array.from(times).sort();
      times = [];
      // The server keeps what reached it, which is the test's affair and not the gateway's.
      (program.upstream.requests as unknown[]).length = 0;
      const sample = { ...held(program.pid), ...latencies(sorted) };
      looks.push({ second: Math.round((performance.now() - begin) / 1_000), ...sample });
      onSample?.(looks.at(-1)!);
    }
  };
  await Promise.all([watch(), ...Array.from({ length: clients }, client)]);
  const exit = await program.end();
  const state = auditState(program.ready.state);
  const { records, problemCount } = verifyLog(state.log, {
    keys: [ownPublicKey(state)!],
    kept: [],
  });
  return {
    samples: looks,
    messages,
    wrong,
    records,
    problems: problemCount,
    exit,
    errors: program.errors,
  };
}

function latencies(sorted: Float64Array): Pick<Sample, "p50" | "p99" | "messages"> {
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), messages: sorted.length };
}

/** From the system's own tables, so that the gateway is not asked to look at itself. */
function held(pid: number): Pick<Sample, "memory" | "descriptors" | "threads"> {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const number = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  return {
    memory: Math.round(number("VmRSS") / 1024),
    threads: number("Threads"),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** One of the things that clients do, the usual ones often. What was wrong with the answer, if anything. */
async function message(
  program: Program,
  connection: Client,
  turn: number,
): Promise<string | undefined> {
  const { nurse } = program.ready.tokens;
  const patient = { patient_id: `p-${turn % 500}` };
  switch (turn % 50) {
    case 0:
      return await session(program, connection);
    case 10:
      return await stream(program);
    case 20:
      return await post(
        connection,
        call("search_patients", { query: "x" }, 1),
        nurse,
        200,
        "[POLICY",
      );
    case 30:
      return await post(connection, call("get_patient", patient), "phw_nobody", 401, "");
    case 40:
      return await post(connection, "{", nurse, 400, "");
    default:
      return await post(connection, call("get_labs", patient), nurse, 200, "done");
  }
}

async function post(
  connection: Client,
  body: object | string,
  token: string | undefined,
  status: number,
  holds: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const answer = await connection.request({
    method: "POST",
    path: EHR,
    headers: { ...HEADERS, ...more, authorization: `Bearer ${token}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await answer.body.text();
  const right = answer.statusCode === status && text.includes(holds);
  return right ? undefined : `${answer.statusCode} instead of ${status}: ${text.slice(0, 200)}`;
}

/** A session that is opened, used and closed. */
async function session(program: Program, connection: Client): Promise<string | undefined> {
  const { nurse } = program.ready.tokens;
  const headers = { ...HEADERS, authorization: `Bearer ${nurse}` };
  const opened = await connection.request({
    method: "POST",
    path: EHR,
    headers,
    body: JSON.stringify(initialize()),
  });
  await opened.body.dump();
  const id = String(opened.headers["mcp-session-id"]);
  const inside = { "mcp-session-id": id };
  const problem = await post(
    connection,
    call("get_patient", { patient_id: "p-1" }),
    nurse,
    200,
    "done",
    inside,
  );
  const closed = await connection.request({
    method: "DELETE",
    path: EHR,
    headers: { ...headers, ...inside },
  });
  await closed.body.dump();
  return problem;
}

/** A stream that is opened and broken off. */
async function stream(program: Program): Promise<string | undefined> {
  const { nurse } = program.ready.tokens;
  const events = await openEvents({
    port: program.port,
    method: "POST",
    path: EHR,
    headers: { ...HEADERS, authorization: `Bearer ${nurse}` },
    body: JSON.stringify(call("get_patient", { patient_id: "p-2" })),
  });
  const status = events.status;
  events.close();
  return status === 200 ? undefined : `${status} instead of 200 on a stream`;
}
