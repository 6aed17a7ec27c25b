/** Checkpoints that leave the machine over HTTPS. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createPlain, type RequestListener, type Server } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { splitNotes } from "../../engine/audit/notes.ts";
import { auditState, ownPublicKey } from "../../engine/audit/state.ts";
import { verifyLog } from "../../engine/audit/verify/verify.ts";
import { httpSink } from "../../engine/gateway/checkpoint-sink.ts";
import { type Authority, authority } from "../support/certificates.ts";
import { call, startWorld } from "../support/gateway.ts";
import { until } from "../support/until.ts";

let folder: string;
let theirs: Authority;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "phiward-sink-"));
  theirs = authority(folder, "theirs");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Receiver {
  readonly url: URL;
  readonly notes: string[];
  readonly credentials: Set<string | undefined>;
  answer: { status: number; location?: string };
  stop(): Promise<void>;
}

async function receive(secure: boolean): Promise<Receiver> {
  const notes: string[] = [];
  const credentials = new Set<string | undefined>();
  const receiver: Omit<Receiver, "url" | "stop"> = { notes, credentials, answer: { status: 204 } };
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { status, location } = receiver.answer;
      if (status < 300) notes.push(Buffer.concat(chunks).toString("utf8"));
      credentials.add(request.headers.authorization);
      response.writeHead(status, location === undefined ? {} : { location }).end();
    });
  };
  const { cert, key } = theirs.issue("notes");
  const server: Server = secure
    ? createServer({ cert: readFileSync(cert), key: readFileSync(key) }, listener)
    : createPlain(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(receiver, {
    url: new URL(`${secure ? "https" : "http"}://127.0.0.1:${port}/gw-1?tenant=a`),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

const headers = { authorization: "Bearer of-the-notes" };

test("every note arrives, with the credential, and is enough to see that the log was cut", async () => {
  const receiver = await receive(true);
  const sink = httpSink({
    url: receiver.url,
    headers,
    tls: { ca: theirs.cert, minVersion: "1.3" },
  });
  const world = await startWorld({
    overrides: { checkpoint: { everyMs: 50, everyRecords: 1_000, sinks: [sink] } },
  });
  try {
    await world.post(call("get_patient", { patient_id: "p-1" }));
    await until(() => receiver.notes.length > 0);
    await world.gateway.runtime.log.checkpoint();
    expect([...receiver.credentials]).toEqual([headers.authorization]);
    // Bodies one after the other are a file of notes.
    const notes = splitNotes(receiver.notes.join(""));
    expect(notes).toHaveLength(receiver.notes.length);
    const { log, keys } = auditState(world.state);
    const verify = () =>
      verifyLog(log, {
        keys: [ownPublicKey({ log, keys })!],
        kept: [{ name: "elsewhere", notes }],
      });
    expect(verify().problems).toEqual([]);
    // Whoever owns the machine cuts the end off, with its own notes of it.
    const [segment] = readdirSync(log).filter((name) => name.endsWith(".jsonl"));
    const lines = readFileSync(join(log, segment!), "utf8").split("\n");
    writeFileSync(join(log, segment!), `${lines.slice(0, 2).join("\n")}\n`);
    rmSync(join(log, "checkpoints.notes"));
    expect(verify().problems.map(({ kind }) => kind)).toContain("truncated");
  } finally {
    await world.stop();
    await receiver.stop();
  }
});

test.each<{ title: string; answer: Receiver["answer"]; code: string }>([
  { title: "refuses", answer: { status: 403 }, code: "HTTP 403" },
  { title: "is full", answer: { status: 507 }, code: "HTTP 507" },
  // A redirect would carry the credential to whomever it names.
  {
    title: "sends elsewhere",
    answer: { status: 307, location: "http://127.0.0.1:9/" },
    code: "HTTP 307",
  },
])("a receiver that $title is told to whoever asks; the next note is tried again", async (row) => {
  const receiver = await receive(false);
  receiver.answer = row.answer;
  const sink = httpSink({ url: receiver.url, headers });
  const world = await startWorld({
    overrides: { checkpoint: { everyMs: 50, everyRecords: 1_000, sinks: [sink] } },
  });
  try {
    const { log } = world.gateway.runtime;
    await until(() => log.unpublished?.includes(row.code));
    expect(log.unpublished).not.toContain("of-the-notes");
    // Calls go on: the log itself is whole.
    const { message } = await world.post(call("get_patient", { patient_id: "p-1" }));
    expect(message.result?.isError).toBeUndefined();
    receiver.answer = { status: 200 };
    await world.post(call("get_patient", { patient_id: "p-1" }));
    await until(() => log.unpublished === undefined);
    expect(receiver.notes.length).toBeGreaterThan(0);
  } finally {
    await world.stop();
    await receiver.stop();
  }
});

test("a receiver that nobody vouches for gets nothing", async () => {
  const receiver = await receive(true);
  const sink = httpSink({ url: receiver.url, headers });
  if (sink.kind !== "function") throw new Error("not over HTTP");
  await expect(sink.send("a note\n")).rejects.toMatchObject({
    code: expect.stringMatching(/SIGNED|VERIFY/),
  });
  expect([...receiver.credentials]).toEqual([]);
  await sink.close?.();
  await receiver.stop();
});
