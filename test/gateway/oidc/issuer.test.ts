/** What an issuer does to its tokens: keys that come and go, an issuer that is down, slow, or lies. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { issuerClient } from "../../../engine/gateway/oidc/fetch-json.ts";
import { KEY_TIMES } from "../../../engine/gateway/oidc/key-ring.ts";
import { call } from "../../support/gateway.ts";
import {
  claimsOf,
  KEYS,
  METADATA,
  newKey,
  sendJson,
  signed,
  type TestKey,
} from "../../support/issuer.ts";
import type { Fields } from "../../support/upstream.ts";
import { startWard, type Ward } from "./ward.ts";

const READ = call("get_patient", { patient_id: "p-1" });

let ward: Ward;
beforeAll(async () => {
  ward = await startWard();
});
// The keys of the test before are old by now, and a new fetch is due.
beforeEach(() => {
  ward.issuer.reset();
  ward.world.shiftClock(KEY_TIMES.kept);
});
afterEach(() => ward.world.upstream.reset());
afterAll(() => ward.stop());

const token = (key: TestKey = ward.issuer.keys[0]!, more: Fields = {}): Promise<string> =>
  signed(claimsOf(ward.issuer, ward.world.now(), more), key);

/** 200, or why not. */
async function ask(as: string): Promise<unknown> {
  const { seq } = ward.world.gateway.runtime.log.head;
  const { status } = await ward.world.post(READ, { token: as });
  if (status === 200) return 200;
  const [record] = ward.world.records(seq).filter(({ kind }) => kind === "rejected");
  return record?.kind === "rejected" ? record.code : "unrecorded";
}

describe.each(["ES256", "RS256", "EdDSA"] as const)("%s", (algorithm) => {
  test("a token of the issuer is let in, and the record names its grant", async () => {
    const key = await newKey(algorithm);
    ward.issuer.keys.push(key);
    const { seq } = ward.world.gateway.runtime.log.head;
    expect(await ask(await token(key))).toBe(200);
    const record = await ward.world.record({ kind: "decision" }, seq);
    expect(record).toMatchObject({ grant: "nurse", principal: "agent:nurse", verdict: "allow" });
  });
});

test("audiences in a list, and another one beside ours, are as good", async () => {
  const aud = ["https://lab.example.org/mcp", "https://gateway.example.org/mcp"];
  expect(await ask(await token(undefined, { aud }))).toBe(200);
});

test("the only key of its kind needs no name", async () => {
  const key = ward.issuer.keys[0]!;
  const claims = claimsOf(ward.issuer, ward.world.now());
  expect(await ask(await signed(claims, key, { kid: undefined }))).toBe(200);
});

test("clocks may differ by the tolerance, and no more", async () => {
  const seconds = Math.floor(ward.world.now() / 1_000);
  const late = { iat: seconds - 600, exp: seconds - 25 };
  expect(await ask(await token(undefined, late))).toBe(200);
  expect(await ask(await token(undefined, { iat: seconds + 25 }))).toBe(200);
});

test("a token is checked once, and asked for its end at every message", async () => {
  const good = await token();
  expect([await ask(good), await ask(good), await ask(good)]).toEqual([200, 200, 200]);
  expect(ward.issuer.asked).toEqual([METADATA, KEYS]);
  const { issuers } = ward.world.gateway.runtime.identities!;
  // Known already, so nobody waits.
  expect(issuers.verify(good, undefined, ward.world.now())).not.toBeInstanceOf(Promise);
  ward.world.shiftClock(331_000);
  expect(await ask(good)).toBe("expired_token");
});

describe("keys", () => {
  test("a new one counts at once, the old one until it is withdrawn", async () => {
    const [before] = ward.issuer.keys;
    const old = await token();
    expect(await ask(old)).toBe(200);
    ward.world.shiftClock(KEY_TIMES.pause);
    const next = await newKey();
    ward.issuer.keys.push(next);
    expect([await ask(await token(next)), await ask(old)]).toEqual([200, 200]);
    ward.issuer.keys.splice(ward.issuer.keys.indexOf(before!), 1);
    ward.world.shiftClock(KEY_TIMES.refresh);
    // A token that was checked before is no better than another one.
    const later = await token(next);
    expect([await ask(await token(before)), await ask(later)]).toEqual(["unknown_key", 200]);
  });

  test("another key under the same name ends the tokens of the one before", async () => {
    const [before] = ward.issuer.keys;
    const old = await token();
    expect(await ask(old)).toBe(200);
    ward.issuer.keys.splice(0, 1, await newKey("ES256", before!.kid));
    ward.world.shiftClock(KEY_TIMES.refresh);
    expect(await ask(old)).toBe("bad_signature");
  });

  test("made-up names do not make us ask the issuer again and again", async () => {
    expect(await ask(await token())).toBe(200);
    const asked = ward.issuer.asked.length;
    ward.world.shiftClock(KEY_TIMES.pause);
    for (let i = 0; i < 5; i++) expect(await ask(await token(await newKey()))).toBe("unknown_key");
    expect(ward.issuer.asked.length - asked).toBe(2);
  });

  test("many at once wait for one answer", async () => {
    const all = await Promise.all([token(), token(), token(), token()]);
    expect(await Promise.all(all.map(ask))).toEqual([200, 200, 200, 200]);
    expect(ward.issuer.asked).toEqual([METADATA, KEYS]);
  });

  test("a private key that was published by mistake is none", async () => {
    const { jwk, secret } = await newKey();
    ward.issuer.on(KEYS, (response) =>
      sendJson(response, { keys: [{ ...jwk, d: secret.export({ format: "jwk" }).d }] }),
    );
    expect(await ask(await token())).toBe("identity_unavailable");
  });

  test("a key for encryption signs nothing", async () => {
    const key = await newKey();
    ward.issuer.keys.push({ ...key, jwk: { ...key.jwk, use: "enc" } });
    expect(await ask(await token(key))).toBe("unknown_key");
  });
});

describe("an issuer that does not answer", () => {
  const down = (): void => {
    for (const path of [METADATA, KEYS]) {
      ward.issuer.on(path, (response) => void response.destroy());
    }
  };

  test("is believed for an hour, then nobody gets in; grant tokens do", async () => {
    expect(await ask(await token())).toBe(200);
    down();
    ward.world.shiftClock(KEY_TIMES.kept - 60_000);
    expect(await ask(await token())).toBe(200);
    ward.world.shiftClock(60_001);
    expect(await ask(await token())).toBe("identity_unavailable");
    const { status, headers } = await ward.world.post(READ, { token: await token() });
    // Another token would not help.
    expect([status, headers["www-authenticate"]]).toEqual([503, undefined]);
    expect((await ward.world.post(READ, { as: "scribe" })).status).toBe(200);
    expect(ward.world.gateway.health.notes().join()).toContain("cannot be reached");
    ward.issuer.reset();
    ward.world.shiftClock(KEY_TIMES.pause);
    expect(await ask(await token())).toBe(200);
    expect(ward.world.gateway.health.notes().join()).not.toContain("cannot be");
  });

  test("does not make each message wait anew", async () => {
    down();
    await ask(await token());
    const asked = ward.issuer.asked.length;
    for (let i = 0; i < 5; i++) expect(await ask(await token())).toBe("identity_unavailable");
    expect(ward.issuer.asked.length).toBe(asked);
  });
});

describe("what an issuer may not answer", () => {
  const rows: readonly [string, string, () => void][] = [
    [
      "metadata of another issuer",
      "of another issuer",
      () =>
        ward.issuer.on(METADATA, (response) =>
          sendJson(response, {
            issuer: "https://evil.example",
            jwks_uri: `${ward.issuer.url}/keys`,
          }),
        ),
    ],
    [
      "metadata without an address of keys",
      "where its keys are",
      () => ward.issuer.on(METADATA, (response) => sendJson(response, { issuer: ward.issuer.url })),
    ],
    [
      "keys over plain HTTP",
      "not https",
      () =>
        ward.issuer.on(METADATA, (response) =>
          sendJson(response, { issuer: ward.issuer.url, jwks_uri: "http://evil.example/keys" }),
        ),
    ],
    [
      "a redirect to other keys",
      "HTTP 302",
      () =>
        ward.issuer.on(KEYS, (response) =>
          response.writeHead(302, { location: `${ward.other.url}/keys` }).end(),
        ),
    ],
    [
      "more than anybody needs",
      "larger than 256 KiB",
      () =>
        ward.issuer.on(KEYS, (response) => {
          response.writeHead(200).write(`{"keys":[${" ".repeat(300_000)}`);
        }),
    ],
    ["no JSON", "no JSON object", () => ward.issuer.on(KEYS, (response) => response.end("<html>"))],
    [
      "a set that stands twice",
      "no JSON object",
      () => ward.issuer.on(KEYS, (response) => response.end('{"keys":[],"keys":[]}')),
    ],
    [
      "no keys",
      "no keys that could be used",
      () => ward.issuer.on(KEYS, (response) => sendJson(response, { keys: [] })),
    ],
    [
      "a key with a number that no reader can hold",
      "no keys that could be used",
      () => ward.issuer.on(KEYS, (response) => response.end('{"keys":[{"kty":"EC","x":1e999}]}')),
    ],
    [
      "a thousand keys",
      "no keys that could be used",
      () =>
        ward.issuer.on(KEYS, (response) => {
          const { jwk } = ward.issuer.keys[0]!;
          sendJson(response, {
            keys: Array.from({ length: 1_000 }, (_, kid) => ({ ...jwk, kid })),
          });
        }),
    ],
    [
      "an error, at both places of its metadata",
      "HTTP 500",
      () => ward.issuer.on(METADATA, (response) => response.writeHead(500).end("{}")),
    ],
  ];

  test.each(rows)("%s", async (_, says, lie) => {
    lie();
    expect(await ask(await token())).toBe("identity_unavailable");
    expect(ward.world.gateway.health.notes().join()).toContain(says);
  });

  test("its answer byte by byte, for ever", async () => {
    ward.issuer.on(KEYS, (response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(" "), 20);
      response.once("close", () => clearInterval(drip));
    });
    const { get, close } = issuerClient(undefined, 200);
    expect(await get(new URL(`${ward.issuer.url}${KEYS}`))).toEqual({
      problem: "it does not answer in time",
    });
    await close();
  });

  test("metadata at the place of RFC 8414 is as good", async () => {
    ward.issuer.on(METADATA, (response) => response.writeHead(404).end());
    ward.issuer.on("/.well-known/oauth-authorization-server", (response) =>
      sendJson(response, { issuer: ward.issuer.url, jwks_uri: `${ward.issuer.url}${KEYS}` }),
    );
    expect(await ask(await token())).toBe(200);
  });
});
