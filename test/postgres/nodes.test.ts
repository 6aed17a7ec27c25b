/** Two gateways on one database: limits hold across both, and so does a revocation, whatever is lost. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueToken } from "../../engine/grant/issue.ts";
import { revokeTokens } from "../../engine/grant/revoke.ts";
import { withClient } from "../../engine/postgres/connect.ts";
import type { StoreSettings } from "../../engine/postgres/url.ts";
import { verifyStore } from "../../engine/postgres/verify.ts";
import { until } from "../support/until.ts";
import { type Cluster, installed, startCluster } from "./cluster.ts";
import { askMany, type Nodes, ruleOf, startNodes, type TestNode } from "./nodes.ts";

const LIMITS = {
  get_labs: [{ counter: "calls", window: "day", max: 500, scope: "principal" }],
  get_patient: [{ counter: "patients", window: "day", max: 30, distinct: "subject" }],
  write_note: [{ counter: "notes", window: "day", max: 1 }],
};

describe.runIf(installed)("two gateways on one database", () => {
  let cluster: Cluster;
  let store: StoreSettings;
  let world: Nodes;
  let one: TestNode;
  let other: TestNode;
  beforeAll(async () => {
    cluster = await startCluster();
    store = await cluster.database();
    world = await startNodes({ store, names: ["gw-1", "gw-2"], limits: LIMITS });
    [one, other] = world.nodes as [TestNode, TestNode];
  });
  afterAll(async () => {
    await world.stop();
    await cluster.stop();
  });

  const change = () => ({ at: Date.now(), random: (bytes: number) => randomBytes(bytes) });
  async function issue(): Promise<{ readonly token: string; readonly id: string }> {
    const grant = one.running.policy.current()!.repository.grants.get("nurse")!.source;
    const issued = await one.running.gateway.tokens.change(issueToken(grant, undefined, change()));
    return { token: issued.token, id: issued.entry.id };
  }
  const revoke = (id: string) =>
    one.running.gateway.tokens.change(revokeTokens((entry) => entry.id === id, change()));
  const worksOnOther = async (token: string): Promise<boolean> =>
    (await other.ask("list_wards", {}, token)).status === 200;
  const calls = (tool: string) =>
    world.upstream.requests.map(({ message }) => message).filter((one) => toolOf(one) === tool);

  test("2,000 calls on both nodes against a limit of 500: 500 are made, and the rest is denied by the limit", async () => {
    const answers = await askMany(world.nodes, 2_000, 64, (node, index) =>
      node.ask("get_labs", { patient_id: `p-${index}` }),
    );
    const rules = Map.groupBy(answers, ruleOf);
    expect([...rules].map(([rule, all]) => [rule, all.length]).sort()).toEqual([
      ["", 500],
      ["/tools/get_labs/limits/0", 1_500],
    ]);
    expect(calls("get_labs")).toHaveLength(500);
    const kept = world.nodes.flatMap((node) => node.records());
    const allowed = kept.filter(
      (record) =>
        record.kind === "decision" && record.tool === "get_labs" && record.verdict === "allow",
    );
    expect(allowed).toHaveLength(500);
  });

  test("a limit of 30 different patients is one for both: 30 of 60 patients are seen", async () => {
    await askMany(world.nodes, 300, 32, (node, index) =>
      node.ask("get_patient", { patient_id: `p-${(index * 7) % 60}` }),
    );
    const seen = calls("get_patient").map(patientOf);
    expect(new Set(seen).size).toBe(30);
    // A patient that was let in once is let in on the other node too.
    const again = world.nodes.map((node) => node.ask("get_patient", { patient_id: seen[0]! }));
    expect((await Promise.all(again)).map(ruleOf)).toEqual(["", ""]);
  });

  describe("a token that is revoked on one node", () => {
    async function takes(lose: () => Promise<unknown>): Promise<number> {
      const { token, id } = await issue();
      const works = (): Promise<boolean> => worksOnOther(token);
      await expect.poll(works).toBe(true);
      await lose();
      const began = performance.now();
      await revoke(id);
      while (await works()) if (performance.now() - began > 5_000) break;
      return performance.now() - began;
    }

    test("is refused on the other within a second", async () => {
      expect(await takes(async () => {})).toBeLessThan(1_000);
    });

    test("also when the other node's connections break in that moment", async () => {
      const lost = takes(() =>
        cluster.query(
          store,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'phiward gw-2%'",
        ),
      );
      expect(await lost).toBeLessThan(1_000);
    });

    test("also when nobody is notified", async () => {
      const lost = takes(() => cluster.query(store, "DROP TRIGGER tell_epoch ON epoch"));
      expect(await lost).toBeLessThan(1_000);
    });

    test("is told in one log, once", async () => {
      const { id } = await issue();
      await revoke(id);
      const told = (): number =>
        world.nodes
          .flatMap((node) => node.records())
          .filter(
            (one) => one.kind === "admin" && one.action === "token.revoked" && one.token === id,
          ).length;
      await until(() => told() === 1);
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(told()).toBe(1);
    });

    test("ends a call that is under way on the other", async () => {
      const { token, id } = await issue();
      await expect.poll(() => worksOnOther(token)).toBe(true);
      // The server never answers.
      world.upstream.on("tools/call list_wards", () => {});
      const waiting = other.ask("list_wards", {}, token);
      await until(() => other.running.gateway.runtime.streams.size > 0);
      const began = performance.now();
      await revoke(id);
      expect((await waiting).message).toHaveProperty("error");
      expect(performance.now() - began).toBeLessThan(1_000);
      world.upstream.reset();
    });
  });

  test("a node's name is taken while its process lives, and free afterwards", async () => {
    const twin = startNodes({ store, names: ["gw-2"] });
    await expect(twin).rejects.toMatchObject({ code: "STATE_BUSY" });
    await other.stop();
    other = await world.start("gw-2");
    expect((await other.ask("list_wards", {})).status).toBe(200);
  });

  test("a node that knows patients by other names denies everything, and says why", async () => {
    const stranger = await startNodes({ store, names: ["gw-3"] });
    const [node] = stranger.nodes;
    expect((await node!.ask("list_wards", {})).status).toBe(503);
    expect(node!.running.gateway.health.problems().join()).toContain("subject key");
    await stranger.stop();
  });

  test("a call that never reached its server gives its quota back, for both nodes", async () => {
    await world.upstream.stop();
    const used = async (): Promise<string[]> => {
      const { rows } = await cluster.query(
        store,
        "SELECT used FROM quota WHERE key LIKE '%notes%'",
      );
      return (rows as { used: string }[]).map(({ used }) => used);
    };
    const note = { patient_id: "p-1", value: "x" };
    expect((await one.ask("write_note", note)).status).not.toBe(200);
    await expect.poll(used).toEqual(["0"]);
    expect((await other.ask("write_note", note)).status).not.toBe(200);
  });

  test("what both did is in the database, whole", async () => {
    await world.stop();
    await withClient(store, async (client) => {
      const { verdict, chains, fold } = await verifyStore(client, { keys: [] });
      const problems = [...chains.flatMap((chain) => chain.problems), ...fold.problems];
      expect({ verdict, problems }).toEqual({ verdict: "whole", problems: [] });
      expect(chains.map(({ node }) => node)).toEqual(["gw-1", "gw-2", "gw-3"]);
    });
  });
});

function toolOf({
  method,
  params,
}: {
  readonly method?: string;
  readonly params?: object;
}): unknown {
  return method === "tools/call" ? (params as { name?: string }).name : undefined;
}

function patientOf(message: { readonly params?: Readonly<Record<string, unknown>> }): string {
  const { arguments: args } = message.params as { readonly arguments: { patient_id: string } };
  return args.patient_id;
}
