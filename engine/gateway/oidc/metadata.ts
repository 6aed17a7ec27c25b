/** Where an issuer's keys are: OpenID Connect Discovery 1.0 §4, RFC 8414 §3. */
import { own } from "../../json/value.ts";
import { type FetchJson, isProtected } from "./fetch-json.ts";
import type { IssuerSettings } from "./settings.ts";

export type KeysAddress = { readonly url: URL } | { readonly problem: string };

/** The address that the configuration names, or else the issuer's metadata. */
export async function keysAddress(
  { issuer, jwks }: Pick<IssuerSettings, "issuer" | "jwks">,
  get: FetchJson,
): Promise<KeysAddress> {
  if (jwks !== undefined) return addressOf(jwks);
  let first: string | undefined;
  for (const place of metadataPlaces(issuer)) {
    const fetched = await get(place);
    if ("problem" in fetched) {
      first ??= fetched.problem;
      continue;
    }
    // An issuer that speaks for another (mix-up): OIDC Discovery §4.3, RFC 8414 §3.3.
    if (own(fetched.object, "issuer") !== issuer) {
      return { problem: "its metadata is of another issuer" };
    }
    return addressOf(own(fetched.object, "jwks_uri"));
  }
  return { problem: first ?? "it has no metadata" };
}

function addressOf(text: unknown): KeysAddress {
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (url === null) return { problem: "its metadata does not say where its keys are" };
  return isProtected(url) ? { url } : { problem: "the address of its keys is not https" };
}

/** Discovery puts its name behind the issuer's path, RFC 8414 before it. */
function metadataPlaces(issuer: string): readonly URL[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  return [
    new URL(`${origin}${path}/.well-known/openid-configuration`),
    new URL(`${origin}/.well-known/oauth-authorization-server${path}`),
  ];
}
