/** A header that names another call than the body: whoever judges by the one lets the other through. */
import { call, legacy, modern, modernHeaders } from "../../support/gateway.ts";
import type { Fields } from "../../support/upstream.ts";
import { type Attack, attack, type Expected, PLANTED, refused } from "./attack.ts";

const MISMATCH = refused(400, -32020, "header_mismatch", { grant: "nurse" });
const MISSING = refused(400, -32020, "header_missing", { grant: "nurse" });
const ENVELOPE = refused(400, -32602, "bad_envelope", { grant: "nurse" });
/** The client reads which revisions are served, and the log why it was refused. */
const UNSUPPORTED = {
  reads: { status: 400, rpc: -32022 },
  logged: { kind: "rejected", code: "unsupported_version", grant: "nurse" },
};

const ARGS = { patient_id: PLANTED };
const MESSAGE = modern("tools/call", { name: "get_patient", arguments: ARGS });
const HEADERS = modernHeaders("tools/call", "get_patient");

type Headers = Readonly<Record<string, string>>;

const withHeaders = (title: string, expected: Expected, headers: Headers) =>
  attack(title, expected, (world) => world.post(MESSAGE, { headers }));

function without(name: string): Headers {
  return Object.fromEntries(Object.entries(HEADERS).filter(([key]) => key !== name));
}

function claim(meta: Fields): object {
  return legacy("tools/call", { name: "get_patient", arguments: ARGS, _meta: meta });
}

const VERSION = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

export const NAMES: readonly Attack[] = [
  withHeaders("another method in the header", MISMATCH, {
    ...HEADERS,
    "mcp-method": "tools/list",
  }),
  withHeaders("the method in capitals", MISMATCH, { ...HEADERS, "mcp-method": "TOOLS/CALL" }),
  withHeaders("no method in the headers", MISSING, without("mcp-method")),
  withHeaders("another tool in the header", MISMATCH, {
    ...HEADERS,
    "mcp-name": "search_patients",
  }),
  withHeaders("no tool in the headers", MISSING, without("mcp-name")),
  withHeaders("another tool in the header, in base64", MISMATCH, {
    ...HEADERS,
    "mcp-name": `=?base64?${Buffer.from("search_patients").toString("base64")}?=`,
  }),
  // The last digit carries two bits that belong to no byte: R for Q.
  withHeaders("base64 in a second spelling", MISMATCH, {
    ...HEADERS,
    "mcp-name": "=?base64?Z2V0X3BhdGllbnR=?=",
  }),
  withHeaders("base64 without its padding", MISMATCH, {
    ...HEADERS,
    "mcp-name": "=?base64?Z2V0X3BhdGllbnQ?=",
  }),
  withHeaders("base64 of bytes that are no UTF-8", MISMATCH, {
    ...HEADERS,
    "mcp-name": `=?base64?${Buffer.from([0xc3, 0x28]).toString("base64")}?=`,
  }),
  withHeaders("base64 in the URL's alphabet", MISMATCH, {
    ...HEADERS,
    "mcp-name": "=?base64?Z2V0X3Bh_GllbnQ=?=",
  }),
  attack("a resource of another address in the header", MISMATCH, (world) =>
    world.post(modern("resources/read", { uri: `ehr://wards/${PLANTED}` }), {
      headers: modernHeaders("resources/read", "ehr://wards"),
    }),
  ),
  attack("a task of another id in the header", MISMATCH, (world) =>
    world.post(modern("tasks/get", { taskId: PLANTED }), {
      headers: modernHeaders("tasks/get", "t-1"),
    }),
  ),
];

export const VERSIONS: readonly Attack[] = [
  withHeaders("another revision in the header", MISMATCH, {
    ...HEADERS,
    "mcp-protocol-version": "2025-11-25",
  }),
  withHeaders("no revision in the headers", MISSING, without("mcp-protocol-version")),
  attack("the new revision in the header alone", ENVELOPE, (world) =>
    world.post(call("get_patient", ARGS), { headers: HEADERS }),
  ),
  attack("a handshake of the old era under the new one's header", MISMATCH, (world) =>
    world.post(legacy("initialize", { protocolVersion: "2025-11-25" }), {
      headers: { "mcp-protocol-version": "2026-07-28" },
    }),
  ),
  attack("a revision to come", UNSUPPORTED, (world) =>
    world.post(claim({ [VERSION]: "2027-01-01", [CAPABILITIES]: {} }), {
      headers: { ...HEADERS, "mcp-protocol-version": "2027-01-01" },
    }),
  ),
  // An old revision has no claims; one that is claimed is neither.
  attack("an old revision as a claim", UNSUPPORTED, (world) =>
    world.post(claim({ [VERSION]: "2025-11-25", [CAPABILITIES]: {} }), {
      headers: { "mcp-protocol-version": "2025-11-25" },
    }),
  ),
  attack("an unknown old revision", UNSUPPORTED, (world) =>
    world.post(call("get_patient", ARGS), { headers: { "mcp-protocol-version": "2020-01-01" } }),
  ),
  attack("a number as the claimed revision", ENVELOPE, (world) =>
    world.post(claim({ [VERSION]: 20260728, [CAPABILITIES]: {} }), { headers: HEADERS }),
  ),
  attack("a claim without capabilities", ENVELOPE, (world) =>
    world.post(claim({ [VERSION]: "2026-07-28" }), { headers: HEADERS }),
  ),
  attack("a claim with a text as capabilities", ENVELOPE, (world) =>
    world.post(claim({ [VERSION]: "2026-07-28", [CAPABILITIES]: PLANTED }), { headers: HEADERS }),
  ),
];

export const OLD_ERA: readonly Attack[] = [
  attack("a lying method", MISMATCH, (world) =>
    world.post(call("get_patient", ARGS), { headers: { "mcp-method": "tools/list" } }),
  ),
  attack("a lying tool", MISMATCH, (world) =>
    world.post(call("get_patient", ARGS), { headers: { "mcp-name": "list_wards" } }),
  ),
  attack("a tool's name on a message that has none", MISMATCH, (world) =>
    world.post(legacy("tools/list"), { headers: { "mcp-name": "get_patient" } }),
  ),
];

const WARDS = { region: "north", floor: 3, open: true };
const MIRRORED = {
  "mcp-param-region": "north",
  "mcp-param-floor": "3",
  "mcp-param-open": "true",
};

function wards(title: string, args: Fields, mirrored: Headers): Attack {
  return attack(title, { ...MISMATCH, logged: { ...MISMATCH.logged, server: "ehr" } }, (world) =>
    world.post(modern("tools/call", { name: "list_wards", arguments: args }), {
      headers: { ...modernHeaders("tools/call", "list_wards"), ...mirrored },
    }),
  );
}

const other = (mirrored: Headers): Headers => ({ ...MIRRORED, ...mirrored });

export const PARAMETERS: readonly Attack[] = [
  wards("another text than the argument's", WARDS, other({ "mcp-param-region": PLANTED })),
  wards("another number", WARDS, other({ "mcp-param-floor": "4" })),
  wards("the same number spelt otherwise", WARDS, other({ "mcp-param-floor": "3.0" })),
  wards("another truth value", WARDS, other({ "mcp-param-open": "false" })),
  wards("the truth value in capitals", WARDS, other({ "mcp-param-open": "True" })),
  wards("base64 in a second spelling", WARDS, other({ "mcp-param-region": "=?base64?bm9ydGj=?=" })),
  wards("no header for an argument that is there", WARDS, { "mcp-param-region": "north" }),
  wards(
    "a header for an argument that is not there",
    { floor: 3 },
    {
      "mcp-param-floor": "3",
      "mcp-param-region": PLANTED,
    },
  ),
  wards("a header for an argument that is null", { ...WARDS, region: null }, MIRRORED),
  wards("a header for an argument that is a list", { ...WARDS, region: ["north"] }, MIRRORED),
];
