/**
 * What an auditor and a reviewer ask of a gateway in production: a signed release, a listener with
 * TLS, and the host's own engine.yaml, all by the built program.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authority, type Certificate } from "../support/certificates.ts";

const PROGRAM = resolve(import.meta.dirname, "../../dist/cli/bin.js");
const SECRET = "the-credential-of-the-server";
/** A patient whom nobody had; looked for in everything that is written. */
const PATIENT = "p-4711-planted";
const DAY = 24 * 60 * 60_000;

let root: string;
let repository: string;
let certificate: Certificate;
let ca: string;
let gateway: ChildProcess | undefined;
let url: string;

const day = (days: number): string => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

/** The grant of a principal, valid around today. */
function grant(principal: string, purpose: string, rest: string): string {
  return `version: "1"
principal: ${principal}
purpose: ${purpose}
justification: for this test
issued: ${day(-10)}
expires: ${day(90)}
lastReview: { on: ${day(-10)}, by: "person:s.park" }
${rest}
`;
}

const environment = (): Record<string, string> => ({
  PATH: process.env.PATH ?? "",
  HOME: root,
  EHR_CREDENTIAL: SECRET,
  NODE_EXTRA_CA_CERTS: ca,
  GIT_AUTHOR_NAME: "m.chen",
  GIT_AUTHOR_EMAIL: "m.chen@example.org",
  GIT_COMMITTER_NAME: "m.chen",
  GIT_COMMITTER_EMAIL: "m.chen@example.org",
});

interface Said {
  readonly status: number | null;
  readonly out: string;
}

function phiward(args: readonly string[], token?: string): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd: repository,
    env: { ...environment(), ...(token === undefined ? {} : { PHIWARD_TOKEN: token }) },
    encoding: "utf8",
  });
  return { status, out: stdout + stderr };
}

function done(...args: readonly string[]): string {
  const { status, out } = phiward(args);
  if (status !== 0) throw new Error(`phiward ${args.join(" ")}: ${out}`);
  return out;
}

function git(...args: readonly string[]): void {
  execFileSync("git", args, { cwd: repository, env: environment() });
}

function token(id: string): string {
  const args = ["--grant", id, "--state", join(root, "state"), "--format", "json"];
  return (JSON.parse(done("token", "issue", ...args)) as { token: string }).token;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "phiward-auditor-"));
  repository = join(root, "hospital");
  mkdirSync(repository);
  const ours = authority(root, "authority");
  ca = ours.cert;
  certificate = ours.issue("gateway");
  for (const name of ["m.chen", "s.park"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(root, name)]);
  }
  git("init", "-q", "-b", "main", ".");
  done(
    ...["init", ".", "--signing", "--approver", "team:privacy"],
    ...["--officer", `privacy:m.chen=${join(root, "m.chen.pub")}`],
    ...["--officer", `security:s.park=${join(root, "s.park.pub")}`],
    ...["--repository", "https://git.example.org/policies.git"],
  );
  const person = '{ kind: person, id: "person:m.chen" }';
  const agent = '{ kind: agent, id: "agent:er-1", responsible: "person:m.chen" }';
  const files = {
    "m-chen": grant(person, "operations", "access: [ { audit: sign } ]"),
    "er-1": grant(
      agent,
      "emergency",
      'access: [ { server: ehr, policy: lookup } ]\nbreakGlass: { openers: ["person:m.chen"], max: 1h }',
    ),
  };
  for (const [id, text] of Object.entries(files)) {
    writeFileSync(join(repository, `grants/${id}.yaml`), text);
  }
  for (const name of ["m.chen", "s.park"]) done("root", "sign", "--key", join(root, name));
  git("add", ".");
  git("commit", "-q", "-m", "Begin");
  done("bundle", "build", ".", "--commit", "HEAD", "--release", "release");
  const builder = join(root, "hospital-builder.key");
  for (const key of [builder, join(root, "m.chen"), join(root, "s.park")]) {
    done("bundle", "sign", "--key", key);
  }
  execFileSync("git", ["init", "-q", "--bare", join(root, "policies.git")]);
  done("bundle", "publish", "--key", builder, "--to", join(root, "policies.git"));
  writeFileSync(
    join(root, "engine.yaml"),
    `version: "1"
node: gw-1
state: ./state
bundle: { source: ./policies.git, trust: ./hospital/release/trust.json, poll: 5s }
listen: { http: "127.0.0.1:18443", tls: { cert: "file:${certificate.cert}", key: "file:${certificate.key}" } }
upstreams:
  ehr: { origins: [https://ehr.example.org], headers: { Authorization: "env:EHR_CREDENTIAL" } }
`,
  );
  const args = [PROGRAM, "gateway", "--config", join(root, "engine.yaml"), "--http", "0"];
  gateway = spawn(process.execPath, args, {
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await new Promise<[string]>((found) =>
    createInterface({ input: gateway!.stdout! }).once("line", (first) => found([first])),
  );
  ({ url } = JSON.parse(line) as { url: string });
}, 60_000);

afterAll(() => {
  gateway?.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

/** One call of an agent over TLS; the text of the answer. */
function read(credential: string): Promise<string> {
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "get_patient_record", arguments: { patient_id: PATIENT } },
  });
  return new Promise((found, failed) => {
    const asked = request(
      `${url}/ehr`,
      {
        method: "POST",
        ca: readFileSync(ca),
        headers: {
          authorization: `Bearer ${credential}`,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
      },
      (answer) => {
        let text = "";
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () => found(text));
      },
    );
    asked.on("error", failed);
    asked.end(body);
  });
}

test("an emergency is opened over TLS, used, closed, signed, and stands in the evidence", async () => {
  const [chen, agent] = [token("m-chen"), token("er-1")];
  const gatewayUrl = url.replace("/mcp", "");
  const opening = [
    "emergency",
    "open",
    "er-1",
    "--reason",
    "the ward has no power",
    "--for",
    "30m",
  ];
  expect(await read(agent)).toContain("(dormant)");
  // The agent's own token opens nothing.
  expect(phiward([...opening, "--url", gatewayUrl], agent).status).toBe(1);
  expect(phiward([...opening, "--url", gatewayUrl], chen).status).toBe(0);
  await read(agent);
  expect(phiward(["emergency", "close", "er-1", "--url", gatewayUrl], chen).status).toBe(0);

  const state = ["--state", join(root, "state")];
  const found = done("audit", "who", "--patient", PATIENT, ...state);
  expect(found).toContain("denied by (dormant)");
  expect(found).toContain("opened as ");
  expect(found).toMatch(/grant from +commit [0-9a-f]{12}/);

  const listed = done("emergency", "list", ...state, "--format", "json");
  const [id] = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/.exec(listed) ?? [];
  const signing = ["emergency", "review", id!, "--sign", ...state, "--dir", "."];
  expect(phiward(signing, agent).status).not.toBe(0);
  expect(phiward(signing, chen)).toEqual({ status: 0, out: expect.stringContaining("signed now") });

  const folder = join(root, "evidence");
  const period = ["--from", day(-1), "--to", day(0)];
  done("evidence", ...period, "--output", folder, "--config", join(root, "engine.yaml"));
  const page = readFileSync(join(folder, "index.html"), "utf8");
  expect(page).toContain("The log is whole");
  expect(page).toContain("er-1");
  const configuration = readFileSync(join(folder, "configuration/engine.json"), "utf8");
  expect(configuration).toContain("env:EHR_CREDENTIAL");
  const checked = spawnSync(process.execPath, [join(folder, "verify.mjs"), folder]);
  expect(checked.status).toBe(0);
  const planted = spawnSync("grep", [
    "-rlE",
    `${PATIENT}|${SECRET}|phw_`,
    folder,
    join(root, "state"),
  ]);
  expect(planted.stdout.toString()).toBe("");

  const trust = ["--trust", "release/trust.json"];
  const report = done("audit", "report", ...period, ...state, ...trust, "--format", "json");
  expect(JSON.parse(report)).toMatchObject({ schema: "phiward.audit-report/1" });
}, 60_000);

test("the pages are those of the release that runs, and let nobody in without a credential", async () => {
  const shown = spawn(
    process.execPath,
    [PROGRAM, "console", "--config", join(root, "engine.yaml"), "--port", "0"],
    {
      env: { ...environment(), PHIWARD_TOKEN: token("m-chen") },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  try {
    const [line] = await new Promise<[string]>((found) =>
      createInterface({ input: shown.stdout }).once("line", (first) => found([first])),
    );
    const ready = JSON.parse(line) as { url: string; enter: string };
    const outside = await fetch(`${ready.url}releases`, { redirect: "manual" });
    expect(await outside.text()).not.toContain("commit");
    const form = await (await fetch(ready.enter)).text();
    expect(form).not.toContain("phw_");
    const code = /name="code" value="([^"]+)"/.exec(form)![1]!;
    const entered = await fetch(`${ready.url}enter`, {
      method: "POST",
      headers: { origin: new URL(ready.url).origin },
      body: new URLSearchParams({ code }),
      redirect: "manual",
    });
    const cookie = entered.headers.get("set-cookie")!.split(";")[0]!;
    const releases = await (await fetch(`${ready.url}releases`, { headers: { cookie } })).text();
    const commit = execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: repository,
      encoding: "utf8",
    });
    expect(releases).toContain(commit.slice(0, 12));
  } finally {
    shown.kill("SIGTERM");
  }
}, 30_000);
