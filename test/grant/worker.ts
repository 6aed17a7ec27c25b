/** A process of its own for the tests of several: `node worker.ts FOLDER issue COUNT | revoke | die`. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { openTokenStore } from "../../engine/grant/file-store.ts";
import { issueToken } from "../../engine/grant/issue.ts";
import { withLock } from "../../engine/grant/lock.ts";
import { revokeTokens } from "../../engine/grant/revoke.ts";
import { grantOf, NOW } from "./world.ts";

const [folder = "", what = "", count = "0"] = process.argv.slice(2);
const store = openTokenStore(folder);
const change = { at: NOW, random: (bytes: number) => randomBytes(bytes) };
if (what === "issue") {
  for (let i = 0; i < Number(count); i++) {
    const { token } = await store.change(issueToken(grantOf(), undefined, change));
    process.stdout.write(`${token}\n`);
  }
}
if (what === "revoke") await store.change(revokeTokens(() => true, change));
if (what === "die") {
  await withLock(join(folder, "tokens.lock"), () => process.kill(process.pid, "SIGKILL"));
}
