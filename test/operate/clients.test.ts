/** Each client's configuration, read and started as that client would, with the SDK's own client. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CLIENTS,
  type Client as ClientName,
  clientConfig,
  type Reach,
} from "../../engine/operate/clients.ts";
import { type TokenPlace, tokenPlace } from "../../engine/operate/token-place.ts";
import { connectV1 } from "../support/mcp-clients.ts";
import { type Program, startProgram } from "../support/program.ts";

const root = resolve(import.meta.dirname, "../..");
const BIN = join(root, "dist/cli/bin.js");

let program: Program;
let work: string;
let token: string;
beforeAll(async () => {
  program = await startProgram();
  work = dirname(program.ready.state);
  token = program.ready.tokens.nurse!;
});
afterAll(() => program.dispose());

const stdio = (...args: readonly string[]): Reach => ({
  kind: "stdio",
  command: process.execPath,
  args: [BIN, "gateway", ...args, "--stdio"],
});
const http = (url: string): Reach => ({ kind: "http", url });
const VARIABLE: TokenPlace = { kind: "env", name: "PHIWARD_TOKEN" };

function written(client: ClientName, reach: Reach, place: TokenPlace = VARIABLE): string {
  const { text } = clientConfig(client, { name: "ehr", reach, token: place });
  expect(text).not.toContain(token);
  return text;
}

function run(args: readonly string[]): {
  readonly out: string;
  readonly err: string;
  readonly status: number | null;
} {
  const { stdout, stderr, status } = spawnSync(process.execPath, [BIN, ...args], {
    encoding: "utf8",
    input: "",
    env: { ...process.env, PHIWARD_TOKEN: token },
  });
  return { out: stdout, err: stderr, status };
}

/** What a client finds in its file, after it has put in what stands there by reference. */
interface Entry {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly url?: string;
  readonly authorization?: string;
}

/** Which references each client resolves, and to what; anything else goes through as it stands. */
const REFERENCES: Readonly<Record<Exclude<ClientName, "codex">, RegExp | undefined>> = {
  "claude-desktop": undefined,
  "claude-code": /\$\{([A-Z_]+)\}/g,
  vscode: /\$\{input:([a-z-]+)\}/g,
  cursor: /\$\{env:([A-Z_]+)\}/g,
  "gemini-cli": /\$\{([A-Z_]+)\}/g,
};

function readAs(client: ClientName, text: string): Entry {
  if (client === "codex") return readToml(text);
  const pattern = REFERENCES[client];
  const resolved =
    pattern === undefined
      ? text
      : text.replace(pattern, (_, name: string) =>
          /^(PHIWARD_TOKEN|phiward-token)$/.test(name) ? token : "unknown",
        );
  const whole = JSON.parse(resolved) as Record<string, Record<string, Record<string, unknown>>>;
  const server = Object.values(whole[client === "vscode" ? "servers" : "mcpServers"]!)[0]!;
  const { command, args, env, headers } = server;
  const url = server.url ?? server.httpUrl;
  const { Authorization } = (headers ?? {}) as { Authorization?: string };
  return {
    ...(command === undefined ? {} : { command: String(command), args: args as string[] }),
    ...(env === undefined ? {} : { env: env as Record<string, string> }),
    ...(url === undefined ? {} : { url: String(url) }),
    ...(Authorization === undefined ? {} : { authorization: Authorization }),
  };
}

/** The few forms of TOML that are written; a JSON string or list of strings is one of TOML too. */
function readToml(text: string): Entry {
  const [table, ...lines] = text.trim().split("\n");
  expect(table).toMatch(/^\[mcp_servers\.[A-Za-z0-9_-]+\]$/);
  const members = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(" = ");
      return [line.slice(0, at), JSON.parse(line.slice(at + 3))];
    }),
  ) as Record<string, unknown>;
  const variables = (members.env_vars as string[] | undefined) ?? [];
  return {
    ...(members.command === undefined
      ? {}
      : { command: String(members.command), args: members.args as string[] }),
    env: Object.fromEntries(variables.map((name) => [name, token])),
    ...(members.url === undefined ? {} : { url: String(members.url) }),
    ...(members.bearer_token_env_var === "PHIWARD_TOKEN"
      ? { authorization: `Bearer ${token}` }
      : {}),
  };
}

/** No client but this one starts programs alone. */
const REMOTE = CLIENTS.filter((client) => client !== "claude-desktop");

describe("a gateway that runs", () => {
  test.each(REMOTE)("is called by %s", async (client) => {
    const text = written(client, http(`${program.ready.url}/ehr`));
    const { url, authorization } = readAs(client, text);
    const connected = await connectV1(url!, authorization!.slice("Bearer ".length));
    expect(await connected.toolNames()).toContain("get_patient");
    await connected.close();
  });
});

describe("a gateway of its own", () => {
  let policies: string;
  let tokenFile: string;
  beforeAll(async () => {
    // Its state folder has one writer.
    await program.end();
    policies = join(work, "policies");
    tokenFile = join(work, "token");
    writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  });

  test.each(CLIENTS)("is started by %s", async (client) => {
    const place: TokenPlace =
      client === "claude-desktop" ? { kind: "file", path: tokenFile } : VARIABLE;
    const reach = stdio("--dev", policies, "--server", "ehr", "--state", program.ready.state);
    const { command, args = [], env = {} } = readAs(client, written(client, reach, place));
    // As a desktop starts it: no PATH worth the name, another working folder.
    const transport = new StdioClientTransport({
      command: command!,
      args: [...args],
      env: { PATH: "/usr/bin:/bin", ...env },
      cwd: "/",
      stderr: "ignore",
    });
    const connected = new Client({ name: "phiward-test", version: "1" });
    await connected.connect(transport as Parameters<Client["connect"]>[0]);
    const { tools } = await connected.listTools();
    expect(tools.map(({ name }) => name)).toContain("get_patient");
    await connected.close();
  });

  test("a token's file that others may read is refused", () => {
    const open = join(work, "open");
    writeFileSync(open, token, { mode: 0o644 });
    const { err, status } = run([
      "gateway",
      "--dev",
      policies,
      "--stdio",
      "--token",
      `file:${open}`,
    ]);
    expect(status).toBe(2);
    expect(err).toContain("EXPOSED_KEY");
    expect(err).not.toContain(token);
  });
});

test.each<[string, ClientName, Reach, TokenPlace, RegExp]>([
  [
    "a variable for a client that has none",
    "claude-desktop",
    stdio("--dev", "."),
    VARIABLE,
    /cannot name a variable/,
  ],
  [
    "a file for a client that calls",
    "codex",
    http("http://x/mcp"),
    { kind: "file", path: "t" },
    /from a file/,
  ],
])("%s is an error with a way out", (_, client, reach, place, says) => {
  expect(() => clientConfig(client, { name: "ehr", reach, token: place })).toThrow(says);
});

test("a token in place of where it is is not repeated", () => {
  expect(() => tokenPlace("phw_secret")).toThrow(/^(?!.*secret).*place of the token/);
});

test("the command prints it, says where it belongs, and its report is as the schema says", () => {
  const ajv = new Ajv2020({ strict: false });
  const schema = readFileSync(join(root, "schemas/report.schema.json"), "utf8");
  ajv.addSchema(JSON.parse(schema) as object, "report");
  const args = ["client-config", "--client", "vscode", "--url", "https://gateway.example.org/mcp"];
  const { out, err } = run([...args, "--server", "ehr"]);
  const config = clientConfig("vscode", {
    name: "ehr",
    reach: http("https://gateway.example.org/mcp/ehr"),
    token: VARIABLE,
  });
  expect(out).toBe(`${config.text}\n`);
  expect(err).toContain(".vscode/mcp.json");
  const report = JSON.parse(run([...args, "--format", "json"]).out) as object;
  expect(ajv.validate("report", report), ajv.errorsText()).toBe(true);
});
