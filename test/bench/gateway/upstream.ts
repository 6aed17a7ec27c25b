/** The server behind every contender, as a program: tells its port, and ends with its parent. */
import { createServer } from "node:http";
import { answerText, TOOLS } from "./hospital.ts";
import { serve } from "./serve.ts";

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly arguments?: { readonly patient_id?: string } };
}

const ABOUT = {
  protocolVersion: "2025-11-25",
  supportedVersions: ["2026-07-28"],
  capabilities: { tools: {} },
  serverInfo: { name: "bench", version: "1" },
};

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => {
    body += chunk;
  });
  request.on("end", () => {
    if (request.method !== "POST") return void response.writeHead(405).end();
    const message = JSON.parse(body) as Request;
    if (message.id === undefined) return void response.writeHead(202).end();
    const text = answer(message, message.id);
    const length = Buffer.byteLength(text);
    response.writeHead(200, { "content-type": "application/json", "content-length": length });
    response.end(text);
  });
});
server.keepAliveTimeout = 60_000;
serve(server);

function answer({ method, params }: Request, id: number): string {
  if (method === "tools/call") return answerText(id, params?.arguments?.patient_id ?? "");
  const result = method === "tools/list" ? { tools: TOOLS, resultType: "complete" } : ABOUT;
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}
