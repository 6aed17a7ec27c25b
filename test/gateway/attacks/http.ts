/** The form of the HTTP request, as bytes: two readers of one request, and requests of other pages. */
import { call, EHR, type World } from "../../support/gateway.ts";
import type { Answer } from "../../support/http-client.ts";
import { type Attack, attack, type Expected, PLANTED, refused } from "./attack.ts";

const MALFORMED = refused(400, -32600, "malformed_http");
const TWICE = refused(400, -32600, "duplicate_header");
const HOST = refused(403, 403, "bad_host");
const ORIGIN = refused(403, 403, "bad_origin");
const NOT_FOUND = refused(404, 403, "not_found");
const METHOD = refused(405, 403, "http_method");
const MEDIA = refused(415, 403, "media_type", { grant: "nurse" });
const LARGE = refused(413, 403, "too_large", { grant: "nurse" });

const BODY = JSON.stringify(call("get_patient", { patient_id: PLANTED }));
const LENGTH = `Content-Length: ${BODY.length}`;

interface Raw {
  readonly line?: string;
  readonly host?: string | undefined;
  readonly end?: string;
  readonly body?: string;
}

/** A POST with these header lines; it would be allowed if nothing were wrong with it. */
function raw(
  world: World,
  lines: readonly string[],
  { line = `POST ${EHR} HTTP/1.1`, end = "\r\n", body = BODY, ...more }: Raw = {},
): string {
  const host = "host" in more ? more.host : `127.0.0.1:${world.port}`;
  return [
    line,
    ...(host === undefined ? [] : [`Host: ${host}`]),
    `Authorization: Bearer ${world.tokens.nurse}`,
    "Content-Type: application/json",
    ...lines,
    "",
    body,
  ].join(end);
}

const bytes = (title: string, expected: Expected, lines: readonly string[], more?: Raw): Attack =>
  attack(title, expected, (world) => world.send(raw(world, lines, more)));

const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

export const FRAMING: readonly Attack[] = [
  bytes("a length and chunks", MALFORMED, [LENGTH, "Transfer-Encoding: chunked"], {
    body: chunked,
  }),
  bytes("chunks and a length", MALFORMED, ["Transfer-Encoding: chunked", "Content-Length: 4"], {
    body: chunked,
  }),
  bytes("two lengths", MALFORMED, [LENGTH, "Content-Length: 4"]),
  bytes("a length with a sign", MALFORMED, [`Content-Length: +${BODY.length}`]),
  bytes("a list of lengths", MALFORMED, [`${LENGTH}, ${BODY.length}`]),
  bytes("an unknown coding after the chunks", MALFORMED, ["Transfer-Encoding: chunked, identity"], {
    body: chunked,
  }),
  bytes("chunked in another spelling", MALFORMED, ["Transfer-Encoding: xchunked"], {
    body: chunked,
  }),
  bytes("a folded header", MALFORMED, [LENGTH, "X-Folded: one", " two"]),
  bytes("a space before the colon", MALFORMED, ["Transfer-Encoding : chunked", LENGTH]),
  bytes("bare line feeds", MALFORMED, [LENGTH], { end: "\n" }),
  bytes("a zero byte in a header", MALFORMED, [LENGTH, "X-Zero: a\0b"]),
  bytes("HTTP/1.0", MALFORMED, [LENGTH, "Connection: close"], { line: `POST ${EHR} HTTP/1.0` }),
  bytes("a version that is none", MALFORMED, [LENGTH], { line: `POST ${EHR} HTTP/1.2` }),
  bytes("headers beyond 16 KiB", MALFORMED, [LENGTH, `X-Long: ${"a".repeat(17_000)}`]),
  bytes("a chunk whose size is no number", MALFORMED, ["Transfer-Encoding: chunked"], {
    body: `zz\r\n${BODY}\r\n0\r\n\r\n`,
  }),
];

export const TWO_HEADERS: readonly Attack[] = [
  bytes("two Authorization headers", TWICE, [LENGTH, "Authorization: Bearer phw_other"]),
  bytes("two Host headers", TWICE, [LENGTH, "Host: 127.0.0.1"]),
  bytes("two content types", TWICE, [LENGTH, "Content-Type: text/plain"]),
  bytes("two sessions", TWICE, [LENGTH, "Mcp-Session-Id: a", "Mcp-Session-Id: b"]),
  bytes("two methods", TWICE, [LENGTH, "Mcp-Method: tools/call", "mcp-method: tools/list"]),
  bytes("two tools", TWICE, [LENGTH, "Mcp-Name: get_patient", "Mcp-Name: list_wards"]),
  bytes("two revisions", TWICE, [
    LENGTH,
    "MCP-Protocol-Version: 2025-11-25",
    "MCP-Protocol-Version: 2026-07-28",
  ]),
  bytes("one mirrored argument twice", TWICE, [
    LENGTH,
    "Mcp-Param-Region: north",
    "Mcp-Param-Region: south",
  ]),
  bytes("two origins", TWICE, [LENGTH, "Origin: http://127.0.0.1", "Origin: null"]),
];

export const PATHS: readonly Attack[] = [
  bytes("a whole URL as the target", NOT_FOUND, [LENGTH], {
    line: `POST http://127.0.0.1${EHR} HTTP/1.1`,
  }),
  bytes("dots that lead to the server", NOT_FOUND, [LENGTH], {
    line: "POST /mcp/../mcp/ehr HTTP/1.1",
  }),
  bytes("an escaped slash", NOT_FOUND, [LENGTH], { line: "POST /mcp%2fehr HTTP/1.1" }),
  bytes("an escaped slash behind the path", NOT_FOUND, [LENGTH], {
    line: "POST /mcp/ehr%2f HTTP/1.1",
  }),
  bytes("an escaped letter", NOT_FOUND, [LENGTH], { line: "POST /mcp/%65hr HTTP/1.1" }),
  bytes("two slashes", NOT_FOUND, [LENGTH], { line: "POST //mcp/ehr HTTP/1.1" }),
  bytes("a slash behind", NOT_FOUND, [LENGTH], { line: "POST /mcp/ehr/ HTTP/1.1" }),
  bytes("the server in capitals", NOT_FOUND, [LENGTH], { line: "POST /mcp/EHR HTTP/1.1" }),
  bytes("a semicolon", NOT_FOUND, [LENGTH], { line: "POST /mcp/ehr;v=1 HTTP/1.1" }),
  bytes("a path that names a patient", NOT_FOUND, [LENGTH], {
    line: `POST /patients/${PLANTED} HTTP/1.1`,
  }),
  // Answered like a server that the grant does not reach.
  bytes("a server that is not there", refused(404, 403, "no_server"), [LENGTH], {
    line: `POST /mcp/${PLANTED} HTTP/1.1`,
  }),
];

export const PLACES: readonly Attack[] = [
  bytes("another host", HOST, [LENGTH], { host: "evil.example" }),
  bytes("another host that begins like ours", HOST, [LENGTH], { host: "127.0.0.1.evil.example" }),
  bytes("no host", HOST, [LENGTH], { host: undefined }),
  bytes("an empty host", HOST, [LENGTH], { host: "" }),
  bytes("a user before the host", HOST, [LENGTH], { host: "evil.example@127.0.0.1" }),
  bytes("loopback in another spelling", HOST, [LENGTH], { host: "127.1" }),
  bytes("loopback as an IPv6 address that holds it", HOST, [LENGTH], {
    host: "[::ffff:127.0.0.1]",
  }),
  bytes("a page without a name", ORIGIN, [LENGTH, "Origin: null"]),
  bytes("a page of another name", ORIGIN, [LENGTH, "Origin: http://evil.example"]),
  bytes("a page whose name begins like ours", ORIGIN, [
    LENGTH,
    "Origin: http://127.0.0.1.evil.example",
  ]),
  bytes("an origin with a path", ORIGIN, [LENGTH, "Origin: http://127.0.0.1/page"]),
  bytes("an origin with a user", ORIGIN, [LENGTH, "Origin: http://evil.example@127.0.0.1"]),
  bytes("an origin that is no URL", ORIGIN, [LENGTH, `Origin: ${PLANTED}`]),
  bytes("an origin behind a hundred other headers", MALFORMED, [
    LENGTH,
    ...Array.from({ length: 120 }, (_, i) => `X-Filler-${i}: 1`),
    "Origin: http://evil.example",
  ]),
];

const http =
  (method: string) =>
  (world: World): Promise<Answer> =>
    world.http(method);
const typed = (headers: Readonly<Record<string, string>>) => (world: World) =>
  world.post(BODY, { headers });

export const METHODS: readonly Attack[] = [
  attack("PUT", METHOD, http("PUT")),
  attack("OPTIONS", METHOD, http("OPTIONS")),
  attack("HEAD", { ...METHOD, reads: { status: 405 } }, http("HEAD")),
  attack("a stream without a session", METHOD, http("GET")),
  attack("the end of no session", METHOD, http("DELETE")),
];

export const BODIES: readonly Attack[] = [
  attack("a form", MEDIA, typed({ "content-type": "application/x-www-form-urlencoded" })),
  attack("plain text, which a web page may send", MEDIA, typed({ "content-type": "text/plain" })),
  attack("JSON of another kind", MEDIA, typed({ "content-type": "application/json-seq" })),
  attack("a compressed body", MEDIA, typed({ "content-encoding": "gzip" })),
  attack("an encoding that changes nothing", MEDIA, typed({ "content-encoding": "identity" })),
  bytes("a body that is announced as too large", LARGE, [`Content-Length: ${5 * 1024 * 1024}`], {
    body: "",
  }),
  attack("chunks that grow too large", LARGE, (world) => {
    const chunk = `100000\r\n${" ".repeat(0x100000)}\r\n`;
    return world.send(
      raw(world, ["Transfer-Encoding: chunked"], { body: "" }),
      ...Array.from({ length: 5 }, () => chunk),
    );
  }),
];

/** For a gateway that waits for half a second. */
export const SLOW: readonly Attack[] = [
  bytes("a body that does not come", refused(408, 403, "slow_body"), [LENGTH], {
    body: BODY.slice(0, 10),
  }),
  attack("headers that do not end", refused(408, 403, "slow_body"), (world) =>
    world.send(`POST ${EHR} HTTP/1.1\r\nHost: 127.0.0.1\r\n`),
  ),
];
