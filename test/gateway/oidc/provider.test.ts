/**
 * With a real provider and real clients: programs that sign in by themselves, one of them with a key
 * of its own (DPoP), and a person whose MCP client finds its way from a 401.
 */
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from "@modelcontextprotocol/client";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import * as oauth from "openid-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ISSUER_DEFAULTS } from "../../../engine/gateway/oidc/settings.ts";
import { call, startWorld, type World } from "../../support/gateway.ts";
import { AUDIENCE } from "../../support/issuer.ts";
import { lifeAround } from "../../support/policy-folder.ts";
import {
  browse,
  CALLBACK,
  PERSON,
  type RunningProvider,
  SECRET,
  startProvider,
} from "../../support/provider.ts";

const READ = call("get_patient", { patient_id: "p-1" });
const LAB = "https://lab.example.org/mcp";

let provider: RunningProvider;
let world: World;
let resource = "";
beforeAll(async () => {
  provider = await startProvider((asked) => (asked === LAB ? LAB : AUDIENCE));
  const signsIn = (subject: string) => ({
    ...lifeAround(Date.now()),
    authentication: { oidc: { issuer: provider.url, subject } },
  });
  world = await startWorld({
    overrides: {
      oidc: [
        {
          ...ISSUER_DEFAULTS,
          issuer: provider.url,
          audience: [AUDIENCE],
          scopes: ["ward.read"],
          dpop: "optional",
        },
      ],
    },
    files: (files) => ({
      ...files,
      "grants/nurse.yaml": { ...files["grants/nurse.yaml"], ...signsIn("nurse-1") },
      "grants/clerk.yaml": { ...files["grants/clerk.yaml"], ...signsIn("clerk-1") },
      "grants/scribe.yaml": {
        ...files["grants/scribe.yaml"],
        principal: { kind: "person", id: `person:${PERSON}` },
        ...signsIn(PERSON),
      },
    }),
  });
  // The provider's clock is the machine's.
  world.shiftClock(Date.now() - world.now());
  resource = `http://127.0.0.1:${world.port}/mcp/ehr`;
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});

async function program(id: string): Promise<oauth.Configuration> {
  return await oauth.discovery(new URL(provider.url), id, SECRET, undefined, {
    execute: [oauth.allowInsecureRequests],
  });
}

async function tokenOf(id: string, resource: string, scope = "ward.read"): Promise<string> {
  const asked = { ...(resource === "" ? {} : { resource }), scope };
  return (await oauth.clientCredentialsGrant(await program(id), asked)).access_token;
}

async function codeFor(token: string): Promise<unknown> {
  const { seq } = world.gateway.runtime.log.head;
  const { status } = await world.post(READ, { token });
  if (status === 200) return 200;
  const rejected = world.records(seq).find(({ kind }) => kind === "rejected");
  return rejected?.kind === "rejected" ? rejected.code : undefined;
}

describe("a program that signs in by itself", () => {
  test("gets in with a token for this gateway, and with no other", async () => {
    expect(await codeFor(await tokenOf("nurse-1", resource))).toBe(200);
    expect(await codeFor(await tokenOf("nurse-1", LAB))).toBe("wrong_audience");
    expect(await codeFor(await tokenOf("nobody-1", resource))).toBe("unknown_subject");
    expect(await codeFor(await tokenOf("nurse-1", resource, ""))).toBe("insufficient_scope");
    // Without a resource the provider's tokens are no JWT.
    expect(await codeFor(await tokenOf("nurse-1", ""))).toBe("unknown_token");
  });

  test("and holds a key gets in with it, and a thief without it does not", async () => {
    const config = await program("clerk-1");
    const DPoP = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair("ES256"));
    const asked = { resource, scope: "ward.read" };
    const { access_token: token } = await oauth.clientCredentialsGrant(config, asked, { DPoP });
    const headers = new Headers({
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    });
    const ask = (handle: oauth.DPoPHandle) =>
      oauth.fetchProtectedResource(
        config,
        token,
        new URL(resource),
        "POST",
        JSON.stringify(READ),
        headers,
        { DPoP: handle },
      );
    expect((await ask(DPoP)).status).toBe(200);
    expect((await ask(DPoP)).status).toBe(200);
    const thief = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair("ES256"));
    await expect(ask(thief)).rejects.toThrow();
    expect(await codeFor(token)).toBe("sender_unproven");
  });
});

/** What the SDK asks of an application: where it keeps things, and how it sends the person away. */
function application() {
  const kept: { tokens?: object; verifier?: string; sentTo?: URL } = {};
  const auth = {
    redirectUrl: CALLBACK,
    clientMetadata: { redirect_uris: [CALLBACK], client_name: "ward app" },
    clientInformation: () => ({ client_id: "ward-app", issuer: provider.url }),
    tokens: () => kept.tokens as never,
    saveTokens(tokens: object) {
      kept.tokens = tokens;
    },
    redirectToAuthorization(url: URL) {
      kept.sentTo = url;
    },
    saveCodeVerifier(verifier: string) {
      kept.verifier = verifier;
    },
    codeVerifier: () => kept.verifier!,
  };
  return { kept, auth };
}

const INFO = { name: "ward-app", version: "1" };

describe("a person's MCP client", () => {
  test("finds the provider from a 401, and gets in after the person has signed in", async () => {
    const { kept, auth } = application();
    const url = new URL(resource);
    const first = new StreamableHTTPClientTransport(url, { authProvider: auth });
    await expect(new Client(INFO).connect(first as Transport)).rejects.toThrow(UnauthorizedError);
    expect(kept.sentTo?.origin).toBe(provider.url);
    expect(kept.sentTo?.searchParams.get("resource")).toBe(resource);
    expect(kept.sentTo?.searchParams.get("scope")).toContain("ward.read");
    const back = await browse(kept.sentTo!);
    await first.finishAuth(back.searchParams.get("code")!);

    const client = new Client(INFO);
    await client.connect(
      new StreamableHTTPClientTransport(url, { authProvider: auth }) as Transport,
    );
    const { seq } = world.gateway.runtime.log.head;
    const result = await client.callTool({ name: "get_patient", arguments: { patient_id: "p-1" } });
    expect(result.isError).not.toBe(true);
    expect(await world.record({ kind: "decision" }, seq)).toMatchObject({
      grant: "scribe",
      principal: `person:${PERSON}`,
    });
    await client.close();
  });

  test("of the second line does so too", async () => {
    const { kept, auth } = application();
    const url = new URL(resource);
    const connect = async () => {
      const transport = new HttpV2(url, { authProvider: auth });
      const client = new ClientV2(INFO);
      return { client, transport, connected: client.connect(transport) };
    };
    const first = await connect();
    await expect(first.connected).rejects.toThrow();
    const back = await browse(kept.sentTo!);
    await first.transport.finishAuth(back.searchParams);
    const { client, connected } = await connect();
    await connected;
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("get_patient");
    await client.close();
  });

  test("that shows the ID token of the same login is refused", async () => {
    const config = await oauth.discovery(
      new URL(provider.url),
      "ward-app",
      undefined,
      oauth.None(),
      {
        execute: [oauth.allowInsecureRequests],
      },
    );
    const verifier = oauth.randomPKCECodeVerifier();
    const start = oauth.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: "openid ward.read",
      resource,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    const tokens = await oauth.authorizationCodeGrant(
      config,
      await browse(start),
      { pkceCodeVerifier: verifier },
      { resource },
    );
    expect(await codeFor(tokens.access_token)).toBe(200);
    expect(await codeFor(tokens.id_token!)).toBe("token_type");
  });
});
