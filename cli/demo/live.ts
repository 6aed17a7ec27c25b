/**
 * The part of the demo that runs for real, all on loopback: a FHIR store, the MCP server in front of
 * it, the gateway in front of that, and an agent with the token of its grant.
 */
import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startDevGateway } from "../../engine/gateway/index.ts";
import type * as Engine from "../../engine/index.ts";

type Api = typeof Engine;
type AuditEntry = ReturnType<Api["query"]>["records"][number]["record"];

export interface Tried {
  readonly tool: string;
  readonly args: object;
}

export type LiveResult =
  | { readonly ran: false; readonly why: string }
  | {
      readonly ran: true;
      /** What the agent sees of the server's tools. */
      readonly shown: readonly string[];
      /** Whether every tool that the server offers is exactly as pinned. */
      readonly asPinned: boolean;
      readonly allowed: Heard;
      readonly denied: Heard;
      /** After the token was revoked: whether the same call still went through. */
      readonly afterRevoking: Heard;
      /** What the log says of it, in order. */
      readonly records: readonly AuditEntry[];
      /** Calls of the log that name the patient of the allowed one. */
      readonly found: ReturnType<Api["who"]>["accesses"];
      /** Whether the chain verifies against its signed checkpoints. */
      readonly whole: boolean;
    };

/** What an agent heard of a call, and what the store saw of it. */
export interface Heard {
  readonly text: string;
  readonly ok: boolean;
  readonly storeRequests: readonly string[];
}

interface Ehr {
  readonly store: {
    readonly url: string;
    readonly requests: readonly { readonly method: string; readonly path: string }[];
    stop(): Promise<void>;
  };
}
interface Agent {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: object }): Promise<{
    isError?: unknown;
    content?: unknown;
  }>;
  close(): Promise<void>;
}
interface Modules {
  startStore(): Promise<Ehr["store"]>;
  mcpServerCommand(fhirUrl: string): readonly string[];
  connectAgent(url: string, token: string): Promise<Agent>;
}

export interface LiveOptions {
  readonly engine: Api;
  readonly host: Engine.Host;
  /** The folder of the example. */
  readonly hospital: URL;
  readonly grant: string;
  readonly server: string;
  readonly allowed: Tried;
  readonly denied: Tried;
  /** The patient that both calls name. */
  readonly patient: string;
}

export async function tryLive(options: LiveOptions): Promise<LiveResult> {
  const modules = await load(options.hospital);
  if (modules === undefined) {
    return {
      ran: false,
      why: "the FHIR store is a development dependency; run the demo from a checkout to see it",
    };
  }
  const store = await modules.startStore();
  const folder = await mkdtemp(join(tmpdir(), "phiward-demo-"));
  try {
    return await runLive(options, modules, store, folder);
  } finally {
    await store.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function load(hospital: URL): Promise<Modules | undefined> {
  try {
    const at = (file: string): string => new URL(`ehr/${file}`, hospital).href;
    return { ...(await import(at("store.ts"))), ...(await import(at("start.ts"))) } as Modules;
  } catch {
    return undefined;
  }
}

async function runLive(
  { engine, host, hospital, grant, server, allowed, denied, patient }: LiveOptions,
  { mcpServerCommand, connectAgent }: Modules,
  store: Ehr["store"],
  folder: string,
): Promise<LiveResult> {
  const policy = join(folder, "policy");
  const state = join(folder, "state");
  await cp(fileURLToPath(hospital), policy, { recursive: true });
  await pointAt(join(policy, "servers", `${server}.yaml`), mcpServerCommand(store.url));
  const { gateway, tokens } = await startDevGateway({
    folder: policy,
    state,
    host,
    grants: [grant],
  });
  const url = await gateway.listen("127.0.0.1", 0);
  const agent = await connectAgent(url, tokens[grant]!);
  const attempt = (call: Tried): Promise<Heard> => hear(agent, store, call);
  const { tools } = await agent.listTools();
  const heard = { allowed: await attempt(allowed), denied: await attempt(denied) };
  const change = { at: host.now(), by: "person:m.chen", random: randomBytes };
  await gateway.tokens.change(engine.revokeTokens((token) => token.grant === grant, change));
  const afterRevoking = await attempt(allowed);
  const { pins } = gateway.runtime;
  const asPinned = pins.state(server) === "checked" && pins.quarantined === 0;
  await agent.close().catch(() => {});
  await gateway.stop();

  const folders = engine.auditState(state);
  const { log } = folders;
  const index = engine.freshIndex(log);
  const { records } = engine.query(log, index, {}, { limit: 100 });
  const { accesses } = engine.who(log, index, engine.pseudonymsOf(patient, folders), {});
  index.close();
  const key = engine.ownPublicKey(folders);
  const verified = engine.verifyLog(log, { keys: key === undefined ? [] : [key], kept: [] });
  return {
    ran: true,
    shown: tools.map(({ name }) => name),
    asPinned,
    ...heard,
    afterRevoking,
    records: records.map(({ record }) => record).reverse(),
    found: accesses,
    whole: verified.verdict === "whole",
  };
}

/** The example names a fixed port; here the store has one of its own. */
async function pointAt(file: string, command: readonly string[]): Promise<void> {
  const text = await readFile(file, "utf8");
  const line = `command: ${JSON.stringify(command)}`;
  await writeFile(
    file,
    text.replace(/command: \[.*\]/, () => line),
  );
}

async function hear(agent: Agent, store: Ehr["store"], { tool, args }: Tried): Promise<Heard> {
  const before = store.requests.length;
  const seen = (): string[] =>
    store.requests.slice(before).map(({ method, path }) => `${method} ${path}`);
  try {
    const { isError, content } = await agent.callTool({ name: tool, arguments: args });
    const [block] = (content ?? []) as { text?: string }[];
    return { ok: isError !== true, text: block?.text ?? "", storeRequests: seen() };
  } catch (error) {
    return { ok: false, text: (error as Error).message, storeRequests: seen() };
  }
}
