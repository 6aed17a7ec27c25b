/** The text of a program that is an MCP server on standard input and output, with one answer to all. */
export const SERVER_PROGRAM = `
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const results = {
    initialize: {
      protocolVersion: "2025-06-18",
      capabilities: { tools: {} },
      serverInfo: { name: "t", version: "1" },
    },
    "tools/list": { tools: [{ name: "query", inputSchema: { type: "object" } }] },
    "tools/call": { content: [] },
  };
  const result = results[method];
  const body = result ? { result } : { error: { code: -32601, message: "no" } };
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, ...body }) + "\\n");
});
`;
