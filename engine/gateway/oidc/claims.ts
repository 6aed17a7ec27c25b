/** What a token says, judged for this gateway at a time (RFC 7519 §4.1, RFC 9068 §4). Pure. */
import { isObject, own, type Received, type ReceivedObject } from "../../json/value.ts";
import type { Compact } from "./compact.ts";
import { type Unproven, unproven } from "./problem.ts";
import type { IssuerSettings } from "./settings.ts";

/** Times are epoch milliseconds. */
export interface Claims {
  readonly issuer: string;
  readonly subject: string;
  readonly issuedAt: number;
  /** The token is valid until just before; the tolerance is in it. */
  readonly expiresAt: number;
  /** RFC 9449 §6: the thumbprint of the key that the sender must hold. */
  readonly boundTo: string | undefined;
}

/** As long as a grant's file allows. */
const MAX_NAME = 2_000;

export function judgeClaims(
  { payload, type }: Compact,
  settings: IssuerSettings,
  at: number,
): Claims | Unproven {
  if (!isAccessToken(payload, type, settings.type)) return unproven("token_type");
  const subject = own(payload, "sub");
  const [issuedAt, expiresAt] = [timeOf(payload, "iat"), timeOf(payload, "exp")];
  const notBefore = Object.hasOwn(payload, "nbf") ? timeOf(payload, "nbf") : 0;
  const audience = textsOf(own(payload, "aud"));
  const boundTo = bindingOf(own(payload, "cnf"));
  if (typeof subject !== "string" || subject === "" || subject.length > MAX_NAME) {
    return unproven("token_claims");
  }
  // `iat` is needed too: without it nobody could say whether it was issued before a revocation.
  if (issuedAt === undefined || expiresAt === undefined || notBefore === undefined) {
    return unproven("token_claims");
  }
  if (audience === undefined) return unproven("token_claims");
  // A token for another resource, which that resource's owner could show here (RFC 8725 §3.9).
  if (!settings.audience.some((one) => audience.includes(one))) return unproven("wrong_audience");
  // A binding of a kind that cannot be checked here: to take the token without would undo it.
  if (boundTo === null) return unproven("sender_unproven");
  const tolerance = settings.clockToleranceMs;
  if (issuedAt > at + tolerance || notBefore > at + tolerance) return unproven("early_token");
  const oldest = settings.maxAgeMs === undefined ? Infinity : issuedAt + settings.maxAgeMs;
  const ends = Math.min(expiresAt, oldest) + tolerance;
  if (at >= ends) return unproven("expired_token");
  if (!hasScopes(payload, settings.scopes)) return unproven("insufficient_scope");
  return { issuer: settings.issuer, subject, issuedAt, expiresAt: ends, boundTo };
}

/** Claims of ID tokens (OIDC Core §2, §3.3.2.11) and of events (RFC 8417 §2.2). */
const OF_OTHER_TOKENS = ["nonce", "at_hash", "c_hash", "s_hash", "events"];

/**
 * An ID token says who somebody is to a client, not that the client may call us: an application that
 * a person logged in to could otherwise call here in their name. RFC 9068 tells the two apart by
 * `typ`. Issuers that leave it out are known by what only other tokens carry, and by what Keycloak
 * (`typ`) and Cognito (`token_use`) say of their own.
 */
function isAccessToken(
  payload: ReceivedObject,
  type: string | undefined,
  wanted: IssuerSettings["type"],
): boolean {
  if (type === "at+jwt") return true;
  if (wanted === "at+jwt" || (type !== undefined && type !== "jwt")) return false;
  if (OF_OTHER_TOKENS.some((name) => Object.hasOwn(payload, name))) return false;
  const [kind, use] = [own(payload, "typ"), own(payload, "token_use")];
  return (
    (kind === undefined || kind === "Bearer" || kind === "DPoP") &&
    (use === undefined || use === "access")
  );
}

/** A NumericDate (RFC 7519 §2) in epoch milliseconds; undefined when it is none. */
function timeOf(payload: ReceivedObject, claim: string): number | undefined {
  const seconds = own(payload, claim);
  const ok = typeof seconds === "number" && seconds >= 0 && seconds <= 8.64e12;
  return ok ? seconds * 1_000 : undefined;
}

/** A text, or several (RFC 7519 §4.1.3). */
function textsOf(value: Received | undefined): readonly string[] | undefined {
  const all = typeof value === "string" ? [value] : value;
  if (!Array.isArray(all) || all.length === 0) return undefined;
  return all.every((one) => typeof one === "string") ? all : undefined;
}

/** RFC 8693 §4.2 has one text; some issuers say `scp`, as a text or a list. */
function hasScopes(payload: ReceivedObject, wanted: readonly string[]): boolean {
  const said = [own(payload, "scope"), own(payload, "scp")].flatMap((one) => textsOf(one) ?? []);
  const scopes = new Set(said.flatMap((one) => one.split(" ")));
  return wanted.every((one) => scopes.has(one));
}

/** undefined: it is bound to nobody; null: to something that cannot be checked here. */
function bindingOf(confirmation: Received | undefined): string | undefined | null {
  if (confirmation === undefined) return undefined;
  if (!isObject(confirmation)) return null;
  const { jkt, ...others } = confirmation;
  return typeof jkt === "string" && Object.keys(others).length === 0 ? jkt : null;
}
