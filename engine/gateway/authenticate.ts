/** Received → Authenticated: who is calling, by an opaque token that names exactly one grant. */
import { hashToken } from "../grant/token.ts";
import { type Authenticated, authenticated, type Received } from "./call.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Runtime } from "./runtime.ts";
import type { EndedBy, OpenExchange } from "./streams.ts";

const BEARER = /^Bearer +([\x21-\x7e]+)$/i;

/** The token of an Authorization header (RFC 6750 §2.1); tokens in a query are not read. */
export function bearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : BEARER.exec(header)?.[1];
}

/**
 * The grant of the token, as the policy in force has it. The store is asked anew for every message,
 * so that a revocation stops the next one.
 */
export function authenticate(runtime: Runtime, received: Received): Authenticated | Refusal {
  const { credential, at, server } = received;
  if (runtime.stopping()) return refuse("stopping");
  const policy = runtime.policy.current();
  // No verified policy: nobody is known, whatever they hold.
  if (policy === undefined) return refuse("store_unavailable");
  if (credential === undefined) return refuse("no_token", { server: knownServer(runtime, server) });
  const hash = hashToken(credential);
  if (hash === undefined) return refuse("unknown_token");
  runtime.tokens.refresh();
  const found = runtime.tokens.lookup(hash, policy.repository.source, at);
  if (!found.ok) return refuse(found.code, { grant: found.grant, token: found.tokenId });
  const grant = policy.repository.grants.get(found.grant);
  if (grant === undefined) return refuse("orphaned_token", { token: found.tokenId });
  return authenticated(received, { grant, token: found.tokenId, tokenHash: hash, policy });
}

/** A path may hold anything; only a name of the registry is recorded. */
function knownServer(runtime: Runtime, server: string | undefined): string | undefined {
  const known = server !== undefined && runtime.policy.current()?.repository.servers.has(server);
  return known ? server : undefined;
}

/**
 * Why an open exchange may not go on; undefined: it may. What has no end of its own was let in once,
 * so it ends with its session (automatic logoff) and with the policy that let it in: whoever opens it
 * again is judged again.
 */
export function endedBy(
  runtime: Runtime,
  { tokenHash, endless, policy, session }: OpenExchange,
): EndedBy | undefined {
  const current = runtime.policy.current();
  if (current === undefined) return "revoked_stream";
  runtime.tokens.refresh();
  const found = runtime.tokens.lookup(tokenHash, current.repository.source, runtime.now());
  if (!found.ok || !current.repository.grants.has(found.grant)) return "revoked_stream";
  if (!endless) return undefined;
  const isOver = session !== undefined && !runtime.sessions.has(session);
  return isOver || policy !== current ? "over" : undefined;
}
