/**
 * An issuer in this process that does what a test tells it to: publishes keys, signs anything, is
 * slow, lies, or is down. A real one is in test/gateway/oidc-provider.test.ts.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomUUID,
} from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactSign, calculateJwkThumbprint, exportJWK, type JWK } from "jose";
import { ISSUER_DEFAULTS, type IssuerSettings } from "../../engine/gateway/oidc/settings.ts";
import type { Fields } from "./upstream.ts";

export interface TestKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly secret: KeyObject;
  /** The public one, as it is published. */
  readonly jwk: JWK;
}

export interface TestIssuer {
  readonly url: string;
  /** What it publishes now. */
  readonly keys: TestKey[];
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Answers a path in place of the usual answer. */
  on(path: string, answer: (response: ServerResponse) => void): void;
  reset(): void;
  stop(): Promise<void>;
}

export const AUDIENCE = "https://gateway.example.org/mcp";
export const METADATA = "/.well-known/openid-configuration";
export const KEYS = "/keys";

const KINDS = {
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  ES384: () => generateKeyPairSync("ec", { namedCurve: "P-384" }),
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  EdDSA: () => generateKeyPairSync("ed25519"),
} as const;

export async function newKey(
  algorithm: keyof typeof KINDS = "ES256",
  kid: string = randomUUID(),
): Promise<TestKey> {
  const { privateKey, publicKey } = KINDS[algorithm]();
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" };
  return { kid, algorithm, secret: privateKey, jwk };
}

export async function startIssuer(): Promise<TestIssuer> {
  const first = [await newKey()];
  const keys = [...first];
  const asked: string[] = [];
  const answers = new Map<string, (response: ServerResponse) => void>();
  const server = createServer((request, response) => {
    const path = request.url!.split("?")[0]!;
    asked.push(path);
    const answer = answers.get(path);
    if (answer !== undefined) return answer(response);
    if (path === METADATA) return sendJson(response, { issuer: url, jwks_uri: `${url}${KEYS}` });
    if (path === KEYS) return sendJson(response, { keys: keys.map(({ jwk }) => jwk) });
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    keys,
    asked,
    on: (path, answer) => void answers.set(path, answer),
    reset() {
      answers.clear();
      asked.length = 0;
      keys.splice(0, keys.length, ...first);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

export function settingsOf(issuer: TestIssuer, more: Partial<IssuerSettings> = {}): IssuerSettings {
  return { ...ISSUER_DEFAULTS, issuer: issuer.url, audience: [AUDIENCE], ...more };
}

/** What an access token of the issuer says; `at` in epoch milliseconds. */
export function claimsOf(issuer: TestIssuer, at: number, more: Fields = {}): Fields {
  const seconds = Math.floor(at / 1_000);
  return {
    iss: issuer.url,
    sub: "nurse-1",
    aud: AUDIENCE,
    client_id: "ward-app",
    jti: randomUUID(),
    iat: seconds,
    exp: seconds + 300,
    ...more,
  };
}

/** Signs the claims; a text is signed as it is. */
export async function signed(
  claims: Fields | string,
  key: TestKey,
  header: Fields = {},
): Promise<string> {
  const text = typeof claims === "string" ? claims : JSON.stringify(claims);
  const full = { alg: key.algorithm, kid: key.kid, typ: "at+jwt", ...header };
  // A header that jose would not write is a test's to write.
  const known = Object.fromEntries(Object.entries(full).filter(([, value]) => value !== undefined));
  return await new CompactSign(Buffer.from(text))
    .setProtectedHeader(known as { alg: string })
    .sign(key.secret, { crit: { "urn:test": false } });
}

/** base64url of a value's JSON, or of a text. */
export function part(value: object | string): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return Buffer.from(text).toString("base64url");
}

interface ProofOf {
  readonly method?: string;
  readonly url: string;
  readonly token: string;
  readonly at: number;
  readonly claims?: Fields;
  readonly header?: Fields;
}

/** A DPoP proof (RFC 9449 §4.2). */
export async function proofOf(key: TestKey, of: ProofOf): Promise<string> {
  const { crv, kty, x, y, n, e } = key.jwk;
  const jwk = JSON.parse(JSON.stringify({ crv, kty, x, y, n, e })) as Fields;
  const claims = {
    jti: randomUUID(),
    htm: of.method ?? "POST",
    htu: of.url,
    iat: Math.floor(of.at / 1_000),
    ath: hash("sha256", of.token, "base64url"),
    ...of.claims,
  };
  return await signed(claims, key, { kid: undefined, typ: "dpop+jwt", jwk, ...of.header });
}

/** The claim that binds a token to a key (RFC 9449 §6.1). */
export async function boundTo(key: TestKey): Promise<Fields> {
  return { cnf: { jkt: await calculateJwkThumbprint(key.jwk, "sha256") } };
}

/** The public key of a pair as PEM, which an attacker may know. */
export function publicPem({ secret }: TestKey): string {
  const key = createPublicKey(createPrivateKey(secret.export({ type: "pkcs8", format: "pem" })));
  return key.export({ type: "spki", format: "pem" }).toString();
}
