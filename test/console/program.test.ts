/** The program itself: what it prints, what it keeps to itself, and how it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../../engine/gateway/config.ts";
import { authority } from "../support/certificates.ts";
import { until } from "../support/until.ts";
import { type House, makeHouse } from "./house.ts";
import { logIn, send } from "./visitor.ts";

const PROGRAM = resolve(import.meta.dirname, "../../cli/bin.ts");

let house: House;
let folder: string;
beforeAll(async () => {
  // The program's clock is the machine's.
  house = await makeHouse({ calls: 20, reviewersAt: Date.now() });
  folder = mkdtempSync(join(tmpdir(), "phiward-console-program-"));
});
afterAll(async () => {
  await house.remove();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn(process.execPath, [PROGRAM, "console", ...args], {
    env: { ...process.env, PHIWARD_TOKEN: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      said += chunk;
    });
  }
  const ended = new Promise<number | null>((done) => child.once("exit", done));
  return { child, said: () => said, ended };
}

test("it prints one line with its address and a way in, and no token; a signal ends it", async () => {
  const token = house.token["privacy-office"];
  const place = ["--state", house.state, "--dir", house.repository];
  const { child, said, ended } = run(place, { PHIWARD_TOKEN: token });
  const line = await until(() => said().includes("\n") && said().split("\n")[0], 30_000);
  const ready = JSON.parse(line!);
  expect(ready).toEqual({
    ready: true,
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[0-9]+\/$/),
    enter: expect.stringMatching(/\/enter\/[A-Za-z0-9_-]{43}$/),
  });
  expect((await send(ready.url, { path: new URL(ready.enter).pathname })).status).toBe(200);
  const visitor = await logIn(ready.url, token);
  expect((await visitor.get("/activity")).status).toBe(200);
  await visitor.post("/patient", { patient: "a b c,d" });
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(said().trim()).toBe(line);
  expect(said()).not.toContain(token);
});

test.each([
  [
    "without a policy nobody can enter",
    () => ["--state", house.state],
    "error[USAGE]: say which policy",
  ],
  [
    "without a log there is nothing to show",
    () => ["--state", join(folder, "none"), "--dir", house.repository],
    "error[NO_AUDIT_LOG]",
  ],
])("%s, and it says so", async (_, args, says) => {
  const { said, ended } = run(args());
  expect(await ended).toBe(2);
  expect(said()).toContain(says);
});

test("somebody who has no part in the audit is not invited", async () => {
  const token = house.token["lookup-bot-3"];
  const { said, ended } = run(["--state", house.state, "--dir", house.repository], {
    PHIWARD_TOKEN: token,
  });
  expect(await ended).not.toBe(0);
  expect(said()).toContain("error[NOT_PERMITTED]");
  expect(said()).not.toContain(token);
});

/** What of engine.yaml is refused, with words of the message. */
const REFUSED: readonly (readonly [string, string])[] = [
  ["{ listen: '0.0.0.0:8430', hosts: [audit.example.org] }", "plain HTTP beyond loopback"],
  ["{ listen: '10.0.0.1:8430', url: 'https://audit.example.org' }", "plain HTTP beyond loopback"],
  ["{ listen: '127.0.0.1:99999' }", "no such port"],
  ["{ url: 'http://audit.example.org' }", "`url` is not of the right form"],
  ["{ oidc: { issuer: 'http://id.example.org', clientId: c } }", "not reached over TLS"],
  [
    "{ oidc: { issuer: 'https://id.example.org', clientId: c, clientSecret: 'env:NOT_SET' } }",
    "cannot be read",
  ],
  [
    "{ oidc: { issuer: 'https://id.example.org', clientId: c, clientSecret: written-here } }",
    "`clientSecret` is not of the right form",
  ],
  ["{ tls: { cert: 'file:no.pem', key: 'file:no.key' } }", "cannot be read"],
  ["{ tls: { cert: 'file:no.pem' } }", "key"],
  ["{ idle: forever }", "`idle` is not of the right form"],
];

test.each(REFUSED)("console: %s is refused: %s", (text, says) => {
  const path = join(folder, "engine.yaml");
  writeFileSync(path, `version: "1"\nconsole: ${text}\n`);
  expect(() => readConfig(path, {})).toThrow(says);
});

test("with a certificate it speaks TLS alone", async () => {
  const home = join(folder, "tls");
  mkdirSync(home);
  const root = authority(home, "Hospital");
  const { cert, key } = root.issue("console");
  const path = join(folder, "tls.yaml");
  writeFileSync(
    path,
    `version: "1"\nconsole: { listen: '127.0.0.1:0', tls: { cert: 'file:${cert}', key: 'file:${key}' } }\n`,
  );
  const { listen } = readConfig(path, {}).console!;
  const console = await house.start({ listen, now: Date.now });
  expect(console.url).toMatch(/^https:/);
  const { readFileSync } = await import("node:fs");
  const { get } = await import("node:https");
  const headers = await new Promise<Record<string, unknown>>((done, fail) => {
    get(`${console.url}enter`, { ca: readFileSync(root.cert) }, (response) => {
      response.resume();
      done(response.headers);
    }).on("error", fail);
  });
  expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  await expect(send(`http://127.0.0.1:${console.port}/`)).rejects.toThrow();
});
