/**
 * Login at an OpenID Connect issuer: the authorization code flow with PKCE (RFC 7636), a state and a
 * nonce for each login, so that a code from elsewhere, or of somebody else, leads nowhere.
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
} from "openid-client";
import type { Site } from "../http/guard.ts";
import { plainReply, type Reply, seeOther, withHeaders } from "../http/reply.ts";
import type { Asked } from "../http/request.ts";
import type { ConsoleIssuer } from "../settings.ts";
import type { Credential } from "./credential.ts";
import { hashOf, newSecret, type Random } from "./secret.ts";

export interface IssuerLogin {
  /** For people. */
  readonly name: string;
  /** Sends the browser to the issuer. */
  begin(at: number): Promise<Reply>;
  /** Who the issuer says has come back; undefined when it says so of nobody. */
  finish(asked: Asked, at: number): Promise<Credential | undefined>;
}

const LOGIN_LIFE_MS = 10 * 60_000;
/** As many logins may be under way at once; whoever begins more pushes out the oldest. */
const MAX_LOGINS = 200;
const TIMEOUT_S = 10;

interface Begun {
  readonly verifier: string;
  readonly nonce: string;
  readonly until: number;
}

export function openIssuerLogin(
  { issuer, clientId, clientSecret }: ConsoleIssuer,
  { origins: [origin], secure }: Site,
  random: Random,
): IssuerLogin {
  const url = new URL(issuer);
  const back = `${origin}/enter/issuer/back`;
  const cookie = secure ? "__Host-phiward-login" : "phiward-login";
  const begun = new Map<string, Begun>();
  let known: Promise<Configuration> | undefined;

  const configuration = (): Promise<Configuration> => {
    known ??= discovery(url, clientId, clientSecret, undefined, {
      timeout: TIMEOUT_S,
      // Settings let plain HTTP through on loopback alone.
      ...(url.protocol === "http:" ? { execute: [allowInsecureRequests] } : {}),
    });
    // An issuer that was away is asked again at the next login.
    known.catch(() => {
      known = undefined;
    });
    return known;
  };

  return {
    name: url.host,
    async begin(at) {
      for (const [key, { until }] of begun) if (at >= until) begun.delete(key);
      const [oldest] = begun.keys();
      if (begun.size >= MAX_LOGINS && oldest !== undefined) begun.delete(oldest);
      const config = await configuration().catch(() => undefined);
      if (config === undefined) return plainReply(503, "the issuer of identities does not answer");
      const [state, nonce, verifier] = [newSecret(random), newSecret(random), newSecret(random)];
      begun.set(hashOf(state), { verifier, nonce, until: at + LOGIN_LIFE_MS });
      const to = buildAuthorizationUrl(config, {
        redirect_uri: back,
        scope: "openid",
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        state,
        nonce,
      });
      // Lax, unlike the session's: it has to come along when the issuer sends the browser back.
      const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${LOGIN_LIFE_MS / 1000}${secure ? "; Secure" : ""}`;
      return withHeaders(seeOther(to.href), { "set-cookie": `${cookie}=${state}; ${attributes}` });
    },
    async finish({ path, query, cookies }, at) {
      const state = cookies.get(cookie);
      // Login cross-site request forgery: only the browser that began a login may end it.
      if (state === undefined || query.get("state") !== state) return undefined;
      const key = hashOf(state);
      const one = begun.get(key);
      begun.delete(key);
      if (one === undefined || at >= one.until) return undefined;
      try {
        const tokens = await authorizationCodeGrant(
          await configuration(),
          new URL(`${path}?${query}`, origin),
          {
            pkceCodeVerifier: one.verifier,
            expectedState: state,
            expectedNonce: one.nonce,
            idTokenExpected: true,
          },
        );
        const claims = tokens.claims();
        if (claims === undefined) return undefined;
        return {
          kind: "subject",
          issuer: claims.iss,
          subject: claims.sub,
          since: claims.iat * 1000,
        };
      } catch {
        // Whatever it says, it may repeat what the issuer or the browser sent.
        return undefined;
      }
    },
  };
}
