/** How a client learns where to get a token: RFC 9728 metadata, and what stands in a 401. */
import { REFUSALS, type RefusalCode } from "../refusal.ts";
import { ALGORITHMS, type IssuerSettings } from "./settings.ts";

const METADATA = "/.well-known/oauth-protected-resource";

/** The path under which metadata of a resource was asked for; undefined: of none. */
export function metadataPath(path: string): string | undefined {
  const match = /^\/\.well-known\/oauth-protected-resource(\/mcp(?:\/[a-z0-9-]{1,32})?)?$/.exec(
    path,
  );
  return match === null ? undefined : (match[1] ?? "/mcp");
}

/** RFC 9728 §2. `origin` is how clients know this gateway, such as `https://gateway.example.org`. */
export function resourceMetadata(
  origin: string,
  path: string,
  issuers: readonly IssuerSettings[],
): object {
  const scopes = scopesOf(issuers);
  const checksProofs = issuers.some(({ dpop }) => dpop !== "off");
  return {
    resource: `${origin}${path}`,
    ...(issuers.length === 0 ? {} : { authorization_servers: issuers.map(({ issuer }) => issuer) }),
    bearer_methods_supported: ["header"],
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    ...(checksProofs ? { dpop_signing_alg_values_supported: ALGORITHMS } : {}),
    ...(issuers.length > 0 && issuers.every(({ dpop }) => dpop === "required")
      ? { dpop_bound_access_tokens_required: true }
      : {}),
  };
}

const OF_PROOFS: readonly RefusalCode[] = ["sender_unproven", "bad_proof", "replayed_proof"];

/**
 * The `WWW-Authenticate` of a refusal (RFC 6750 §3, RFC 9728 §5.1, RFC 9449 §7.1); undefined where a
 * better token would not help.
 */
export function challengeOf(
  refused: RefusalCode,
  origin: string,
  path: string,
  issuers: readonly IssuerSettings[],
): string | undefined {
  const { status } = REFUSALS[refused];
  if (status !== 401 && refused !== "insufficient_scope") return undefined;
  const scopes = scopesOf(issuers);
  const checksProofs = issuers.some(({ dpop }) => dpop !== "off");
  const ofProof = checksProofs && OF_PROOFS.includes(refused);
  const bearer = {
    resource_metadata: `${origin}${METADATA}${path}`,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    ...(refused === "no_token" || ofProof ? {} : { error: errorOf(refused) }),
  };
  const dpop = {
    algs: ALGORITHMS.join(" "),
    ...(ofProof ? { error: errorOf(refused) } : {}),
  };
  // Bearer first: clients that know no other scheme read the first one alone.
  return [challenge("Bearer", bearer), ...(checksProofs ? [challenge("DPoP", dpop)] : [])].join(
    ", ",
  );
}

function errorOf(refused: RefusalCode): string {
  if (refused === "insufficient_scope") return "insufficient_scope";
  const ofProof = refused === "bad_proof" || refused === "replayed_proof";
  return ofProof ? "invalid_dpop_proof" : "invalid_token";
}

function challenge(scheme: string, parameters: Readonly<Record<string, string>>): string {
  const all = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
  return `${scheme} ${all.join(", ")}`;
}

function scopesOf(issuers: readonly IssuerSettings[]): readonly string[] {
  return [...new Set(issuers.flatMap(({ scopes }) => scopes))];
}
