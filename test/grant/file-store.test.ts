/** Tokens on disk: what another process sees, and what a failing disk leaves. */
import { chmodSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inboxOf, openTokenStore } from "../../engine/grant/file-store.ts";
import { type FileSteps, nodeSteps } from "../../engine/grant/files.ts";
import { issueToken } from "../../engine/grant/issue.ts";
import { revokeTokens } from "../../engine/grant/revoke.ts";
import { rotateToken } from "../../engine/grant/rotate.ts";
import type { TokenStore } from "../../engine/grant/store.ts";
import { hashToken } from "../../engine/grant/token.ts";
import { HOUR } from "../../engine/policy/time.ts";
import {
  changeAt,
  countingRandom,
  entryOf,
  grantOf,
  grantsOf,
  ISSUED,
  NOW,
  withFolder,
} from "./world.ts";

const grant = grantOf();
const there = grantsOf(grant);
const all = () => true;

const issue = (store: TokenStore, change = changeAt()) =>
  store.change(issueToken(grant, undefined, change));
const ask = (store: TokenStore, token: string, grants = there, at = NOW) => {
  const found = store.lookup(hashToken(token)!, grants, at);
  return found.ok ? "ok" : found.code;
};

describe("two engines on one folder", () => {
  test("a new token, a rotation and a revocation hold for the other after its next refresh", () =>
    withFolder(async (folder) => {
      const [here, other] = [openTokenStore(folder), openTokenStore(folder)];
      const random = countingRandom();
      const { token } = await issue(here, changeAt(NOW, random));
      expect(ask(other, token)).toBe("unknown_token");
      expect(other.refresh()).toBe(true);
      expect(other.refresh()).toBe(false);
      expect(ask(other, token)).toBe("ok");

      const times = { expiresAt: undefined, overlapMs: HOUR };
      const next = await here.change(rotateToken(all, there, times, changeAt(NOW, random)));
      other.refresh();
      expect([ask(other, token), ask(other, next.token)]).toEqual(["ok", "ok"]);
      expect(ask(other, token, there, NOW + HOUR - 1)).toBe("ok");
      expect(ask(other, token, there, NOW + HOUR)).toBe("expired_token");
      expect(ask(other, next.token, there, NOW + HOUR)).toBe("ok");

      await here.change(revokeTokens(all, changeAt(NOW, random)));
      other.refresh();
      expect([ask(other, token), ask(other, next.token)]).toEqual([
        "revoked_token",
        "revoked_token",
      ]);
    }));

  test("a store that is opened later knows what was there", () =>
    withFolder(async (folder) => {
      const { token } = await issue(openTokenStore(folder));
      expect(ask(openTokenStore(folder), token)).toBe("ok");
    }));
});

describe("a grant that goes", () => {
  test("takes its tokens with it for good: they stay dead when it comes back", () =>
    withFolder(async (folder) => {
      const store = openTokenStore(folder);
      const { token, entry } = await issue(store);
      expect(await store.reconcile(there, NOW)).toEqual([]);
      expect(await store.reconcile(grantsOf(), NOW)).toEqual([entry]);
      expect(await store.reconcile(there, NOW)).toEqual([]);
      expect(ask(store, token)).toBe("orphaned_token");
      expect(ask(openTokenStore(folder), token)).toBe("orphaned_token");
      expect(
        (
          await issue(
            store,
            changeAt(NOW, () => new Uint8Array(32).fill(9)),
          )
        ).token,
      ).toSatisfy((fresh: string) => ask(store, fresh) === "ok");
    }));

  test("and comes back with another date revives nobody either", () =>
    withFolder(async (folder) => {
      const store = openTokenStore(folder);
      const { token } = await issue(store);
      await store.reconcile(grantsOf(grantOf({ issued: ISSUED + 1 })), NOW);
      expect(ask(store, token)).toBe("orphaned_token");
    }));

  test("stops everybody while that cannot be noted", () =>
    withFolder(async (folder) => {
      let broken = false;
      const sync = (file: number): void => {
        if (broken) throw Object.assign(new Error("planned"), { code: "EIO" });
        nodeSteps.sync(file);
      };
      const store = openTokenStore(folder, { ...nodeSteps, sync });
      const { token } = await issue(store);
      broken = true;
      await expect(store.reconcile(grantsOf(), NOW)).rejects.toMatchObject({ code: "UNREADABLE" });
      expect(ask(store, token)).toBe("store_unavailable");
      expect(store.problem).toMatch(/could not be noted/);
      broken = false;
      await store.reconcile(grantsOf(), NOW);
      expect(store.problem).toBeUndefined();
      expect(ask(store, token)).toBe("orphaned_token");
    }));
});

describe("a file that is not as we wrote it", () => {
  const file = (entries: readonly object[], more: object = {}) =>
    JSON.stringify({ version: "1", tokens: entries, ...more });
  const { hash: _, ...noHash } = entryOf();
  test.each([
    ["no JSON", "{"],
    ["empty", ""],
    ["another version", JSON.stringify({ version: "2", tokens: [] })],
    ["an unknown key", file([], { extra: 1 })],
    ["an unknown key of a token", file([{ ...entryOf(), admin: true }])],
    ["a token without its hash", file([noHash])],
    ["an id of another hash", file([{ ...entryOf(), id: "000000000000" }])],
    ["one token twice, of which one is revoked", file([entryOf(), entryOf({ revokedAt: 1 })])],
    ["a time that is no number", file([{ ...entryOf(), expiresAt: "never" }])],
    ["a time that no calendar has", file([{ ...entryOf(), expiresAt: 9e15 }])],
    ["a key twice", file([entryOf()]).replace('"grant":', '"grant":"g2","grant":')],
  ])("%s: every token is refused, and nothing is overwritten", (_, text) =>
    withFolder(async (folder) => {
      const store = openTokenStore(folder);
      const { token } = await issue(store);
      writeFileSync(join(folder, "tokens.json"), text);
      store.refresh();
      expect(ask(store, token)).toBe("store_unavailable");
      expect(store.problem).toContain("tokens.json");
      expect(() => store.list()).toThrow(expect.objectContaining({ code: "STATE_DAMAGED" }));
      await expect(issue(store)).rejects.toMatchObject({ code: "STATE_DAMAGED" });
      await expect(store.reconcile(there, NOW)).rejects.toMatchObject({ code: "STATE_DAMAGED" });
      expect(readFileSync(join(folder, "tokens.json"), "utf8")).toBe(text);
    }),
  );

  test("is used again once it is mended", () =>
    withFolder(async (folder) => {
      const store = openTokenStore(folder);
      const { token } = await issue(store);
      const path = join(folder, "tokens.json");
      const good = readFileSync(path, "utf8");
      writeFileSync(path, "{");
      store.refresh();
      writeFileSync(path, good);
      store.refresh();
      expect(ask(store, token)).toBe("ok");
    }));

  test("is refused while others than its owner may write it", () =>
    withFolder(async (folder) => {
      const store = openTokenStore(folder);
      const { token } = await issue(store);
      const path = join(folder, "tokens.json");
      for (const [mode, expected] of [
        [0o602, "store_unavailable"],
        [0o620, "store_unavailable"],
        [0o600, "ok"],
      ] as const) {
        chmodSync(path, mode);
        store.refresh();
        expect(ask(store, token), mode.toString(8)).toBe(expected);
      }
    }));

  test("and one that is gone leaves no token", () =>
    withFolder(async (folder) => {
      const store = openTokenStore(folder);
      const { token } = await issue(store);
      unlinkSync(join(folder, "tokens.json"));
      store.refresh();
      expect(ask(store, token)).toBe("unknown_token");
    }));
});

test("only the owner may read what is written, and no token is in it", () =>
  withFolder(async (parent) => {
    const folder = join(parent, "state");
    const { token } = await issue(openTokenStore(folder));
    const modes = [folder, inboxOf(folder), join(folder, "tokens.json")].map((path) =>
      (statSync(path).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(["700", "700", "600"]);
    const events = readdirSync(inboxOf(folder)).map((name) => join(inboxOf(folder), name));
    for (const path of [join(folder, "tokens.json"), ...events]) {
      expect(readFileSync(path, "utf8")).not.toContain(token.slice(4));
    }
    expect(events).toHaveLength(1);
  }));

test("opening and asking makes nothing on disk", () =>
  withFolder(async (folder) => {
    const store = openTokenStore(join(folder, "state"));
    expect(store.list()).toEqual([]);
    await store.reconcile(there, NOW);
    expect(readdirSync(folder)).toEqual([]);
  }));

describe("a disk that refuses", () => {
  const STEPS = ["create", "write", "sync", "rename", "syncFolder"] as const;
  // The event is written before the tokens: each step happens once for it, then once for them.
  const failures = [0, 1].flatMap((round) => STEPS.map((step) => [step, round] as const));

  /** Steps of which one fails the `round`th time; half of the text is written before a write fails. */
  function failing(step: (typeof STEPS)[number], round: number): FileSteps {
    const calls = new Map<string, number>();
    const guard =
      <A extends readonly unknown[], R>(name: string, act: (...args: A) => R) =>
      (...args: A): R => {
        const call = calls.get(name) ?? 0;
        calls.set(name, call + 1);
        if (name !== step || call !== round) return act(...args);
        if (name === "write") nodeSteps.write(args[0] as number, (args[1] as string).slice(0, 40));
        throw Object.assign(new Error("planned"), { code: "ENOSPC" });
      };
    return {
      create: guard("create", nodeSteps.create),
      write: guard("write", nodeSteps.write),
      sync: guard("sync", nodeSteps.sync),
      rename: guard("rename", nodeSteps.rename),
      syncFolder: guard("syncFolder", nodeSteps.syncFolder),
    };
  }

  test.each(failures)(
    "in `%s`, time %i: the old tokens or the new ones, never neither",
    (step, round) =>
      withFolder(async (folder) => {
        const first = await issue(openTokenStore(folder));
        const before = readdirSync(inboxOf(folder)).length;
        const store = openTokenStore(folder, failing(step, round));
        const second = changeAt(NOW, () => new Uint8Array(32).fill(7));
        await expect(issue(store, second)).rejects.toMatchObject({ code: "UNREADABLE" });

        const after = openTokenStore(folder);
        expect(ask(after, first.token)).toBe("ok");
        const changed = after.list().length === 2;
        expect(after.list().length).toBe(changed ? 2 : 1);
        // The rename is the moment at which the change is made.
        expect(changed).toBe(round === 1 && step === "syncFolder");
        // The store that saw the error believes what is on disk.
        expect(store.list()).toEqual(after.list());
        const events = readdirSync(inboxOf(folder)).filter((name) => name.endsWith(".json"));
        if (changed) expect(events.length).toBe(before + 1);

        // What was left half done is in nobody's way.
        await issue(
          after,
          changeAt(NOW, () => new Uint8Array(32).fill(8)),
        );
        expect(ask(after, first.token)).toBe("ok");
      }),
  );
});
