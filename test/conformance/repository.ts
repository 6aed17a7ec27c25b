/** The policy repository that lets the conformance suite through: every tool pinned, labelled, listed. */
import { lockOf, writeFiles } from "../support/policy-folder.ts";
import { PROMPTS } from "./prompts.ts";

type Tool = Parameters<typeof lockOf>[1][number];

/** The one grant, whose token the suite calls with. */
export const GRANT = "conformance-suite";

/** Every method that a client or a server of either era may use; a policy names each. */
const METHODS = [
  "resources/read",
  "resources/subscribe",
  "resources/unsubscribe",
  "prompts/get",
  "completion/complete",
  "logging/setLevel",
  "subscriptions/listen",
  "notifications/message",
  "sampling/createMessage",
  "elicitation/create",
  "roots/list",
  "inputResponses",
  "tasks/get",
  "tasks/result",
  "tasks/update",
  "tasks/cancel",
  "tasks/list",
];

/** More than the suite ever calls, and yet a limit: each call is counted, reserved and settled. */
const LIMIT = { counter: "calls", window: "hour", max: 100_000, scope: "grant" };

/** What nobody's record is in: the suite's words are all made up. */
const LABEL = { effect: "read", ephi: false, volume: "single", subject: "none" };

/** Writes a repository for a server at `url` into `folder`; its tools are asked for and pinned. */
export async function writeRepository(folder: string, url: string): Promise<void> {
  const tools = await listTools(url);
  const names = tools.map(({ name }) => name);
  writeFiles(folder, {
    "phiward.yaml": {
      version: "1",
      bundle: { name: "conformance" },
      subject: { key: "v1" },
      gate: { approvers: [{ team: "privacy-officers", count: 1 }] },
    },
    "servers/everything.yaml": {
      version: "1",
      id: "everything",
      description: "The server of the conformance suite",
      vendor: { name: "Example Tests Inc.", baa: { status: "not_required" } },
      transport: { type: "http", url },
      readOnlyCredential: true,
      tools: labelled(names),
      methods: labelled(METHODS),
    },
    "servers/everything.lock.json": lockOf("everything", tools),
    "policies/everything.yaml": {
      version: "1",
      description: "Everything that the suite calls, each by name",
      default: "deny",
      all_tools: { limits: [LIMIT] },
      tools: Object.fromEntries(names.map((name) => [name, {}])),
      methods: {
        ...Object.fromEntries(METHODS.map((method) => [method, { limits: [LIMIT] }])),
        "prompts/get": {
          require: [{ path: "args.name", op: "in", value: Object.keys(PROMPTS) }],
          limits: [LIMIT],
        },
      },
    },
    [`grants/${GRANT}.yaml`]: {
      version: "1",
      id: GRANT,
      principal: { kind: "agent", id: "agent:conformance", responsible: "person:a.example" },
      purpose: "operations",
      justification: "Shows that the gateway speaks MCP as the server does",
      access: [{ server: "everything", policy: "everything" }],
      ...dates(),
      lastReview: { on: dates().issued, by: "person:b.example" },
    },
  });
}

function labelled(names: readonly string[]): Record<string, typeof LABEL> {
  return Object.fromEntries(names.map((name) => [name, LABEL]));
}

/** The grant is young whenever the suite runs. */
function dates(now = Date.now()): { issued: string; expires: string } {
  const day = (offset: number): string =>
    new Date(now + offset * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  return { issued: day(-1), expires: day(180) };
}

/** `tools/list` as it is on the wire: a client of the SDK could lose what it does not know. */
async function listTools(url: string): Promise<readonly Tool[]> {
  const version = "2026-07-28";
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": version,
      "mcp-method": "tools/list",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta } }),
    signal: AbortSignal.timeout(5_000),
  });
  const { result } = (await response.json()) as { result: { tools: readonly Tool[] } };
  return result.tools;
}
