/** What a grant does not reach: methods, tools, resources; and what an agent learns of them. */
import { call, legacy, modern, modernHeaders, type World } from "../../support/gateway.ts";
import {
  type Attack,
  attack,
  denied,
  deniedMethod,
  notGranted,
  PLANTED,
  refused,
} from "./attack.ts";

const ARGS = { patient_id: PLANTED };

/** The old era says so within HTTP's "OK", the new one with "not found". */
const UNKNOWN = refused(200, -32601, "unknown_method", { grant: "nurse" });
const UNKNOWN_MODERN = refused(404, -32601, "unknown_method", { grant: "nurse" });
/** Nobody waits for an answer. */
const UNKNOWN_NOTIFICATION = refused(400, -32601, "unknown_method", { grant: "nurse" });

export const UNKNOWN_METHODS: readonly Attack[] = [
  attack("a method that is no MCP method", UNKNOWN, (world) =>
    world.post(legacy(`patients/${PLANTED}`)),
  ),
  attack("a method in capitals", UNKNOWN, (world) => world.post(legacy("TOOLS/CALL"))),
  attack("a method that is no MCP method, in the new era", UNKNOWN_MODERN, (world) =>
    world.post(modern(`patients/${PLANTED}`), { headers: modernHeaders(`patients/${PLANTED}`) }),
  ),
  attack("a handshake in the new era, which has none", UNKNOWN_MODERN, (world) =>
    world.post(modern("initialize", { protocolVersion: "2026-07-28" }), {
      headers: modernHeaders("initialize"),
    }),
  ),
  attack("the new era's question in the old one", UNKNOWN, (world) =>
    world.post(legacy("server/discover")),
  ),
  attack("our own name for opening a stream", UNKNOWN, (world) =>
    world.post(legacy("stream/open")),
  ),
  attack("our own name for a session's end", UNKNOWN, (world) => world.post(legacy("session/end"))),
  attack("our own name for a retry's answers", UNKNOWN, (world) =>
    world.post(legacy("inputResponses")),
  ),
  attack("a tool call that wants no answer", UNKNOWN_NOTIFICATION, (world) =>
    world.post({
      jsonrpc: "2.0",
      method: "tools/call",
      params: { name: "get_patient", arguments: { patient_id: PLANTED } },
    }),
  ),
  attack("a server's question, from the client", UNKNOWN, (world) =>
    world.post(legacy("sampling/createMessage", { text: PLANTED })),
  ),
  attack("a server's notification, from the client", UNKNOWN_NOTIFICATION, (world) =>
    world.post({ jsonrpc: "2.0", method: "notifications/message", params: { data: PLANTED } }),
  ),
  // A notification has no answer in which a denial could stand, and nobody would judge it.
  attack(
    "reading a resource outside the pattern without wanting an answer",
    UNKNOWN_NOTIFICATION,
    (world) =>
      world.post({ jsonrpc: "2.0", method: "resources/read", params: { uri: "ehr://payroll" } }),
  ),
  attack(
    "a notification that the policy lists, outside what it says",
    {
      reads: { status: 403 },
      logged: { kind: "decision", verdict: "deny", rule: "/methods/notifications~1ward/require/0" },
    },
    (world) =>
      world.post({ jsonrpc: "2.0", method: "notifications/ward", params: { ward: PLANTED } }),
  ),
  attack(
    "a server's question, from a client whose policy lists it",
    { ...UNKNOWN, logged: { ...UNKNOWN.logged, grant: "scribe" } },
    (world) => world.post(legacy("sampling/createMessage", { maxTokens: 1 }), { as: "scribe" }),
  ),
  attack(
    "a retry's answers as a message, from a client whose policy lists them",
    { ...UNKNOWN, logged: { ...UNKNOWN.logged, grant: "scribe" } },
    (world) => world.post(legacy("inputResponses", { text: PLANTED }), { as: "scribe" }),
  ),
];

export const TOOLS: readonly Attack[] = [
  attack("a tool that the policy does not list", notGranted("(default deny)"), (world) =>
    world.post(call("search_patients", { query: PLANTED })),
  ),
  attack("a tool that does not exist", notGranted("(default deny)"), (world) =>
    world.post(call(`tool-${PLANTED}`)),
  ),
  attack("a tool that the policy lists and hides", notGranted("(hidden)"), (world) =>
    world.post(call("secret_report", ARGS)),
  ),
  attack("a tool that the policy lists and nobody pinned", notGranted("(quarantined)"), (world) =>
    world.post(call("new_tool", ARGS)),
  ),
  attack("a tool with the name of an inherited property", notGranted("(default deny)"), (world) =>
    world.post(call("constructor", ARGS)),
  ),
  attack("a tool named `__proto__`", notGranted("(default deny)"), (world) =>
    world.post(call("__proto__", ARGS)),
  ),
  attack(
    "arguments that the pinned schema does not take",
    denied("(schema)", undefined, { argKeys: ["patient_id"], argsOther: 0 }),
    (world) => world.post(call("get_patient", { patient_id: [PLANTED] })),
  ),
  // The name of an argument may itself be a patient's.
  attack(
    "a patient's number as the name of an argument",
    denied("(schema)", undefined, { argKeys: ["patient_id"], argsOther: 1 }),
    (world) => world.post(call("get_patient", { patient_id: "p-1", [PLANTED]: 1 })),
  ),
  attack(
    "a grant for emergencies that nobody has opened",
    denied("(dormant)", undefined, { grant: "night" }),
    (world) => world.post(call("get_patient", ARGS), { as: "night" }),
  ),
  attack(
    "the list of a grant that nobody has opened",
    deniedMethod("(dormant)", { grant: "night", method: "tools/list" }),
    (world) => world.post(legacy("tools/list"), { as: "night" }),
  ),
  attack("the modern era denies alike", notGranted("(hidden)"), (world) =>
    world.post(modern("tools/call", { name: "secret_report", arguments: ARGS }), {
      headers: modernHeaders("tools/call", "secret_report"),
    }),
  ),
];

const PATTERN = deniedMethod("/methods/resources~1read/require/0", { grant: "nurse" });
const METHOD = deniedMethod("(method)", { grant: "nurse" });

const listening = (resourceSubscriptions: unknown) => (world: World) =>
  world.post(modern("subscriptions/listen", { notifications: { resourceSubscriptions } }), {
    as: "scribe",
    headers: modernHeaders("subscriptions/listen"),
  });

export const METHODS: readonly Attack[] = [
  attack("a resource outside the pattern", PATTERN, (world) =>
    world.post(legacy("resources/read", { uri: `ehr://patients/${PLANTED}` })),
  ),
  attack("a resource whose address only begins like one", PATTERN, (world) =>
    world.post(legacy("resources/read", { uri: `ehr://wards/../${PLANTED}` })),
  ),
  attack("a resource behind a line break", PATTERN, (world) =>
    world.post(legacy("resources/read", { uri: `ehr://wards\n${PLANTED}` })),
  ),
  attack("a list of addresses", PATTERN, (world) =>
    world.post(legacy("resources/read", { uri: ["ehr://wards", PLANTED] })),
  ),
  attack("no address", PATTERN, (world) => world.post(legacy("resources/read"))),
  attack("a prompt", METHOD, (world) => world.post(legacy("prompts/get", { name: PLANTED }))),
  attack(
    "another prompt than the granted one",
    deniedMethod("/methods/prompts~1get/require/0", { grant: "scribe" }),
    (world) => world.post(legacy("prompts/get", { name: PLANTED }), { as: "scribe" }),
  ),
  attack("a completion, which tells values", METHOD, (world) =>
    world.post(
      legacy("completion/complete", {
        ref: { type: "ref/resource", uri: "ehr://patients/{id}" },
        argument: { name: "id", value: PLANTED },
      }),
    ),
  ),
  attack("the level of logging", METHOD, (world) =>
    world.post(legacy("logging/setLevel", { level: "debug" })),
  ),
  attack("a subscription to a resource", METHOD, (world) =>
    world.post(legacy("resources/subscribe", { uri: `ehr://patients/${PLANTED}` })),
  ),
  attack("a stream of changes in the modern era", METHOD, (world) =>
    world.post(modern("subscriptions/listen", { notifications: {} }), {
      headers: modernHeaders("subscriptions/listen"),
    }),
  ),
  attack(
    "a stream of changes of a resource that may not be read",
    deniedMethod("(method)", { grant: "scribe", method: "subscriptions/listen" }),
    listening(["ehr://payroll"]),
  ),
  attack(
    "a stream of changes of a resource that stands in no list",
    deniedMethod("(method)", { grant: "scribe", method: "subscriptions/listen" }),
    listening("ehr://payroll"),
  ),
  attack("the list of everybody's tasks", METHOD, (world) => world.post(legacy("tasks/list"))),
];
