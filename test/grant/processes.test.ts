/** Several processes on one folder, as the command line and the gateway are. */
import { execFile, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { inboxOf, openTokenStore } from "../../engine/grant/file-store.ts";
import { issueToken } from "../../engine/grant/issue.ts";
import { hashToken } from "../../engine/grant/token.ts";
import { changeAt, grantOf, grantsOf, NOW, withFolder } from "./world.ts";

const worker = join(import.meta.dirname, "worker.ts");
const there = grantsOf(grantOf());
const TIMEOUT = { timeout: 20_000 };

test("two that issue at once lose no token and no event", () =>
  withFolder(async (folder) => {
    const run = promisify(execFile);
    const runs = [1, 2].map(() => run(process.execPath, [worker, folder, "issue", "12"], TIMEOUT));
    const printed = (await Promise.all(runs)).flatMap(({ stdout }) => stdout.trim().split("\n"));
    const store = openTokenStore(folder);
    expect(new Set(printed).size).toBe(24);
    for (const token of printed) {
      expect(store.lookup(hashToken(token)!, there, NOW)).toMatchObject({ ok: true });
    }
    expect(store.list()).toHaveLength(24);
    expect(readdirSync(inboxOf(folder))).toHaveLength(24);
  }));

test("a revocation by another process stops the next message", () =>
  withFolder(async (folder) => {
    const store = openTokenStore(folder);
    const { token } = await store.change(issueToken(grantOf(), undefined, changeAt()));
    const look = () => {
      store.refresh();
      return store.lookup(hashToken(token)!, there, NOW);
    };
    expect(look()).toMatchObject({ ok: true });
    expect(spawnSync(process.execPath, [worker, folder, "revoke"], TIMEOUT).status).toBe(0);
    expect(look()).toMatchObject({ ok: false, code: "revoked_token" });
  }));

test("a process that is killed with the lock in its hands holds nobody up", () =>
  withFolder(async (folder) => {
    const { signal } = spawnSync(process.execPath, [worker, folder, "die"], TIMEOUT);
    expect(signal).toBe("SIGKILL");
    const store = openTokenStore(folder);
    await store.change(issueToken(grantOf(), undefined, changeAt()));
    expect(store.list()).toHaveLength(1);
  }));
