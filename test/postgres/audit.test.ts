/** The logs of two nodes in one database: what is asked of both, and what tampering with one shows. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openFileLog } from "../../engine/audit/file-log.ts";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import { type Filter, query } from "../../engine/audit/query.ts";
import { readRecords } from "../../engine/audit/read.ts";
import type { AuditRecord, Entry } from "../../engine/audit/record.ts";
import { who } from "../../engine/audit/who.ts";
import { type Chain, openChain } from "../../engine/postgres/chain.ts";
import { clientConfig } from "../../engine/postgres/connect.ts";
import { checkedEntry, FOLD_START, foldHash } from "../../engine/postgres/fold.ts";
import { queryAll } from "../../engine/postgres/query.ts";
import { type Shipped, ship } from "../../engine/postgres/ship.ts";
import type { StoreSettings } from "../../engine/postgres/url.ts";
import { verifyStore } from "../../engine/postgres/verify.ts";
import { whoOnAll } from "../../engine/postgres/who.ts";
import { entries, KEYS, patient, START, writeLog } from "../audit/generate.ts";
import { type Cluster, installed, startCluster } from "./cluster.ts";

const PUBLIC = KEYS.publicKey.export({ type: "spki", format: "pem" }).toString();
const PATIENTS = 30;

/** As another node's: its ids are not those of the first one's records. */
function* ofOther(from: Iterable<Entry>): Generator<Entry> {
  const other = (id: string): string => `ffff${id.slice(4)}`;
  for (const entry of from) {
    yield {
      ...entry,
      ...(entry.id === undefined ? {} : { id: other(entry.id) }),
      ...(entry.kind === "outcome" ? { decision: other(entry.decision) } : {}),
    };
  }
}

describe.runIf(installed)("the logs of two nodes in one database", () => {
  let cluster: Cluster;
  let store: StoreSettings;
  let client: pg.Client;
  let root: string;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  beforeEach(async () => {
    store = await cluster.database();
    client = new pg.Client(clientConfig(store, "test"));
    await client.connect();
    root = mkdtempSync(join(tmpdir(), "phiward-stored-"));
  });
  afterEach(async () => {
    await client.end();
    rmSync(root, { recursive: true, force: true });
  });
  afterAll(() => cluster.stop());

  async function shipAll(node: string, start?: Chain): Promise<Shipped> {
    const folder = join(root, node);
    let chain = start ?? (await openChain(client, { folder, node, publicKey: PUBLIC }))!;
    const shapes = new Map<string, number>();
    for (let checked: Shipped["checked"]; ; ) {
      const step = await ship(client, folder, chain, shapes);
      chain = step.chain;
      checked = step.checked ?? checked;
      if (!step.more) return { chain, more: false, ...(checked && { checked }) };
    }
  }

  /** The second node's log: records, and what it has seen of the others after each checkpoint. */
  async function secondNode(rounds: number): Promise<void> {
    const folder = join(root, "gw-2");
    const log = await openFileLog({
      folder,
      node: "gw-2",
      now: () => START,
      segmentBytes: 64 * 1024,
      checkpoint: { key: KEYS.privateKey, everyRecords: 1_000_000, everyMs: 3_600_000, sinks: [] },
    });
    const more = [...ofOther(entries(100 * rounds, { seed: 2, patients: PATIENTS, grants: 3 }))];
    for (let round = 0; round < rounds; round++) {
      const some = more.slice(100 * round, 100 * (round + 1));
      await Promise.all(some.map((entry) => log.append(entry).durable));
      await log.checkpoint();
      const { checked } = await shipAll("gw-2");
      await log.append(checkedEntry(checked!.fold, checked!.others, START + 1)).durable;
    }
    await log.close();
    await shipAll("gw-2");
  }

  function firstNode(seed: number, count = 1_000): readonly AuditRecord[] {
    const folder = join(root, "gw-1");
    rmSync(folder, { recursive: true, force: true });
    writeLog(folder, entries(count, { seed, patients: PATIENTS, grants: 5 }), {
      segmentBytes: 100_000,
      everyRecords: 150,
    });
    return [...readRecords(folder)];
  }

  const recordsOf = (node: string): readonly AuditRecord[] => [...readRecords(join(root, node))];

  async function bothShipped(): Promise<readonly AuditRecord[]> {
    firstNode(1);
    await shipAll("gw-1");
    await secondNode(2);
    return [...recordsOf("gw-1"), ...recordsOf("gw-2")];
  }

  test("every line is there as it stands in the log, and shipping again adds nothing", async () => {
    const all = await bothShipped();
    await shipAll("gw-1");
    const { rows } = await client.query("SELECT line FROM record ORDER BY chain, seq");
    expect((rows as { line: string }[]).map(({ line }) => JSON.parse(line))).toEqual(all);
  });

  test("a step that was made already is not made again: two shippers of one log cannot fork it", async () => {
    firstNode(1, 50);
    const behind = (await openChain(client, {
      folder: join(root, "gw-1"),
      node: "gw-1",
      publicKey: PUBLIC,
    }))!;
    await shipAll("gw-1");
    await expect(shipAll("gw-1", behind)).rejects.toThrow("has moved");
  });

  test("a query finds what each node's own index finds, together, on pages of any size", async () => {
    await bothShipped();
    const indexes = ["gw-1", "gw-2"].map((node) => ({
      folder: join(root, node),
      index: freshIndex(join(root, node)),
    }));
    const filters: fc.Arbitrary<Filter> = fc.record(
      {
        kind: fc.constantFrom("decision", "outcome", "rejected", "checkpoint", "admin"),
        grant: fc.constantFrom("agent-1", "agent-4", "nobody"),
        tool: fc.constantFrom("create_note", "fhir_search", "nothing"),
        verdict: fc.constantFrom("allow", "deny"),
        rule: fc.constantFrom("(expired)", "limit", "node.checked"),
        from: fc.integer({ min: START, max: START + 1_000_000 }),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 20, max: 300 }), async (filter, limit) => {
        const expected = indexes.flatMap(({ folder, index }) =>
          query(folder, index, filter, { limit: 100_000 }).records.map(keyOf),
        );
        const found: string[] = [];
        let times: string[] = [];
        for (let after: string | undefined; ; ) {
          const page = await queryAll(client, filter, { limit, after });
          expect(page.problems).toEqual([]);
          found.push(...page.records.map(keyOf));
          times = [...times, ...page.records.map(({ record }) => record.at)];
          if (page.next === undefined) break;
          after = page.next;
        }
        expect(found.toSorted()).toEqual(expected.toSorted());
        expect(times).toEqual(times.toSorted().reverse());
      }),
      { numRuns: 30 },
    );
    for (const { index } of indexes) index.close();
  });

  test("who accessed a patient's record is told of both nodes, with what may have included the patient", async () => {
    await bothShipped();
    const nodes = ["gw-1", "gw-2"].map((node) => {
      const folder = join(root, node);
      const index = freshIndex(folder);
      return { node, ask: (names: readonly string[]) => who(folder, index, names, {}) };
    });
    for (const number of [0, 7, 29]) {
      const names = [patient(number)];
      const each = nodes.map(({ node, ask }) => ({ node, ...ask(names) }));
      const all = await whoOnAll(client, names, {});
      const expected = each.flatMap(({ node, accesses }) =>
        accesses.map((one) => ({ ...one, node })),
      );
      expect(all.problems).toEqual([]);
      expect(sortedBy(all.accesses)).toEqual(sortedBy(expected));
      expect(all.totals).toEqual({
        allowed: sum(each.map(({ totals }) => totals.allowed)),
        denied: sum(each.map(({ totals }) => totals.denied)),
        possible: sum(each.map(({ totals }) => totals.possible)),
      });
    }
  });

  test("what was tampered with in the database is not shown, and said", async () => {
    await bothShipped();
    await client.query(
      `UPDATE record SET line = replace(line, '"verdict":"deny"', '"verdict":"allow"') WHERE line LIKE '%"verdict":"deny"%'`,
    );
    const page = await queryAll(client, { verdict: "deny" }, { limit: 1_000 });
    expect(page.records).toEqual([]);
    expect(page.problems.length).toBeGreaterThan(10);
  });

  describe("audit verify over all nodes", () => {
    test("finds them whole", async () => {
      await bothShipped();
      const { verdict, chains, fold } = await verifyStore(client, { keys: [] });
      expect({ verdict, fold }).toEqual({
        verdict: "whole",
        fold: { entries: fold.entries, problems: [] },
      });
      expect(chains.map(({ node, problems }) => [node, problems])).toEqual([
        ["gw-1", []],
        ["gw-2", []],
      ]);
      expect(fold.entries).toBeGreaterThan(3);
    });

    test("one who edits a record in the database is found, with node and number", async () => {
      await bothShipped();
      await client.query(
        "UPDATE record SET line = replace(line, 'agent', 'other') WHERE chain = 1 AND seq = 17",
      );
      const { verdict, chains } = await verifyStore(client, { keys: [] });
      expect(verdict).toBe("broken");
      expect(chains[0]).toMatchObject({ node: "gw-1", problems: [{ kind: "edited", seq: 17 }] });
    });

    test("one who cuts a node's log, its rows and the list of checkpoints is contradicted by the other node", async () => {
      await bothShipped();
      // What the first node did after record 400 never happened; whoever does this may write everywhere.
      await client.query("DELETE FROM record WHERE chain = 1 AND seq > 400");
      await client.query("DELETE FROM checkpoint WHERE origin LIKE 'gw-1/%' AND count > 400");
      await foldAnew();
      const { verdict, chains, fold } = await verifyStore(client, { keys: [] });
      expect(verdict).toBe("broken");
      const [cut, other] = chains;
      expect(cut!.problems).toEqual([
        expect.objectContaining({
          kind: "truncated",
          seq: 401,
          says: expect.stringMatching(/ends at record 400, and `gw-2` has seen record [0-9]+/),
        }),
      ]);
      expect(other!.problems).toEqual([]);
      expect(fold.problems.join("\n")).toContain("node gw-2 has seen");
    });

    test("one who writes a node's whole chain anew, with its own key, is contradicted by the other node", async () => {
      await bothShipped();
      firstNode(99);
      await client.query("DELETE FROM record WHERE chain = 1");
      await client.query("DELETE FROM patient WHERE chain = 1");
      await client.query("DELETE FROM checkpoint WHERE origin LIKE 'gw-1/%'");
      await client.query(
        "UPDATE chain SET shipped = 0, hash = '', segment = 0, place = 0 WHERE id = 1",
      );
      await foldAnew();
      await shipAll("gw-1");
      const { verdict, chains } = await verifyStore(client, { keys: [] });
      expect(verdict).toBe("broken");
      expect(chains[0]!.problems.map(({ says }) => says).join("\n")).toMatch(
        /`gw-2` has seen another record [0-9]+: the chain was written anew/,
      );
    });
  });

  test("a node whose own log lacks what the database has is not let in", async () => {
    firstNode(1);
    await shipAll("gw-1");
    const owner = { folder: join(root, "gw-1"), node: "gw-1", publicKey: PUBLIC };
    firstNode(1, 300);
    await expect(openChain(client, owner)).rejects.toMatchObject({
      code: "AUDIT_BROKEN",
      message: expect.stringContaining("ends before record"),
    });
    firstNode(5);
    await expect(openChain(client, owner)).rejects.toMatchObject({
      code: "AUDIT_BROKEN",
      message: expect.stringContaining("is another one"),
    });
  });

  /** The list as somebody would write it who may write the database. */
  async function foldAnew(): Promise<void> {
    const { rows } = await client.query("SELECT entry, note FROM checkpoint ORDER BY entry");
    let hash = FOLD_START;
    for (const [index, { entry, note }] of (rows as { entry: number; note: string }[]).entries()) {
      hash = foldHash(hash, note);
      await client.query("UPDATE checkpoint SET entry = $2, hash = $3 WHERE entry = $1", [
        ...[entry, index + 1, hash],
      ]);
    }
  }
});

function keyOf({ record, outcome }: { record: AuditRecord; outcome?: AuditRecord }): string {
  return `${record.node} ${record.seq} ${outcome?.seq}`;
}

function sortedBy<T extends { readonly decision: string }>(accesses: readonly T[]): readonly T[] {
  return accesses.toSorted((a, b) => (a.decision < b.decision ? -1 : 1));
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}
