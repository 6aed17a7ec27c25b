/**
 * Received → Authenticated: who is calling, by an opaque token or by one of an issuer. Either names
 * exactly one grant.
 */
import { hashToken } from "../grant/token.ts";
import { type Authenticated, authenticated, type Received } from "./call.ts";
import { tokenIdOf } from "./oidc/compact.ts";
import { isUnproven } from "./oidc/problem.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Runtime } from "./runtime.ts";
import { type Proof, standingOf } from "./standing.ts";
import type { EndedBy, OpenExchange } from "./streams.ts";

const AUTHORIZATION = /^(Bearer|DPoP) +([\x21-\x7e]+)$/i;

export interface Credential {
  readonly scheme: "bearer" | "dpop";
  readonly token: string;
}

/** Of an Authorization header (RFC 6750 §2.1, RFC 9449 §7.1); tokens in a query are not read. */
export function credentialIn(header: string | undefined): Credential | undefined {
  const [, scheme, token] = AUTHORIZATION.exec(header ?? "") ?? [];
  if (scheme === undefined || token === undefined) return undefined;
  return { scheme: scheme.toLowerCase() === "dpop" ? "dpop" : "bearer", token };
}

type Answer = Authenticated | Refusal;

/**
 * The grant of the token, as the policy in force has it. Tokens and revocations are looked up anew for
 * every message, so that a revocation stops the next one. A grant token is known at once; one of an
 * issuer may have to wait for its signature, and for the issuer's keys.
 */
export function authenticate(runtime: Runtime, received: Received): Answer | Promise<Answer> {
  const { credential, server, sender } = received;
  if (runtime.stopping()) return refuse("stopping");
  // No verified policy: nobody is known, whatever they hold.
  if (runtime.policy.current() === undefined) return refuse("store_unavailable");
  if (credential === undefined) return refuse("no_token", { server: knownServer(runtime, server) });
  // A grant token has no dot, and a signed one has two.
  if (credential.includes(".")) return authenticateJwt(runtime, received, credential);
  const hash = hashToken(credential);
  if (hash === undefined || sender?.scheme === "dpop") return refuse("unknown_token");
  return identify(runtime, received, { kind: "token", hash });
}

function authenticateJwt(
  runtime: Runtime,
  received: Received,
  credential: string,
): Answer | Promise<Answer> {
  const { identities } = runtime;
  if (identities === undefined) return refuse("unknown_token");
  const verified = identities.issuers.verify(credential, received.sender, received.at);
  const proceed = (result: Awaited<typeof verified>): Answer =>
    isUnproven(result)
      ? refuse(result.problem, { token: tokenIdOf(credential) })
      : identify(runtime, received, { kind: "jwt", verified: result });
  return verified instanceof Promise ? verified.then(proceed) : proceed(verified);
}

function identify(runtime: Runtime, received: Received, proof: Proof): Answer {
  // Asked for here: it may have changed while the signature was checked.
  const policy = runtime.policy.current();
  if (policy === undefined) return refuse("store_unavailable");
  const standing = standingOf(runtime, proof, policy, received.at);
  if (!standing.ok) return refuse(standing.code, { grant: standing.grant, token: standing.token });
  const grant = policy.repository.grants.get(standing.grant)!;
  return authenticated(received, { grant, token: standing.token, proof, policy });
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
  { proof, grant, endless, policy, session }: OpenExchange,
): EndedBy | undefined {
  const current = runtime.policy.current();
  if (current === undefined) return "revoked_stream";
  const standing = standingOf(runtime, proof, current, runtime.now());
  if (!standing.ok || standing.grant !== grant) return "revoked_stream";
  // Emergency access ends for what is under way as well.
  if (isDormant(runtime, grant, runtime.now())) return "over";
  if (!endless) return undefined;
  const isOver = session !== undefined && !runtime.sessions.has(session);
  return isOver || policy !== current ? "over" : undefined;
}

/** Whether the grant is one for emergencies that is not open. */
export function isDormant(runtime: Runtime, grant: string, at: number): boolean {
  const source = runtime.policy.current()?.repository.grants.get(grant)?.source;
  return source?.breakGlass !== undefined && !runtime.emergency.inForce(at).has(grant);
}
