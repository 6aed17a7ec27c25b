/**
 * What is refused before policy is asked: every reason, what the client reads, and the attack or
 * fault behind it. A refusal is recorded as `rejected`, with its code; nothing is forwarded.
 *
 * `rpc` is the JSON-RPC error code: -32700 to -32603 as in JSON-RPC 2.0 §5.1, -32020 to -32022 as in
 * MCP 2026-07-28; a refusal of our own is outside the range that JSON-RPC reserves.
 */
import type { VersionProblem } from "./envelope.ts";

/** JSON-RPC's and MCP's own codes, and the one for what policy denies. */
export const RPC = {
  PARSE: -32700,
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  INTERNAL: -32603,
  HEADER_MISMATCH: -32020,
  UNSUPPORTED_VERSION: -32022,
  /** Policy or the gateway denies. JSON-RPC reserves -32768 to -32000, so this is outside. */
  DENIED: 403,
} as const;

interface Kind {
  /** The HTTP status. */
  readonly status: number;
  readonly rpc: number;
  /** For the client. It never repeats what the client sent. */
  readonly message: string;
}

const denied = (message: string, status = 403): Kind => ({ status, rpc: RPC.DENIED, message });
const malformed = (message: string, rpc: number = RPC.INVALID_REQUEST): Kind => ({
  status: 400,
  rpc,
  message,
});
const mismatch = (message: string): Kind => malformed(message, RPC.HEADER_MISMATCH);

export const REFUSALS = {
  // Who is calling.
  no_token: denied("no token: send `Authorization: Bearer …`", 401),
  unknown_token: denied("the token is not known here", 401),
  expired_token: denied("the token has expired", 401),
  revoked_token: denied("the token was revoked", 401),
  // The grant was removed, re-issued, or given to another principal since the token was made.
  orphaned_token: denied(
    "the grant of this token is gone or has changed; ask for a new token",
    401,
  ),
  store_unavailable: denied("tokens cannot be checked at the moment", 503),
  revoked_stream: denied("the token is no longer valid", 401),
  // A token of an issuer, before its signature is known to be right: the client reads `unknown_token`.
  malformed_token: denied("the token is no signed token in compact form", 401),
  // A token that brings the key to check it with would be its own witness.
  token_header: denied("the token's header asks for what is not done here", 401),
  // No signature at all, or an HMAC with the public key as its secret (algorithm confusion).
  token_algorithm: denied("the token's algorithm is not accepted from its issuer", 401),
  unknown_issuer: denied("the token's issuer is not known here", 401),
  unknown_key: denied("the token's key is not one of its issuer's", 401),
  bad_signature: denied("the token's signature is wrong", 401),
  // And after: its holder may know what to mend.
  token_claims: denied("the token lacks a claim, or one is not of its form", 401),
  // An ID token, which a login leaves with the application, in place of an access token.
  token_type: denied("the token is no access token", 401),
  wrong_audience: denied("the token is for another resource", 401),
  early_token: denied("the token is not valid yet", 401),
  insufficient_scope: denied("the token lacks a scope"),
  unknown_subject: denied("no grant in force names this identity", 401),
  // A stolen token, without the key that it is bound to or with a proof that was seen before.
  sender_unproven: denied(
    "the token and a proof of its key (DPoP) come together or not at all",
    401,
  ),
  bad_proof: denied("the DPoP proof does not fit this request and its token", 401),
  replayed_proof: denied("the DPoP proof was used before", 401),
  identity_unavailable: denied("the token's issuer cannot be asked at the moment", 503),
  // Where the request comes from: a web page that a browser was tricked into calling us from (DNS rebinding).
  bad_host: denied("the Host header names another host"),
  bad_origin: denied("the Origin header names a page that may not call this gateway"),
  // Plain HTTP, an old protocol, or no certificate where one is asked for: there is nobody to answer.
  tls_handshake: denied("TLS could not be agreed on"),
  // The form of the HTTP request.
  malformed_http: malformed("the HTTP request is malformed"),
  // Two readers of one request that each take another of the two (request smuggling).
  duplicate_header: malformed("a header stands twice"),
  not_found: denied("nothing is served at this path", 404),
  http_method: denied("this HTTP method is not served here", 405),
  media_type: denied("the body must be application/json", 415),
  too_large: denied("the body is larger than 4 MiB", 413),
  slow_body: denied("the request took too long to arrive", 408),
  too_many: denied("too many sessions or streams are open", 503),
  stopping: denied("the gateway is stopping", 503),
  // The form of the message: what two JSON readers are known to read differently.
  bad_utf8: malformed("the body is not valid UTF-8", RPC.PARSE),
  bad_json: malformed("the body is not valid JSON", RPC.PARSE),
  duplicate_key: malformed(
    "two keys of one object are equal, or differ only in case or encoding",
    RPC.PARSE,
  ),
  too_deep: malformed("the JSON is nested deeper than 64 levels", RPC.PARSE),
  surrogate: malformed("a string holds half of a surrogate pair", RPC.PARSE),
  // A batch hides a second call behind the first.
  batch: malformed("JSON-RPC batches are not accepted"),
  bad_message: malformed("this is no JSON-RPC 2.0 request, notification or response"),
  // A header that names another call than the body does: whoever judges by the one lets the other through.
  header_mismatch: mismatch("a header does not agree with the body"),
  header_missing: mismatch("a header that this protocol revision requires is missing"),
  bad_envelope: malformed(
    "`_meta` lacks the protocol version or the client's capabilities",
    RPC.INVALID_PARAMS,
  ),
  unsupported_version: malformed(
    "this protocol revision is not served here",
    RPC.UNSUPPORTED_VERSION,
  ),
  // Methods.
  unknown_method: { status: 404, rpc: RPC.METHOD_NOT_FOUND, message: "the method is not known" },
  bad_params: malformed(
    "the parameters of this method are not of the form it needs",
    RPC.INVALID_PARAMS,
  ),
  // What belongs to one grant and was named by another (hijacking), or does not exist: told alike.
  no_session: denied("no such session; initialize again", 404),
  session_needed: malformed("an `Mcp-Session-Id` is needed; initialize first"),
  foreign_session: denied("no such session; initialize again", 404),
  expired_session: denied("no such session; initialize again", 404),
  foreign_task: { status: 200, rpc: RPC.INVALID_PARAMS, message: "no such task" },
  foreign_round: {
    status: 200,
    rpc: RPC.INVALID_PARAMS,
    message: "no call of yours waits for this answer",
  },
  changed_round: {
    status: 200,
    rpc: RPC.INVALID_PARAMS,
    message: "the call is not the one that asked for this answer",
  },
  unasked_response: denied("nobody asked for this response", 400),
  // No grant reaches this server, or there is none: told alike.
  no_server: denied("nothing is served at this path", 404),
} as const satisfies Record<string, Kind>;

export type RefusalCode = keyof typeof REFUSALS;

/** Read by the client under another code, which says less; the log has the true one. */
export const TOLD_AS: Readonly<Partial<Record<RefusalCode, RefusalCode>>> = {
  foreign_session: "no_session",
  expired_session: "no_session",
  // Whoever forges a token does not learn how far it got.
  malformed_token: "unknown_token",
  token_header: "unknown_token",
  token_algorithm: "unknown_token",
  unknown_issuer: "unknown_token",
  unknown_key: "unknown_token",
  bad_signature: "unknown_token",
};

/** A refusal as a value: the steps return it instead of their result. */
export interface Refusal {
  readonly refused: RefusalCode;
  /** What is known of the sender and the message; never what the message says. */
  readonly grant?: string | undefined;
  readonly token?: string | undefined;
  readonly server?: string | undefined;
  readonly method?: string | undefined;
  readonly session?: string | undefined;
  /** The JSON-RPC id to answer under, when one could be read. */
  readonly requestId?: string | number | undefined;
  /** The HTTP status, where an era has its own. */
  readonly status?: number | undefined;
  /** Of an unsupported revision. */
  readonly version?: VersionProblem | undefined;
}

export function refuse(refused: RefusalCode, more: Omit<Refusal, "refused"> = {}): Refusal {
  return { refused, ...more };
}

export function isRefusal<T extends object>(value: T | Refusal): value is Refusal {
  return "refused" in value;
}
