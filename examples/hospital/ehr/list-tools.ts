/** Writes the live `tools/list` of the example's MCP server to `tools-list.json`. */
import { writeFileSync } from "node:fs";
import { startEhr } from "./start.ts";

const ehr = await startEhr();
try {
  const { tools } = await ehr.client.listTools();
  const file = new URL("./tools-list.json", import.meta.url);
  writeFileSync(file, `${JSON.stringify({ tools }, null, 2)}\n`);
  process.stdout.write(`${tools.length} tools\n`);
} finally {
  await ehr.stop();
}
