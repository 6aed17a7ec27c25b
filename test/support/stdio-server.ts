/**
 * An MCP server on standard input and output, of both eras: `node stdio-server.ts LOG TOOLS`. It writes
 * what it got to the file LOG, one JSON document a line, and misbehaves when the argument `value` of a
 * call asks for it.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly arguments?: { readonly value?: string };
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
}

const [log = "", tools = ""] = process.argv.slice(2);
const note = (entry: object): void =>
  appendFileSync(log, `${JSON.stringify({ pid: process.pid, ...entry })}\n`);
const send = (message: object): void => {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
};

note({ began: Object.keys(process.env).sort() });

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const message = JSON.parse(line) as Message;
    note({ message });
    const { value } = message.params?.arguments ?? {};
    if (value === "exit") process.exit(0);
    if (value === "noise") process.stdout.write("this is no JSON\n\n[]\n\xff\n");
    // Late, so that two calls can be under way at once.
    const delay = value === "hello" ? 20 : 0;
    setTimeout(() => answersTo(message).forEach(send), delay);
  })
  .on("close", () => {
    note({ ended: true });
    process.exit(0);
  });

/** What is sent for a message, in order. */
function answersTo({ id, method, params = {} }: Message): readonly object[] {
  const capabilities = { tools: {} };
  switch (method) {
    case "initialize":
      return [{ id, result: { protocolVersion: "2025-11-25", capabilities } }];
    case "server/discover":
      return [{ id, result: { supportedVersions: ["2026-07-28"], capabilities } }];
    case "tools/list":
      return [{ id, result: { tools: JSON.parse(readFileSync(tools, "utf8")) } }];
    case "tools/call":
      return answersToCall(id, params);
    default:
      return [];
  }
}

function answersToCall(
  id: Message["id"],
  { arguments: args, _meta: meta }: NonNullable<Message["params"]>,
): readonly object[] {
  const done = { id, result: { content: [{ type: "text", text: `by ${process.pid}` }] } };
  const progress = (progressToken: unknown): object => ({
    method: "notifications/progress",
    params: { progressToken, progress: 1 },
  });
  switch (args?.value) {
    case "silence":
      return [];
    case "another id":
      return [{ ...done, id: 9_999 }];
    case "progress":
      return [progress(meta?.progressToken), done];
    case "somebody else's progress":
      return [progress(9_999), done];
    case "two answers":
      return [done, { ...done, result: { content: [{ type: "text", text: "again" }] } }];
    default:
      return [done];
  }
}
