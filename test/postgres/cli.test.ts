/** The commands on a shared database, as programs: what they say, and that a password is nowhere. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lifeAround, policyFiles, writeFiles } from "../support/policy-folder.ts";
import { until } from "../support/until.ts";
import { type Cluster, installed, startCluster } from "./cluster.ts";
import { startNodes } from "./nodes.ts";

const root = resolve(import.meta.dirname, "../..");
const BIN = join(root, "dist/cli/bin.js");
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(JSON.parse(readFileSync(join(root, "schemas/report.schema.json"), "utf8")), "report");

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe.runIf(installed)("commands on a shared database", () => {
  let cluster: Cluster;
  let work: string;
  let store: string;
  beforeAll(async () => {
    cluster = await startCluster();
    work = mkdtempSync(join(tmpdir(), "phiward-store-cli-"));
    store = (await cluster.empty()).url;
    const transport = { type: "http", url: "http://127.0.0.1:1/mcp" };
    writeFiles(work, policyFiles({ ehr: transport }, lifeAround(Date.now())));
  });
  afterAll(async () => {
    rmSync(work, { recursive: true, force: true });
    await cluster.stop();
  });

  function phiward(...args: readonly string[]): Promise<Ran> {
    const env = { ...process.env, STORE: store, PHIWARD_STATE: join(work, "state") };
    return new Promise((done) => {
      execFile(process.execPath, [BIN, ...args], { cwd: work, env }, (error, stdout, stderr) => {
        done({ status: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  async function json(name: string, ...args: readonly string[]) {
    const { stdout, stderr } = await phiward(...args, "--store", "env:STORE", "--json");
    const report = JSON.parse(stdout === "" ? `"${stderr}"` : stdout);
    const valid = ajv.getSchema(`report#/$defs/${name}`)!;
    expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
    return report;
  }

  test("a database without tables is told apart from one that does not answer", async () => {
    const [empty, away] = await Promise.all([
      phiward("store", "check", "--store", "env:STORE"),
      phiward("token", "list", "--store", "postgres://nobody@127.0.0.1:1/none"),
    ]);
    expect([empty.status, empty.stderr]).toEqual([2, expect.stringContaining("STORE_VERSION")]);
    expect([away.status, away.stderr]).toEqual([2, expect.stringContaining("STORE_UNAVAILABLE")]);
  });

  test("an address with a password is refused where others could read it, and not repeated", async () => {
    const { status, stderr } = await phiward(
      ...["store", "check", "--store", "postgres://gw:hunter2@127.0.0.1/phiward"],
    );
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("the password stands in the open"),
    ]);
    expect(stderr).not.toContain("hunter2");
  });

  test("`store init` makes the tables once, and grants a role what a gateway needs and no more", async () => {
    await cluster.query({ url: store, timeoutMs: 0 }, "CREATE ROLE gateway_role LOGIN");
    expect(await json("storeInit", "store", "init", "--role", "gateway_role")).toMatchObject({
      before: 0,
    });
    expect(await json("storeInit", "store", "init")).toMatchObject({ before: 1, version: 1 });
    const owner = store;
    store = owner.replace("postgres@", "gateway_role@");
    const { stdout } = await phiward("store", "check", "--store", "env:STORE", "--json");
    expect(JSON.parse(stdout).problems.join()).not.toContain("may change records");
    const settings = { url: store, timeoutMs: 0 };
    await expect(cluster.query(settings, "DELETE FROM record")).rejects.toThrow(
      "permission denied",
    );
    await expect(cluster.query(settings, "UPDATE record SET line = ''")).rejects.toThrow(
      "permission denied",
    );
  });

  test("tokens are issued, listed and revoked there, as the gateway's role", async () => {
    const { token } = await json("tokenIssue", "token", "issue", "--grant", "nurse");
    expect(token).toMatch(/^phw_/);
    await json("tokenRevoke", "token", "revoke", "--grant", "nurse");
    expect((await json("tokenList", "token", "list")).tokens).toMatchObject([
      { grant: "nurse", state: "revoked" },
    ]);
  });

  test("a gateway runs on that role; what it did is found, and verified", async () => {
    const world = await startNodes({ store: { url: store, timeoutMs: 2_000 }, names: ["gw-1"] });
    const [node] = world.nodes;
    await node!.ask("get_labs", { patient_id: "p-17" });
    // The token of the test before was issued and revoked while no gateway ran.
    const isTold = (): boolean =>
      node!.records().some((one) => one.kind === "admin" && one.action === "token.revoked");
    await until(isTold);
    const { state } = node!;
    await node!.stop();
    const [who, query, told] = await Promise.all([
      json("auditWho", "audit", "who", "--patient", "p-17", "--state", state),
      json("auditQuery", "audit", "query", "--kind", "decision", "--limit", "1"),
      json("auditQuery", "audit", "query", "--rule", "token.revoked"),
    ]);
    expect(who.accesses).toMatchObject([{ node: "gw-1", tool: "get_labs", verdict: "allow" }]);
    expect(query.records).toMatchObject([{ tool: "get_labs", node: "gw-1" }]);
    expect(told.records).toHaveLength(1);
    const config = join(work, "engine.yaml");
    writeFileSync(config, JSON.stringify({ version: "1", store: { url: "env:STORE" } }));
    const verified = await phiward("audit", "verify", "--config", config);
    expect([verified.status, verified.stdout]).toEqual([
      0,
      expect.stringContaining("✓ whole: 1 chain"),
    ]);
    await Promise.all([
      json("auditVerifyStore", "audit", "verify"),
      json("storeCheck", "store", "check"),
    ]);
    await world.stop();
  });
});
