/** Judges a table of attacks on disk, and prints the first that is not refused for its reason. */
import { readFileSync } from "node:fs";
import { judge } from "../bundle/attacks/judge.ts";

interface Laid {
  readonly folder: string;
  readonly check: string;
}

const rows: readonly Laid[] = JSON.parse(readFileSync(process.argv[2]!, "utf8"));
for (const { folder, check } of rows) {
  const seen = await judge(folder).catch((error) => String(error));
  if (seen === check) continue;
  process.stdout.write(`${folder}: ${seen}\n`);
  break;
}
process.exit(0);
