/**
 * Which era and revision a message belongs to, and whether its headers agree with its body.
 *
 * MCP 2026-07-28 is stateless: every request carries `_meta` with the protocol version and the
 * client's capabilities, and mirrors method and name in headers. Everything up to 2025-11-25 is the
 * legacy era. The body decides; a header is only compared (MCP 2026-07-28, basic/transports, "Standard
 * request headers"). A header that names another call than the body would let a judge of the one and
 * an executor of the other disagree.
 */
import { isObject, own, type Received, type ReceivedObject } from "../json/value.ts";
import type { Message } from "./message.ts";
import { CLIENT_REQUESTS, type Era } from "./methods.ts";
import type { RefusalCode } from "./refusal.ts";

export const MODERN_VERSIONS: readonly string[] = ["2026-07-28"];
export const LEGACY_VERSIONS: readonly string[] = [
  "2025-11-25",
  "2025-06-18",
  "2025-03-26",
  "2024-11-05",
];

export const META = {
  version: "io.modelcontextprotocol/protocolVersion",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  subscription: "io.modelcontextprotocol/subscriptionId",
} as const;

/** Header names in lower case; a name that stands twice never comes this far. */
export type Headers = Readonly<Record<string, string | undefined>>;

export interface Envelope {
  readonly era: Era;
  /** The revision that the message names; a legacy message need not name one. */
  readonly version?: string;
}

export interface EnvelopeProblem {
  readonly problem: RefusalCode;
  /** Of an unsupported revision: what was asked for, and those of its era that are served. */
  readonly version?: VersionProblem;
}

export interface VersionProblem {
  readonly requested?: string;
  readonly supported: readonly string[];
}

export type EnvelopeResult = Envelope | EnvelopeProblem;

/** `headers` is undefined on stdio, which has none. */
export function readEnvelope(message: Message, headers: Headers | undefined): EnvelopeResult {
  const named = headers?.["mcp-protocol-version"];
  if (message.kind === "response") return legacy(named);
  const claim = claimOf(message.params);
  if (claim === undefined) {
    if (named !== undefined && MODERN_VERSIONS.includes(named)) {
      // A notification may say its revision in the header alone; a request may not.
      if (message.kind === "notification") {
        return headersAgree(message, headers!) ?? { era: "modern", version: named };
      }
      return {
        problem: message.method === "initialize" ? "header_mismatch" : "bad_envelope",
      };
    }
    const envelope = legacy(named);
    if ("problem" in envelope || headers === undefined) return envelope;
    return optionalHeadersAgree(message, headers) ?? envelope;
  }
  if (typeof claim !== "string") return { problem: "bad_envelope" };
  // The header is compared first: a request whose two versions differ has no version.
  if (headers !== undefined && named !== undefined && named !== claim) {
    return { problem: "header_mismatch" };
  }
  if (!MODERN_VERSIONS.includes(claim)) {
    return unsupported(claim, MODERN_VERSIONS);
  }
  if (message.kind === "request" && !isObject(metaOf(message.params)?.[META.capabilities])) {
    return { problem: "bad_envelope" };
  }
  if (headers === undefined) return { era: "modern", version: claim };
  if (named === undefined) return { problem: "header_missing" };
  return headersAgree(message, headers) ?? { era: "modern", version: claim };
}

function legacy(named: string | undefined): EnvelopeResult {
  if (named === undefined) return { era: "legacy" };
  return LEGACY_VERSIONS.includes(named)
    ? { era: "legacy", version: named }
    : unsupported(named, LEGACY_VERSIONS);
}

/** MCP asks that the answer says what was requested; a version is short. */
function unsupported(requested: string, supported: readonly string[]): EnvelopeProblem {
  return {
    problem: "unsupported_version",
    version: { requested: requested.slice(0, 32), supported },
  };
}

function metaOf(params: ReceivedObject): ReceivedObject | undefined {
  const meta = own(params, "_meta");
  return isObject(meta) ? (meta as ReceivedObject) : undefined;
}

function claimOf(params: ReceivedObject): Received | undefined {
  const meta = metaOf(params);
  return meta === undefined ? undefined : own(meta, META.version);
}

type Problem = { readonly problem: RefusalCode } | undefined;

/** The modern era: `Mcp-Method` must be there, and `Mcp-Name` where the method names something. */
function headersAgree(message: Exclude<Message, { kind: "response" }>, headers: Headers): Problem {
  const method = headers["mcp-method"];
  if (method === undefined) {
    return message.kind === "request" ? { problem: "header_missing" } : undefined;
  }
  if (nameParameter(message) !== undefined && headers["mcp-name"] === undefined) {
    return { problem: "header_missing" };
  }
  return optionalHeadersAgree(message, headers);
}

/** The legacy era does not ask for the headers; where they stand they must not lie. */
function optionalHeadersAgree(
  message: Exclude<Message, { kind: "response" }>,
  headers: Headers,
): Problem {
  const method = headers["mcp-method"];
  if (method !== undefined && method !== message.method) return { problem: "header_mismatch" };
  const name = headers["mcp-name"];
  if (name === undefined) return undefined;
  const parameter = nameParameter(message);
  const meant = parameter === undefined ? undefined : own(message.params, parameter);
  return typeof meant === "string" && decodeHeader(name) === meant
    ? undefined
    : { problem: "header_mismatch" };
}

function nameParameter(message: Exclude<Message, { kind: "response" }>): string | undefined {
  const method = message.kind === "request" ? CLIENT_REQUESTS.get(message.method) : undefined;
  // A method that the modern era does not have names nothing there; it is refused as unknown.
  return method?.era === "legacy" ? undefined : method?.name;
}

const SENTINEL = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

/** A header's value: as it stands, or base64 of UTF-8 between sentinels; undefined when it is neither. */
export function decodeHeader(value: string): string | undefined {
  const encoded = SENTINEL.exec(value)?.[1];
  // Node reads header bytes as Latin-1, so text beyond ASCII must come encoded.
  if (encoded === undefined) return /^[\x20-\x7e\t]*$/.test(value) ? value : undefined;
  const bytes = Buffer.from(encoded, "base64");
  // Base64 that does not print back to itself has two spellings, and so two readers.
  if (bytes.toString("base64") !== encoded) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** As `decodeHeader` reads it back. */
export function encodeHeader(value: string): string {
  const plain = /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/.test(value) && !SENTINEL.test(value);
  return plain ? value : `=?base64?${Buffer.from(value, "utf8").toString("base64")}?=`;
}

/**
 * Whether the `Mcp-Param-*` headers say what the arguments say. `schema` is the tool's pinned input
 * schema; a property with `x-mcp-header: NAME` is mirrored in `Mcp-Param-NAME`. A header that no
 * property asks for is passed on untouched.
 */
export function parametersAgree(
  schema: Received | undefined,
  args: Received | undefined,
  headers: Headers,
): boolean {
  if (!isObject(schema)) return true;
  const properties = own(schema as ReceivedObject, "properties");
  if (!isObject(properties)) return true;
  return Object.entries(properties as ReceivedObject).every(([name, property]) => {
    if (!isObject(property)) return true;
    const value = isObject(args) ? own(args as ReceivedObject, name) : undefined;
    const mirrored = own(property as ReceivedObject, "x-mcp-header");
    if (typeof mirrored === "string") {
      const header = headers[`mcp-param-${mirrored.toLowerCase()}`];
      if (!mirrors(header, value)) return false;
    }
    return parametersAgree(property as Received, value, headers);
  });
}

function mirrors(header: string | undefined, value: Received | undefined): boolean {
  if (value === undefined || value === null) return header === undefined;
  if (header === undefined) return false;
  const said = decodeHeader(header);
  if (typeof value === "string") return said === value;
  if (typeof value === "number" || typeof value === "boolean") return said === String(value);
  return false;
}
