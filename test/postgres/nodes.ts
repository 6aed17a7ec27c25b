/** Several gateways in this process on one database, with one server behind them. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRecords } from "../../engine/audit/read.ts";
import type { AuditRecord } from "../../engine/audit/record.ts";
import { type DevGateway, startDevGateway } from "../../engine/gateway/dev.ts";
import type { GatewaySettings } from "../../engine/gateway/gateway.ts";
import { nodeHost } from "../../engine/host/host.ts";
import type { StoreSettings } from "../../engine/postgres/url.ts";
import { call } from "../support/gateway.ts";
import { type Answer, exchange } from "../support/http-client.ts";
import { lifeAround, PINNED, policyFiles, writeFiles } from "../support/policy-folder.ts";
import { type Fields, startUpstream, type TestUpstream } from "../support/upstream.ts";

export interface TestNode {
  readonly name: string;
  readonly state: string;
  readonly running: DevGateway;
  readonly port: number;
  /** One tool call; as the nurse, unless another token is given. */
  ask(tool: string, args: Fields, token?: string): Promise<Answer>;
  records(): readonly AuditRecord[];
  stop(): Promise<void>;
}

export interface Nodes {
  readonly upstream: TestUpstream;
  readonly nodes: readonly TestNode[];
  /** Another node, or one that was stopped. */
  start(name: string): Promise<TestNode>;
  stop(): Promise<void>;
}

export interface NodesOptions {
  readonly store: StoreSettings;
  readonly names: readonly string[];
  /** Limits of a tool, in the nurse's policy. */
  readonly limits?: Readonly<Record<string, readonly Fields[]>>;
  readonly overrides?: Partial<GatewaySettings>;
}

export async function startNodes(options: NodesOptions): Promise<Nodes> {
  const { store, names, limits = {}, overrides } = options;
  const root = mkdtempSync(join(tmpdir(), "phiward-nodes-"));
  const folder = join(root, "policies");
  mkdirSync(folder);
  const upstream = await startUpstream({ tools: PINNED });
  const transport = { type: "http", url: `${upstream.origin}/mcp` };
  const files = policyFiles({ ehr: transport }, lifeAround(Date.now()));
  writeFiles(folder, {
    ...files,
    "policies/care.yaml": limited(files["policies/care.yaml"]!, limits),
  });
  const running = new Set<TestNode>();
  let first: string | undefined;

  async function start(name: string): Promise<TestNode> {
    const state = join(root, name);
    // Every node knows patients by the same names.
    if (first !== undefined && !existsSync(state)) {
      mkdirSync(join(state, "keys"), { recursive: true });
      cpSync(join(first, "keys", "subject-v1.key"), join(state, "keys", "subject-v1.key"));
    }
    const dev = await startDevGateway({
      folder,
      state,
      host: nodeHost,
      overrides: { node: name, store, ...overrides },
    });
    first ??= state;
    const url = await dev.gateway.listen("127.0.0.1", 0);
    const port = Number(new URL(url).port);
    const node: TestNode = {
      name,
      state,
      running: dev,
      port,
      ask: (tool, args, token = dev.tokens.nurse!) =>
        exchange({
          port,
          method: "POST",
          path: "/mcp/ehr",
          headers: {
            accept: "application/json, text/event-stream",
            "content-type": "application/json",
            authorization: `Bearer ${token}`,
          },
          body: JSON.stringify(call(tool, args)),
        }),
      records: () => [...readRecords(join(state, "audit"))],
      async stop() {
        running.delete(node);
        await dev.gateway.stop();
      },
    };
    running.add(node);
    return node;
  }

  const nodes: TestNode[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all([...running].map((node) => node.stop()));
    await upstream.stop();
    rmSync(root, { recursive: true, force: true });
  };
  try {
    for (const name of names) nodes.push(await start(name));
  } catch (error) {
    await stop();
    throw error;
  }
  return { upstream, nodes, start, stop };
}

function limited(policy: Fields, limits: Readonly<Record<string, readonly Fields[]>>): Fields {
  const own = Object.entries(limits).map(([tool, list]) => [tool, { limits: list }]);
  return { ...policy, tools: { ...(policy.tools as Fields), ...Object.fromEntries(own) } };
}

/** The rule that denied a call; "" for one that was answered. */
export function ruleOf({ status, message }: Answer): string {
  if (status === 503) return "refused";
  const { result } = message as { result?: { isError?: boolean; content?: { text: string }[] } };
  const text = result?.isError === true ? (result.content?.[0]?.text ?? "") : "";
  return /\(rule ([^,]+),/.exec(text)?.[1] ?? (text.startsWith("[POLICY DENIED]") ? text : "");
}

/** Asks many times, so many at once, in turns of the nodes. */
export async function askMany(
  nodes: readonly TestNode[],
  count: number,
  atOnce: number,
  ask: (node: TestNode, index: number) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      answers.push(await ask(nodes[index % nodes.length]!, index));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return answers;
}
