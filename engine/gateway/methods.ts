/**
 * The methods of MCP, both eras, and what the gateway does with each. A method that is not here and
 * not in a policy is refused: deny by default holds for methods as for tools.
 */

export type Era = "modern" | "legacy";

export type MethodKind =
  /** Part of every session; needs a valid grant that reaches the server, and nothing more. */
  | "lifecycle"
  /** Answered here, without the server. */
  | "local"
  /** Built in; what it returns is filtered by what the grant could call. */
  | "list"
  /** A tool call: judged by the policy's tools. */
  | "tool"
  /** Judged by the policy's `methods`. */
  | "judged";

interface Method {
  readonly kind: MethodKind;
  /** The era that alone has it; both when absent. */
  readonly era?: Era;
  /** The parameter that names what is meant, mirrored in the `Mcp-Name` header (MCP 2026-07-28). */
  readonly name?: "name" | "uri" | "taskId";
}

const TASK: Method = { kind: "judged", name: "taskId" };

/** What a client may ask of a server. */
export const CLIENT_REQUESTS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["initialize", { kind: "lifecycle", era: "legacy" }],
  ["server/discover", { kind: "lifecycle", era: "modern" }],
  ["ping", { kind: "local", era: "legacy" }],
  ["tools/list", { kind: "list" }],
  ["prompts/list", { kind: "list" }],
  ["resources/list", { kind: "list" }],
  ["resources/templates/list", { kind: "list" }],
  ["tools/call", { kind: "tool", name: "name" }],
  ["prompts/get", { kind: "judged", name: "name" }],
  ["resources/read", { kind: "judged", name: "uri" }],
  ["resources/subscribe", { kind: "judged", era: "legacy" }],
  ["resources/unsubscribe", { kind: "judged", era: "legacy" }],
  ["completion/complete", { kind: "judged" }],
  ["logging/setLevel", { kind: "judged", era: "legacy" }],
  ["subscriptions/listen", { kind: "judged", era: "modern" }],
  ["tasks/get", TASK],
  ["tasks/result", { ...TASK, era: "legacy" }],
  ["tasks/cancel", TASK],
  ["tasks/update", { ...TASK, era: "modern" }],
  ["tasks/list", { kind: "judged", era: "legacy" }],
]);

/**
 * What a client of the legacy era asks by HTTP method alone. They are judged and recorded like
 * messages under these names; no JSON-RPC message may use them.
 */
export const STREAM_OPEN = "stream/open";
export const SESSION_END = "session/end";

/** What a client may tell a server without being asked. */
export const CLIENT_NOTIFICATIONS: ReadonlySet<string> = new Set([
  "notifications/initialized",
  "notifications/cancelled",
  "notifications/progress",
  "notifications/roots/list_changed",
]);

/** What a server of the legacy era may ask of a client; each needs an entry in `methods`. */
export const SERVER_REQUESTS: ReadonlySet<string> = new Set([
  "sampling/createMessage",
  "elicitation/create",
  "roots/list",
]);

/** What a server may tell a client as part of a call or session that was allowed. */
export const SERVER_NOTIFICATIONS: ReadonlySet<string> = new Set([
  "notifications/progress",
  "notifications/cancelled",
  "notifications/tools/list_changed",
  "notifications/prompts/list_changed",
  "notifications/resources/list_changed",
  "notifications/subscriptions/acknowledged",
  "notifications/elicitation/complete",
]);

/**
 * What a server may tell a client only when the policy lists one of these methods: it carries content
 * that the client did not ask for in this call.
 */
export const GOVERNED_NOTIFICATIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["notifications/message", ["notifications/message", "logging/setLevel"]],
  ["notifications/resources/updated", ["resources/subscribe", "subscriptions/listen"]],
  ["notifications/tasks/status", ["tasks/get", "subscriptions/listen"]],
  ["notifications/tasks", ["tasks/get", "subscriptions/listen"]],
]);

/** The policy entry that the answers of a multi-round retry need (MCP 2026-07-28, `inputResponses`). */
export const INPUT_RESPONSES = "inputResponses";

/** Names that may stand in a record as they are; any other may be a patient's. */
export function isKnownMethod(method: string): boolean {
  return (
    CLIENT_REQUESTS.has(method) ||
    CLIENT_NOTIFICATIONS.has(method) ||
    SERVER_REQUESTS.has(method) ||
    SERVER_NOTIFICATIONS.has(method) ||
    GOVERNED_NOTIFICATIONS.has(method) ||
    method === INPUT_RESPONSES ||
    method === STREAM_OPEN ||
    method === SESSION_END
  );
}
