/**
 * Tokens that must not get in: what the log says of each, and how little its sender reads. Each is
 * sent with a call that would be allowed, and nothing reaches the server.
 */
import { createHmac, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { exportJWK } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { tokenIdOf } from "../../../engine/gateway/oidc/compact.ts";
import { ISSUER_DEFAULTS } from "../../../engine/gateway/oidc/settings.ts";
import { call } from "../../support/gateway.ts";
import {
  AUDIENCE,
  boundTo,
  claimsOf,
  newKey,
  part,
  proofOf,
  publicPem,
  signed,
  type TestKey,
} from "../../support/issuer.ts";
import type { Fields } from "../../support/upstream.ts";
import { startWard, type Ward } from "./ward.ts";

const READ = call("get_patient", { patient_id: "p-1" });

let ward: Ward;
beforeAll(async () => {
  ward = await startWard({ dpop: "optional" });
});
afterEach(() => ward.issuer.reset());
afterAll(() => ward.stop());

const key = (): TestKey => ward.issuer.keys[0]!;
const claims = (more: Fields = {}): Fields => claimsOf(ward.issuer, ward.world.now(), more);
const seconds = (): number => Math.floor(ward.world.now() / 1_000);

/** A good token of the issuer, but for these. */
const but =
  (more: Fields, header: Fields = {}) =>
  () =>
    signed(claims(more), key(), header);

/** Three parts, signed or not. */
const raw = (header: object | string, payload: object | string, signature = ""): string =>
  `${part(header)}.${part(payload)}.${signature}`;

async function swapped(at: number, by: (bytes: Buffer) => Buffer | string): Promise<string> {
  const parts = (await signed(claims(), key())).split(".");
  parts[at] = Buffer.from(by(Buffer.from(parts[at]!, "base64url"))).toString("base64url");
  return parts.join(".");
}

function hmacOf(secret: string, header: Fields): string {
  const text = `${part({ typ: "at+jwt", kid: key().kid, ...header })}.${part(claims())}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

interface Row {
  readonly code: string;
  readonly token: () => string | Promise<string>;
  readonly headers?: (token: string) => Promise<Record<string, string>>;
}

const row = (title: string, code: string, token: Row["token"]): [string, Row] => [
  title,
  { code, token },
];

/** Refused before the signature is known to be right: the sender reads one and the same of all. */
const FORGED: readonly [string, Row][] = [
  row("no signature, and `none`", "token_algorithm", () => raw({ alg: "none" }, claims())),
  row("`none` in other letters", "token_algorithm", () => raw({ alg: "nOnE" }, claims(), "AA")),
  row("HS256 with the public key as PEM", "token_algorithm", () =>
    hmacOf(publicPem(key()), { alg: "HS256" }),
  ),
  row("HS256 with the public key as JWK", "token_algorithm", () =>
    hmacOf(JSON.stringify(key().jwk), { alg: "HS256" }),
  ),
  row("HS256 with no secret", "token_algorithm", () => hmacOf("", { alg: "HS256" })),
  row("an HMAC that calls itself ES256", "bad_signature", () =>
    hmacOf(publicPem(key()), { alg: "ES256" }),
  ),
  row("an algorithm that the issuer's list lacks", "token_algorithm", async () => {
    const other = await newKey("ES384");
    ward.issuer.keys.push(other);
    return await signed(claims(), other);
  }),
  row("RS256 with the name of an elliptic key", "unknown_key", async () =>
    signed(claims(), { ...(await newKey("RS256")), kid: key().kid }),
  ),
  row("another key under the issuer's name of one", "bad_signature", async () =>
    signed(claims(), { ...(await newKey()), kid: key().kid }),
  ),
  row("a key that nobody published", "unknown_key", async () => signed(claims(), await newKey())),
  row("the key of another issuer, which we know", "unknown_key", () =>
    signed(claims(), ward.other.keys[0]!),
  ),
  row("a key without a name, among several", "unknown_key", async () => {
    ward.issuer.keys.push(await newKey());
    ward.world.shiftClock(11_000);
    await ward.world.gateway.runtime.identities!.issuers.look(ward.world.now());
    return await signed(claims(), key(), { kid: undefined });
  }),
  row("a public key in the header (`jwk`)", "token_header", async () => {
    const own = await newKey();
    return await signed(claims(), own, { kid: undefined, jwk: own.jwk });
  }),
  row(
    "an address of keys in the header (`jku`)",
    "token_header",
    but({}, { jku: "https://evil.example/keys" }),
  ),
  row(
    "an address of a certificate (`x5u`)",
    "token_header",
    but({}, { x5u: "https://evil.example/c" }),
  ),
  row("a certificate in the header (`x5c`)", "token_header", but({}, { x5c: ["MIIB"] })),
  row(
    "an extension that must be understood",
    "token_header",
    but({}, { crit: ["urn:test"], "urn:test": 1 }),
  ),
  row("an unencoded payload (`b64`)", "token_header", but({}, { b64: true })),
  row("a compressed payload", "token_header", but({}, { zip: "DEF" })),
  row("a header without an algorithm", "token_header", () =>
    raw({ typ: "at+jwt" }, claims(), "AA"),
  ),
  row("an algorithm that is no text", "token_header", () =>
    raw({ alg: ["ES256"] }, claims(), "AA"),
  ),
  row("a key's name that is no text", "token_header", () =>
    raw({ alg: "ES256", kid: 1 }, claims(), "AA"),
  ),
  row("no issuer", "unknown_issuer", but({ iss: undefined })),
  row("an issuer that nobody listed", "unknown_issuer", but({ iss: "https://evil.example" })),
  row("the issuer with a slash at its end", "unknown_issuer", () =>
    signed(claims({ iss: `${ward.issuer.url}/` }), key()),
  ),
  row("two issuers in a list", "unknown_issuer", () =>
    signed(claims({ iss: [ward.issuer.url] }), key()),
  ),
  row("the issuer's claims under the other one's key and name", "unknown_key", () =>
    signed(claims({ iss: ward.other.url }), key()),
  ),
  row("a claim that stands twice", "malformed_token", () =>
    signed(JSON.stringify(claims()).replace("{", '{"sub":"clerk-1",'), key()),
  ),
  row("a claim that stands twice, once escaped", "malformed_token", () =>
    signed(JSON.stringify(claims()).replace("{", '{"\\u0073ub":"clerk-1",'), key()),
  ),
  row("a header member that stands twice", "malformed_token", () =>
    raw('{"alg":"none","alg":"ES256"}', claims(), "AA"),
  ),
  row("claims that are a list", "malformed_token", () => signed("[]", key())),
  row("claims that are no JSON", "malformed_token", () => signed("sub=nurse-1", key())),
  row("claims that are no UTF-8", "malformed_token", () =>
    swapped(1, () => Buffer.from([0x7b, 0xff, 0x7d])),
  ),
  row("half a surrogate in a claim", "malformed_token", () =>
    signed(JSON.stringify(claims()).replace("{", '{"x":"\\ud800",'), key()),
  ),
  row("five parts, as an encrypted one has", "malformed_token", () => "eyJhbGciOiJkaXIifQ.a.b.c.d"),
  row("two parts", "malformed_token", () => `${part({ alg: "ES256" })}.${part(claims())}`),
  row("padding", "malformed_token", async () => `${await signed(claims(), key())}=`),
  row("base64 in place of base64url", "malformed_token", async () => {
    const [header, payload] = (await signed(claims(), key())).split(".");
    return `${header}.${payload}.${"+/".repeat(43)}`;
  }),
  row(
    "a token as long as a body",
    "malformed_token",
    () => `${part({ alg: "ES256" })}.${"A".repeat(12_000)}.AA`,
  ),
  row("another subject, signed for this one", "bad_signature", () =>
    swapped(1, (bytes) => bytes.toString().replace("nurse-1", "clerk-1")),
  ),
  row("a later end, signed for an earlier one", "bad_signature", () =>
    swapped(1, (bytes) => bytes.toString().replace(/"exp":\d/, '"exp":9')),
  ),
  row("a signature that was cut off", "bad_signature", async () => {
    const token = await signed(claims(), key());
    return token.slice(0, token.lastIndexOf(".") + 1);
  }),
  row("a signature of the other form (DER)", "bad_signature", () =>
    swapped(2, (bytes) => Buffer.concat([Buffer.from([0x30, 0x44]), bytes])),
  ),
  row("a signature of zeros", "bad_signature", () =>
    swapped(2, (bytes) => Buffer.alloc(bytes.length)),
  ),
];

/** Signed by the issuer, and not for this gateway, not now, or not as an access token. */
const MISUSED: readonly [string, Row][] = [
  row("an ID token", "token_type", but({ aud: [AUDIENCE], nonce: "n" }, { typ: "JWT" })),
  row("a token that does not say what it is", "token_type", but({}, { typ: undefined })),
  row("a logout token", "token_type", but({}, { typ: "logout+jwt" })),
  row("a proof in place of a token", "token_type", but({}, { typ: "dpop+jwt" })),
  row(
    "a token for another resource",
    "wrong_audience",
    but({ aud: "https://lab.example.org/mcp" }),
  ),
  row("a token for a path below ours", "wrong_audience", but({ aud: `${AUDIENCE}/other` })),
  row("an audience in other letters", "wrong_audience", but({ aud: AUDIENCE.toUpperCase() })),
  row("no audience", "token_claims", but({ aud: undefined })),
  row("no audience, in an empty list", "token_claims", but({ aud: [] })),
  row("an audience that is no text", "token_claims", but({ aud: [AUDIENCE, 1] })),
  row("no subject", "token_claims", but({ sub: undefined })),
  row("an empty subject", "token_claims", but({ sub: "" })),
  row("subjects in a list", "token_claims", but({ sub: ["nurse-1"] })),
  row("no end", "token_claims", but({ exp: undefined })),
  row("an end that is a text", "token_claims", but({ exp: "2099-01-01" })),
  row("an end beyond every calendar", "token_claims", but({ exp: 1e300 })),
  row("no time of issue", "token_claims", but({ iat: undefined })),
  row("a beginning that is no time", "token_claims", but({ nbf: "now" })),
  row("an expired token", "expired_token", () =>
    signed(claims({ iat: seconds() - 600, exp: seconds() - 31 }), key()),
  ),
  row("a token that is not valid yet", "early_token", () =>
    signed(claims({ nbf: seconds() + 60 }), key()),
  ),
  row("a token of the future", "early_token", () => signed(claims({ iat: seconds() + 60 }), key())),
  row("an identity that no grant names", "unknown_subject", but({ sub: "nobody-1" })),
  row("an identity in other letters", "unknown_subject", but({ sub: "NURSE-1" })),
  row("the same name at another issuer", "unknown_subject", () =>
    signed({ ...claims(), iss: ward.other.url }, ward.other.keys[0]!),
  ),
  row(
    "a token that is bound to a certificate",
    "sender_unproven",
    but({ cnf: { "x5t#S256": "abc" } }),
  ),
  row("a binding that is no object", "sender_unproven", but({ cnf: "abc" })),
];

async function refusalOf(token: string, headers: Record<string, string> = {}) {
  const { seq } = ward.world.gateway.runtime.log.head;
  const reached = ward.world.upstream.requests.length;
  const answer = await ward.world.post(READ, { token, headers });
  expect(ward.world.upstream.requests.length).toBe(reached);
  const records = ward.world.records(seq).filter(({ kind }) => kind === "rejected");
  return { answer, records };
}

describe("a forged token is refused, and its sender does not learn how far it got", () => {
  test.each(FORGED)("%s", async (_, { code, token }) => {
    const sent = await token();
    const { answer, records } = await refusalOf(sent);
    expect(records).toEqual([expect.objectContaining({ code, token: tokenIdOf(sent) })]);
    expect(answer.status).toBe(401);
    expect(answer.message.error?.data).toEqual({ "phiward/refused": "unknown_token" });
    expect(answer.headers["www-authenticate"]).toContain('error="invalid_token"');
  });
});

describe("an issuer's token that is not meant for this is refused, and its holder reads why", () => {
  test.each(MISUSED)("%s", async (_, { code, token }) => {
    const sent = await token();
    const { answer, records } = await refusalOf(sent);
    expect(records).toEqual([expect.objectContaining({ code, token: tokenIdOf(sent) })]);
    expect(answer.status).toBe(401);
    expect(answer.message.error?.data).toEqual({ "phiward/refused": code });
  });
});

/** A token that is bound to a key, and what comes with it. */
interface Bound {
  readonly holder: TestKey;
  readonly token: string;
  readonly url: string;
  readonly at: number;
}

const PROOFS: readonly [string, string, (of: Bound) => Promise<Record<string, string>>][] = [
  [
    "a bound token as a bearer token",
    "sender_unproven",
    async ({ token }) => ({ authorization: `Bearer ${token}` }),
  ],
  ["a bound token without its proof", "sender_unproven", async () => ({})],
  [
    "a stolen token with the thief's own proof",
    "bad_proof",
    async (of) => ({ dpop: await proofOf(await newKey(), of) }),
  ],
  [
    "a proof that another key had signed",
    "bad_proof",
    async (of) => ({ dpop: await proofOf({ ...of.holder, secret: (await newKey()).secret }, of) }),
  ],
  [
    "a proof for another method",
    "bad_proof",
    async (of) => ({ dpop: await proofOf(of.holder, { ...of, method: "GET" }) }),
  ],
  [
    "a proof for another address",
    "bad_proof",
    async (of) => ({
      dpop: await proofOf(of.holder, { ...of, url: of.url.replace("ehr", "lab") }),
    }),
  ],
  [
    "a proof for another host",
    "bad_proof",
    async (of) => ({
      dpop: await proofOf(of.holder, { ...of, url: "https://evil.example/mcp/ehr" }),
    }),
  ],
  [
    "a proof for another token",
    "bad_proof",
    async (of) => ({ dpop: await proofOf(of.holder, { ...of, token: "x" }) }),
  ],
  [
    "a proof for no token",
    "bad_proof",
    async (of) => ({ dpop: await proofOf(of.holder, { ...of, claims: { ath: undefined } }) }),
  ],
  [
    "an old proof",
    "bad_proof",
    async (of) => ({ dpop: await proofOf(of.holder, { ...of, at: of.at - 91_000 }) }),
  ],
  [
    "a proof of the future",
    "bad_proof",
    async (of) => ({ dpop: await proofOf(of.holder, { ...of, at: of.at + 60_000 }) }),
  ],
  [
    "a proof without an id",
    "bad_proof",
    async (of) => ({ dpop: await proofOf(of.holder, { ...of, claims: { jti: undefined } }) }),
  ],
  [
    "a proof that says it is a token",
    "bad_proof",
    async (of) => ({ dpop: await proofOf(of.holder, { ...of, header: { typ: "at+jwt" } }) }),
  ],
  ["a proof that is none", "bad_proof", async () => ({ dpop: "proof" })],
  [
    "a proof with the private key in it",
    "bad_proof",
    async (of) => {
      const jwk = await exportJWK(of.holder.secret);
      return { dpop: await proofOf(of.holder, { ...of, header: { jwk } }) };
    },
  ],
  [
    "a proof whose key has a number that no reader can hold",
    "bad_proof",
    async () => ({
      dpop: `${part('{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","x":1e999}}')}.${part({})}.AA`,
    }),
  ],
  [
    "a proof with an HMAC",
    "bad_proof",
    async ({ token }) => {
      const text = `${part({ typ: "dpop+jwt", alg: "HS256", jwk: { kty: "oct", k: "AA" } })}.${part({ token })}`;
      return { dpop: `${text}.${createHmac("sha256", "\0").update(text).digest("base64url")}` };
    },
  ],
];

async function boundToken(): Promise<Bound> {
  const holder = await newKey();
  const token = await signed(claims(await boundTo(holder)), key());
  const url = `http://127.0.0.1:${ward.world.port}/mcp/ehr`;
  return { holder, token, url, at: ward.world.now() };
}

describe("a token that is bound to a key needs its holder", () => {
  test.each(PROOFS)("%s", async (_, code, headersOf) => {
    const of = await boundToken();
    const headers = { authorization: `DPoP ${of.token}`, ...(await headersOf(of)) };
    const { answer, records } = await refusalOf(of.token, headers);
    expect(records).toEqual([expect.objectContaining({ code, token: tokenIdOf(of.token) })]);
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer .*, DPoP algs="[^"]+", error="/);
  });

  test("with it the call goes through, and the proof is spent", async () => {
    const of = await boundToken();
    const headers = { authorization: `DPoP ${of.token}`, dpop: await proofOf(of.holder, of) };
    expect((await ward.world.post(READ, { headers })).status).toBe(200);
    const { records } = await refusalOf(of.token, headers);
    expect(records).toEqual([expect.objectContaining({ code: "replayed_proof" })]);
    const again = { ...headers, dpop: await proofOf(of.holder, { ...of, url: `${of.url}?a=b` }) };
    expect((await ward.world.post(READ, { headers: again })).status).toBe(200);
  });

  test("two proofs in two headers are a malformed request", async () => {
    const of = await boundToken();
    const proof = await proofOf(of.holder, of);
    const body = JSON.stringify(READ);
    const answer = await ward.world.send(
      `POST /mcp/ehr HTTP/1.1\r\nHost: 127.0.0.1:${ward.world.port}\r\nAuthorization: DPoP ${of.token}\r\nDPoP: ${proof}\r\nDPoP: ${proof}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer.message.error?.data).toEqual({ "phiward/refused": "duplicate_header" });
  });

  test("a grant token is no DPoP token, and an unbound one needs no proof", async () => {
    const scribe = ward.world.tokens.scribe!;
    const { records } = await refusalOf(scribe, { authorization: `DPoP ${scribe}` });
    expect(records).toEqual([expect.objectContaining({ code: "unknown_token" })]);
    const unbound = await signed(claims(), key());
    const { records: proved } = await refusalOf(unbound, { authorization: `DPoP ${unbound}` });
    expect(proved).toEqual([expect.objectContaining({ code: "sender_unproven" })]);
    expect((await ward.world.post(READ, { token: unbound })).status).toBe(200);
  });
});

test("no change of one byte of a good token is accepted", async () => {
  const good = await signed(claims(), key());
  const { issuers } = ward.world.gateway.runtime.identities!;
  expect(await issuers.verify(good, undefined, ward.world.now())).toHaveProperty("subject");
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: good.length - 1 }),
      fc.integer({ min: 0x21, max: 0x7e }),
      async (at, code) => {
        const changed = good.slice(0, at) + String.fromCharCode(code) + good.slice(at + 1);
        fc.pre(changed !== good);
        expect(await issuers.verify(changed, undefined, ward.world.now())).toHaveProperty(
          "problem",
        );
      },
    ),
    { numRuns: 400 },
  );
});

describe("there is an answer, and it is no, whatever stands in", () => {
  const issuers = () => ward.world.gateway.runtime.identities!.issuers;
  const some = (...names: string[]) =>
    fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 });
  const elsewhere = { aud: "https://lab.example.org/mcp" };

  test("a claim", async () => {
    const changes = some("iss", "sub", "aud", "exp", "iat", "nbf", "cnf", "scope", "typ", "jti");
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const token = await signed(claims({ ...elsewhere, ...changed }), key());
        const result = await issuers().verify(token, undefined, ward.world.now());
        expect(result).toHaveProperty("problem");
      }),
      { numRuns: 200 },
    );
  });

  test("a header", async () => {
    const changes = some("alg", "kid", "typ", "jwk", "crit", "b64", "x");
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const header = { alg: "ES256", kid: key().kid, typ: "at+jwt", ...changed };
        const token = raw(header, claims(), "AAAA");
        const result = await issuers().verify(token, undefined, ward.world.now());
        expect(result).toHaveProperty("problem");
      }),
      { numRuns: 200 },
    );
  });

  test("a proof", async () => {
    const { holder, token, url, at } = await boundToken();
    const { kid: _, ...jwk } = holder.jwk;
    const ofKey = some("kty", "crv", "x", "y", "n", "e", "alg");
    const ofClaims = some("jti", "htm", "htu", "iat", "ath");
    await fc.assert(
      fc.asyncProperty(ofKey, ofClaims, async (inKey, inClaims) => {
        const header = { alg: "ES256", typ: "dpop+jwt", jwk: { ...jwk, ...inKey } };
        const unsigned = raw(header, { htm: "POST", htu: url, ...inClaims }, "AAAA");
        const good = await proofOf(holder, { token, url, at, claims: inClaims, method: "GET" });
        for (const proof of [unsigned, good]) {
          const sender = { scheme: "dpop", proof, method: "POST", url } as const;
          const result = await issuers().verify(token, sender, at);
          expect(result).toHaveProperty("problem");
        }
      }),
      { numRuns: 100 },
    );
  });
});

test("a signature has one spelling: bits that no reader looks at are none too many", async () => {
  const good = await signed(claims(), key());
  const { issuers } = ward.world.gateway.runtime.identities!;
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const others = [...alphabet].filter((letter) => !good.endsWith(letter));
  const alike = others.map((letter) => good.slice(0, -1) + letter);
  const bytes = (token: string): Buffer => Buffer.from(token.split(".")[2]!, "base64url");
  // Sixteen letters end the same 64 bytes.
  expect(alike.filter((token) => bytes(token).equals(bytes(good)))).toHaveLength(15);
  for (const token of alike) {
    const result = await issuers.verify(token, undefined, ward.world.now());
    expect(result, token).toHaveProperty("problem");
  }
});

test("no byte can be left out of a good token, or put into it", async () => {
  const good = await signed(claims(), key());
  const { issuers } = ward.world.gateway.runtime.identities!;
  for (let at = 0; at < good.length; at++) {
    const shorter = good.slice(0, at) + good.slice(at + 1);
    const longer = `${good.slice(0, at)}A${good.slice(at)}`;
    for (const changed of [shorter, longer]) {
      const result = await issuers.verify(changed, undefined, ward.world.now());
      expect(result, changed).toHaveProperty("problem");
    }
  }
});

test("an RSA key of 1024 bits proves nothing", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const jwk = { ...(await exportJWK(publicKey)), kid: "short", alg: "RS256" };
  ward.issuer.keys.push({ kid: "short", algorithm: "RS256", secret: privateKey, jwk });
  ward.world.shiftClock(11_000);
  const text = `${part({ alg: "RS256", kid: "short", typ: "at+jwt" })}.${part(claims())}`;
  const { sign } = await import("node:crypto");
  const token = `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
  const { records } = await refusalOf(token);
  expect(records).toEqual([expect.objectContaining({ code: "bad_signature" })]);
});

test("the defaults leave out every algorithm with a shared secret, and none", () => {
  expect(ISSUER_DEFAULTS.algorithms.filter((one) => /^HS|^none$/i.test(one))).toEqual([]);
});
