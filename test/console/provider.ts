/** A real OpenID Connect provider on loopback that knows the console, and a browser that signs in at it. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK } from "jose";
import Provider from "oidc-provider";
import { newKey } from "../support/issuer.ts";

export const CLIENT = "phiward-console";
export const CLIENT_SECRET = "a-made-up-secret-of-the-console-0123456789";

export interface ConsoleProvider {
  readonly url: string;
  /** Who signs in next. */
  person: string;
  /** Begins to answer, for a console at this address. */
  serve(consoleUrl: string): Promise<void>;
  stop(): Promise<void>;
}

/** Under another name than the console's, so that a browser takes the two for different sites. */
export async function openProvider(): Promise<ConsoleProvider> {
  let answer: RequestListener = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const one: ConsoleProvider = {
    url,
    person: "nobody",
    async serve(consoleUrl) {
      const provider = new Provider(url, await configuration(consoleUrl));
      const usual = provider.callback();
      answer = (request, response) => {
        if (!request.url!.startsWith("/sign-in/")) return void usual(request, response);
        void (async () => {
          const { prompt, params } = await provider.interactionDetails(request, response);
          const finish = (result: object): Promise<void> =>
            provider.interactionFinished(request, response, result, {
              mergeWithLastSubmission: true,
            });
          if (prompt.name === "login") return await finish({ login: { accountId: one.person } });
          const grant = new provider.Grant({ accountId: one.person, clientId: params.client_id });
          grant.addOIDCScope("openid");
          await finish({ consent: { grantId: await grant.save() } });
        })();
      };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return one;
}

async function configuration(consoleUrl: string): Promise<object> {
  const { jwk, secret } = await newKey("ES256");
  return {
    jwks: { keys: [{ ...jwk, ...(await exportJWK(secret)) }] },
    cookies: { keys: ["a key of the tests"] },
    clients: [
      {
        client_id: CLIENT,
        client_secret: CLIENT_SECRET,
        redirect_uris: [`${consoleUrl}enter/issuer/back`],
        grant_types: ["authorization_code"],
        response_types: ["code"],
        id_token_signed_response_alg: "ES256",
      },
    ],
    scopes: ["openid"],
    pkce: { required: () => true },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/sign-in/${uid}` },
    features: { devInteractions: { enabled: false } },
  };
}

/** Cookies by host and port: those of the provider and of the console never mix. */
export type Jar = Map<string, Map<string, string>>;

/** Goes where it is sent until an address is reached that `isEnd`; that one is not asked for. */
export async function browse(start: string, jar: Jar, isEnd: (url: URL) => boolean): Promise<URL> {
  let url = new URL(start);
  for (let steps = 0; steps < 12; steps++) {
    if (isEnd(url)) return url;
    const response = await visit(url, jar);
    const location = response.headers.get("location");
    if (location === null) throw new Error(`the browser stands still: ${response.status}`);
    url = new URL(location, url);
  }
  throw new Error("the browser was sent in circles");
}

export async function visit(url: URL, jar: Jar): Promise<Response> {
  const cookies = jar.get(url.host) ?? new Map<string, string>();
  jar.set(url.host, cookies);
  const response = await fetch(url, {
    redirect: "manual",
    headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
  });
  for (const line of response.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    cookies.set(name, value);
  }
  return response;
}
