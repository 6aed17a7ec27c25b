/** The emergency commands, as people run them against a gateway. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { World } from "../support/gateway.ts";
import { REASON, startWard } from "./world.ts";

const root = resolve(import.meta.dirname, "../..");
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(JSON.parse(readFileSync(join(root, "schemas/report.schema.json"), "utf8")), "report");

let world: World;
beforeAll(async () => {
  world = await startWard();
});
afterAll(() => world.stop());

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As the holder of a grant's token. */
function phiward(as: string | undefined, ...args: readonly string[]): Promise<Ran> {
  const token = as === undefined ? "" : world.tokens[as]!;
  const env = {
    ...process.env,
    PHIWARD_TOKEN: token,
    PHIWARD_URL: `http://127.0.0.1:${world.port}`,
  };
  return new Promise((done) => {
    const program = [join(root, "dist/cli/bin.js"), "emergency", ...args];
    execFile(process.execPath, program, { encoding: "utf8", env }, (error, stdout, stderr) => {
      done({ status: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

async function json(name: string, status: number, as: string, ...args: readonly string[]) {
  const ran = await phiward(as, ...args, "--json");
  expect(ran.status, ran.stderr).toBe(status);
  const report = JSON.parse(ran.stdout);
  const valid = ajv.getSchema(`report#/$defs/${name}`)!;
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  return report;
}

const wish = ["--reason", REASON, "--for", "30m"];

test("opened, listed, refused a second time, closed; the offline list agrees", async () => {
  const { opened } = await json("emergency", 0, "chief", "open", "night", ...wish);
  expect(opened).toMatchObject({ grant: "night", openedBy: "person:m.example", reason: REASON });
  const listed = await json("emergencyList", 0, "deputy", "list");
  expect(listed.grants).toMatchObject([
    { grant: "night", maxMinutes: 240, open: { id: opened.id } },
  ]);
  const again = await json("emergency", 1, "deputy", "open", "night", ...wish);
  expect(again.refused.code).toBe("already_open");

  const { status, stdout } = await phiward("deputy", "close", "night");
  expect([status, stdout.split("\n")[0]]).toEqual([0, "closed night"]);
  const offline = await json("emergencyList", 0, "deputy", "list", "--state", world.state);
  expect(offline.awaitingReview).toMatchObject([
    { id: opened.id, closedBy: "person:d.example", closedFor: "person" },
  ]);
});

test("an agent's token opens nothing, and exit code 1 says so", async () => {
  const { status, stdout } = await phiward("night", "open", "night", ...wish);
  expect(status).toBe(1);
  expect(stdout).toBe(
    "refused  there is no emergency grant of this name that you may open (not_an_opener)\n",
  );
});

test.each<[string, string | undefined, readonly string[], string]>([
  ["no token", undefined, ["open", "night", ...wish], "nobody says who they are"],
  // It never leaves this machine.
  [
    "a reason about a patient",
    "chief",
    ["open", "night", "--reason", "chart of 412-55-7391 please", "--for", "1h"],
    "a reason names no patient",
  ],
  [
    "plain HTTP to somewhere else",
    "chief",
    ["list", "--url", "http://192.0.2.1:8420"],
    "plain HTTP beyond loopback",
  ],
  ["no gateway there", "chief", ["list", "--url", "http://127.0.0.1:9"], "cannot be reached"],
])("with %s it asks nobody", async (_, as, args, says) => {
  const { status, stderr, stdout } = await phiward(as, ...args);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(says);
  expect(stderr).not.toContain("412-55");
});
