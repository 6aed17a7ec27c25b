/** The database stops, hangs or is slow: everything is denied, on record, and works again by itself. */

import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pseudonymsOf } from "../../engine/audit/state.ts";
import { withClient } from "../../engine/postgres/connect.ts";
import type { StoreSettings } from "../../engine/postgres/url.ts";
import { verifyStore } from "../../engine/postgres/verify.ts";
import { until } from "../support/until.ts";
import { type Cluster, installed, startCluster } from "./cluster.ts";
import { type Nodes, ruleOf, startNodes, type TestNode } from "./nodes.ts";

const LIMITS = { get_labs: [{ counter: "calls", window: "day", max: 100_000 }] };

describe.runIf(installed)("an outage of the database", () => {
  let cluster: Cluster;
  let store: StoreSettings;
  let world: Nodes;
  let node: TestNode;
  beforeAll(async () => {
    cluster = await startCluster([]);
    store = { ...(await cluster.database()), timeoutMs: 500 };
    world = await startNodes({ store, names: ["gw-1"], limits: LIMITS });
    [node] = world.nodes as [TestNode];
  });
  afterAll(async () => {
    await world.stop();
    await cluster.stop();
  });

  test("a quota that is not answered in time denies the call with its own rule; the rest goes on", async () => {
    const blocker = new pg.Client(store.url);
    await blocker.connect();
    await blocker.query("BEGIN; LOCK TABLE phiward.quota IN ACCESS EXCLUSIVE MODE");
    const [counted, uncounted] = await Promise.all([
      node.ask("get_labs", { patient_id: "p-1" }),
      node.ask("list_wards", {}),
    ]);
    expect([ruleOf(counted), ruleOf(uncounted)]).toEqual(["(store unavailable)", ""]);
    const denied = node.records().find((one) => one.kind === "decision" && one.verdict === "deny");
    expect(denied).toMatchObject({ rule: "(store unavailable)", code: "store_unavailable" });
    await blocker.query("ROLLBACK");
    await blocker.end();
    expect(ruleOf(await node.ask("get_labs", { patient_id: "p-1" }))).toBe("");
  });

  test("killed under load and started again: every answered call is on record, none was made meanwhile, nobody had to help", async () => {
    let asking = true;
    let patient = 0;
    const answered: string[] = [];
    const refused: string[] = [];
    const client = async (): Promise<void> => {
      while (asking) {
        const id = `k-${patient++}`;
        const rule = ruleOf(await node.ask("get_labs", { patient_id: id }));
        (rule === "" ? answered : refused).push(id);
      }
    };
    const clients = Array.from({ length: 6 }, client);
    await until(() => answered.length > 50, 20_000);
    await cluster.kill();
    // The view counts for a second after the last answer.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const before = answered.length;
    const denied = refused.length;
    await until(() => refused.length > denied + 50, 20_000);
    expect(answered.length).toBe(before);
    expect(node.running.gateway.health.problems().join("\n")).toMatch(
      /the database does not answer/,
    );
    await cluster.start();
    await until(() => answered.length > before + 50, 20_000);
    asking = false;
    await Promise.all(clients);

    const arrived = world.upstream.requests
      .map(({ message }) => message)
      .filter(({ method }) => method === "tools/call")
      .map(({ params }) => (params as { arguments: { patient_id?: string } }).arguments.patient_id);
    expect(answered.filter((id) => !arrived.includes(id))).toEqual([]);
    expect(arrived.filter((id) => refused.includes(id!))).toEqual([]);
    const recorded = new Set(
      node
        .records()
        .flatMap((one) => (one.kind === "decision" && one.verdict === "allow" ? one.subjects : [])),
    );
    const folders = { log: "", keys: `${node.state}/keys` };
    const unrecorded = answered.filter(
      (id) => !pseudonymsOf(id, folders).some((name) => recorded.has(name)),
    );
    expect(unrecorded).toEqual([]);
    expect(
      node.records().some((one) => one.kind === "rejected" && one.code === "store_unavailable"),
    ).toBe(true);
  });

  test("a gateway that starts while the database is away denies, and serves when it is back", async () => {
    await node.stop();
    await cluster.kill();
    const starting = world.start("gw-1");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await cluster.start();
    node = await starting;
    await expect
      .poll(async () => ruleOf(await node.ask("get_labs", { patient_id: "p-9" })), {
        timeout: 10_000,
      })
      .toBe("");
  });

  test("afterwards the database has every record, and all of it is whole", async () => {
    const { length } = node.records();
    await node.stop();
    await withClient(store, async (client) => {
      const { verdict, chains, fold } = await verifyStore(client, { keys: [] });
      const problems = [...chains.flatMap((chain) => chain.problems), ...fold.problems];
      expect({ verdict, problems }).toEqual({ verdict: "whole", problems: [] });
      expect(chains[0]!.records).toBeGreaterThanOrEqual(length);
    });
  });
});
