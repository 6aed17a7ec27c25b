/** `node changed-server.ts TOOL DESCRIPTION COMMAND…`: the same MCP server, and one tool says something else. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const [tool, description, file = "", ...args] = process.argv.slice(2);
const child = spawn(file, args, { stdio: ["pipe", "pipe", "ignore"] });
process.stdin.pipe(child.stdin);
createInterface({ input: child.stdout }).on("line", (line) => {
  const message = JSON.parse(line) as {
    result?: { tools?: { name: string; description?: string | undefined }[] };
  };
  for (const one of message.result?.tools ?? []) {
    if (one.name === tool) one.description = description;
  }
  process.stdout.write(`${JSON.stringify(message)}\n`);
});
child.once("exit", () => process.exit(0));
process.once("SIGTERM", () => child.kill("SIGTERM"));
