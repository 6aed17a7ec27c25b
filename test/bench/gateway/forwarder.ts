/**
 * The least that a gateway of calls does: node:http, one JSON.parse, undici's dispatch, and the answer
 * passed on. It knows nobody and judges nothing. Arguments: the server's port, and a folder: with it,
 * one record of a decision's size is on disk before a call is forwarded.
 */
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { type Dispatcher, Pool } from "undici";
import { loadOrCreateCheckpointKey } from "../../../engine/audit/checkpoint.ts";
import { openFileLog } from "../../../engine/audit/file-log.ts";
import type { AuditLog } from "../../../engine/audit/log.ts";
import type { DecisionEntry } from "../../../engine/audit/record.ts";
import { serve } from "./serve.ts";

const [, , port, folder] = process.argv;
const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 128, pipelining: 1 });
const log = folder === undefined ? undefined : await openLog(folder);

serve(
  createServer({ noDelay: true }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const { method } = JSON.parse(body.toString("utf8")) as { method: string };
      const headers = {
        "content-type": "application/json",
        accept: request.headers.accept ?? "",
        "mcp-method": method,
      };
      const send = (): void => {
        pool.dispatch({ method: "POST", path: "/mcp", headers, body }, new Relay(response));
      };
      if (log === undefined) send();
      else void log.append({ ...ENTRY, at: Date.now() }).durable.then(send);
    });
  }),
);

class Relay implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(): void {}

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#response.writeHead(status, {
      "content-type": String(headers["content-type"]),
      "content-length": String(headers["content-length"]),
    });
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#response.write(chunk);
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    this.#response.destroy();
  }
}

function openLog(at: string): Promise<AuditLog> {
  const { privateKey } = loadOrCreateCheckpointKey(join(at, "checkpoint.pem"));
  return openFileLog({
    folder: join(at, "audit"),
    node: "bench",
    dev: true,
    now: Date.now,
    checkpoint: { key: privateKey, everyMs: 1_000, everyRecords: 1_000, sinks: [] },
  });
}

const HASH = "0123456789abcdef".repeat(4);
const ENTRY: Omit<DecisionEntry, "at"> = {
  kind: "decision",
  grant: "ward-agent",
  principal: "agent:ward-agent",
  responsible: "person:a.example",
  purpose: "treatment",
  server: "ehr",
  method: "tools/call",
  tool: "get_labs",
  argKeys: ["fields", "limit", "patient_id", "ward"],
  argsOther: 0,
  subjects: [HASH],
  subject: "named",
  volume: "single",
  ephi: true,
  effect: "read",
  verdict: "allow",
  rule: "",
  code: "allowed",
  policy: { name: "ward", digest: `sha256:${HASH}` },
  bundle: { name: "bench", version: "dev", digest: `sha256:${HASH}` },
  quota: [{ key: "ward-agent/patients/hour/2026-10-01T12", subjects: [HASH] }],
  request: "1",
};
