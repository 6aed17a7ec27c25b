/** A real OpenID Connect provider on loopback, and a person's browser that signs in at it. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK } from "jose";
import Provider from "oidc-provider";
import { newKey } from "./issuer.ts";

export interface RunningProvider {
  readonly url: string;
  stop(): Promise<void>;
}

/** Where the application waits for the person to come back. Nobody listens: a test reads the address. */
export const CALLBACK = "http://127.0.0.1:9/callback";
/** Of programs that sign in by themselves. Of no use anywhere else. */
export const SECRET = "a-made-up-secret-of-the-tests-0123456789";
/** Who signs in. */
export const PERSON = "m.example";

/** `audienceOf`: what an access token for a resource says in `aud`. */
export async function startProvider(
  audienceOf: (resource: string) => string,
): Promise<RunningProvider> {
  let answer: RequestListener = () => {};
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(url, await configuration(audienceOf));
  const usual = provider.callback();
  answer = (request, response) => {
    const isAsked = request.url!.startsWith("/sign-in/");
    void (isAsked ? signIn(provider, request, response) : usual(request, response));
  };
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function configuration(audienceOf: (resource: string) => string): Promise<object> {
  const { jwk, secret } = await newKey("ES256");
  const program = (client_id: string, more: object = {}) => ({
    client_id,
    client_secret: SECRET,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    ...more,
  });
  return {
    jwks: { keys: [{ ...jwk, ...(await exportJWK(secret)) }] },
    cookies: { keys: ["a key of the tests"] },
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    clients: [
      program("nurse-1"),
      program("clerk-1", { dpop_bound_access_tokens: true }),
      program("nobody-1"),
      {
        client_id: "ward-app",
        redirect_uris: [CALLBACK],
        grant_types: ["authorization_code"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
      },
    ],
    scopes: ["openid", "ward.read"],
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/sign-in/${uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        useGrantedResource: () => true,
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: "ward.read",
          audience: audienceOf(resource),
          accessTokenTTL: 300,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
  };
}

/** The person says who they are, and agrees to what the application asks for. */
async function signIn(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const finish = (result: object): Promise<void> =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  if (prompt.name === "login") return await finish({ login: { accountId: PERSON } });
  const grant = new provider.Grant({ accountId: session?.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingResourceScopes } = prompt.details;
  if (Array.isArray(missingOIDCScope)) grant.addOIDCScope(missingOIDCScope.join(" "));
  for (const [resource, scopes] of Object.entries(
    (missingResourceScopes ?? {}) as Record<string, string[]>,
  )) {
    grant.addResourceScope(resource, scopes.join(" "));
  }
  await finish({ consent: { grantId: await grant.save() } });
}

/** A browser that goes where it is sent, with its cookies; returns the address at the application. */
export async function browse(start: URL): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let steps = 0; steps < 12; steps++) {
    if (url.href.startsWith(CALLBACK)) return url;
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`the browser stands still: ${await response.text()}`);
    url = new URL(location, url);
  }
  throw new Error("the browser was sent in circles");
}
