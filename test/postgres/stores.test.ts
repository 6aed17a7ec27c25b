/** One contract for every store of tokens and of quotas: a folder, memory, and a PostgreSQL database. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { admitGrant, barGrant } from "../../engine/grant/bar.ts";
import { openTokenStore } from "../../engine/grant/file-store.ts";
import { issueToken } from "../../engine/grant/issue.ts";
import { sharedBars } from "../../engine/postgres/bars.ts";
import { sharedOpenings } from "../../engine/postgres/openings.ts";
import { sharedQuotas } from "../../engine/postgres/quotas.ts";
import type { Shared } from "../../engine/postgres/shared.ts";
import { openShared } from "../../engine/postgres/shared.ts";
import { sharedTokens } from "../../engine/postgres/tokens.ts";
import { QuotaStore } from "../../engine/quota/store.ts";
import { emergencyStoreContract } from "../emergency/contract.ts";
import { changeAt, countingRandom, grantOf, grantsOf, NOW } from "../grant/world.ts";
import { type Cluster, installed, startCluster } from "./cluster.ts";
import { pseudonym, quotasContract, tokenStoreContract } from "./stores.contract.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe("tokens in a folder", () => {
  tokenStoreContract(async () => {
    const folder = mkdtempSync(join(tmpdir(), "phiward-contract-"));
    folders.push(folder);
    return [openTokenStore(folder), openTokenStore(folder)];
  });
});

describe("quotas in memory", () => {
  quotasContract(async () => new QuotaStore(pseudonym), 200);
});

describe.runIf(installed)("in a PostgreSQL database", () => {
  let cluster: Cluster;
  const opened: Shared[] = [];
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((shared) => shared.close()));
  });
  afterAll(() => cluster.stop());

  const open = async (settings: Awaited<ReturnType<Cluster["database"]>>): Promise<Shared> => {
    const shared = await openShared({ settings, now: Date.now });
    opened.push(shared);
    return shared;
  };
  const release = (): undefined => undefined;

  emergencyStoreContract("a PostgreSQL database", async () => {
    const settings = await cluster.database();
    return {
      store: sharedOpenings(await open(settings)),
      reopen: async () => sharedOpenings(await open(settings)),
      end: () => {},
    };
  });

  test("an identity that is barred on one node is barred on the other, with an event that tells of it", async () => {
    const settings = await cluster.database();
    const [here, other] = [await open(settings), await open(settings)];
    const change = { at: NOW, by: "person:a.example", random: countingRandom() };
    const { bar } = await sharedBars(here).change(barGrant("g1", change));
    const there = sharedBars(other);
    await expect.poll(() => there.of("g1")).toEqual(bar);
    const events: string[] = [];
    await other.drain(async ({ action }) => void events.push(action));
    expect(events).toEqual(["identity.barred"]);
    const lifted = await there.change(admitGrant("g1", { ...change, at: NOW + 1 }));
    await expect.poll(() => sharedBars(here).of("g1")).toEqual(lifted);
  });

  test("only a node with the newest release notes which tokens lost their grant", async () => {
    const settings = await cluster.database();
    const [newer, older] = [await open(settings), await open(settings)];
    const first = sharedTokens(newer, { release: () => 8 });
    const second = sharedTokens(older, { release: () => 7 });
    const grant = grantOf();
    const { entry } = await first.change(issueToken(grant, undefined, changeAt()));
    expect(await first.reconcile(grantsOf(grant), NOW)).toEqual([]);
    // It was down when release 8 was published, and starts with the one that it had.
    expect(await second.reconcile(grantsOf(), NOW)).toEqual([]);
    expect(await first.reconcile(grantsOf(), NOW)).toEqual([entry]);
  });

  describe("tokens", () => {
    tokenStoreContract(async () => {
      const settings = await cluster.database();
      const [here, other] = [await open(settings), await open(settings)];
      return [sharedTokens(here, { release }), sharedTokens(other, { release })];
    });
  });

  describe("quotas", () => {
    let shared: Shared | undefined;
    afterEach(() => {
      shared = undefined;
    });
    quotasContract(async () => {
      shared ??= await open(await cluster.database());
      return sharedQuotas(shared.pool, pseudonym);
    }, 40);
  });
});
