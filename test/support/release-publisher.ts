/**
 * Publishes what a line on standard input names, while engines read: `{ from, to }` copies a folder file
 * by file, `{ commit, to }` moves both branches of a bare repository.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { writeFolder } from "../../engine/bundle/store/folder.ts";
import { CURRENT, HEARTBEAT_BRANCH } from "../../engine/bundle/store/git.ts";

type Order = { readonly to: string } & ({ readonly from: string } | { readonly commit: string });

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  if ("from" in order) copy(order.from, order.to);
  else move(order.commit, order.to);
}

/** Each file is whole at any time; which of them are there together is chance. */
function copy(from: string, to: string): void {
  for (const name of readdirSync(from, { recursive: true, encoding: "utf8" }).sort().reverse()) {
    const path = join(from, name);
    if (statSync(path).isFile()) writeFolder(to, { [name]: readFileSync(path, "utf8") });
  }
}

function move(commit: string, to: string): void {
  const input = [CURRENT, HEARTBEAT_BRANCH].map((ref) => `update ${ref} ${commit}\n`).join("");
  execFileSync("git", ["-C", to, "update-ref", "--stdin"], { input });
}
