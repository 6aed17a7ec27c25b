/** Identities of an issuer while they are at work: revoked, expired, changed hands, in a session. */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { KEY_TIMES } from "../../../engine/gateway/oidc/key-ring.ts";
import { admitGrant, barGrant } from "../../../engine/grant/bar.ts";
import { openBarStore } from "../../../engine/grant/bar-file-store.ts";
import { issueToken } from "../../../engine/grant/issue.ts";
import { rotateToken } from "../../../engine/grant/rotate.ts";
import { call, initialize } from "../../support/gateway.ts";
import { AUDIENCE, claimsOf, newKey, signed } from "../../support/issuer.ts";
import { policyFiles } from "../../support/policy-folder.ts";
import { until } from "../../support/until.ts";
import type { Fields } from "../../support/upstream.ts";
import { startWard, type Ward } from "./ward.ts";

const READ = call("get_patient", { patient_id: "p-1" });
const SOON_MS = 2_500;

let ward: Ward;
beforeAll(async () => {
  ward = await startWard();
});
afterEach(() => {
  ward.issuer.reset();
  ward.world.upstream.reset();
});
afterAll(() => ward.stop());

const token = (sub = "nurse-1", more: Fields = {}): Promise<string> =>
  signed(claimsOf(ward.issuer, ward.world.now(), { sub, ...more }), ward.issuer.keys[0]!);

const change = () => ({ at: ward.world.now(), by: "person:m.example", random: randomBytes });

/** As another process does it: `phiward token revoke --grant`, and `token admit`. */
const bar = (grant: string) => openBarStore(ward.world.state).change(barGrant(grant, change()));
const admit = (grant: string) => openBarStore(ward.world.state).change(admitGrant(grant, change()));

async function why(as: string, more: Fields = {}): Promise<unknown> {
  const { status, message } = await ward.world.post(READ, { token: as, ...more });
  return status === 200 ? 200 : message.error?.data?.["phiward/refused"];
}

async function sessionOf(as: string): Promise<{ "mcp-session-id": string }> {
  const { headers } = await ward.world.post(initialize(), { token: as });
  return { "mcp-session-id": headers["mcp-session-id"]! };
}

describe("a bar", () => {
  afterEach(async () => {
    if (openBarStore(ward.world.state).of("nurse")?.liftedAt === undefined) await admit("nurse");
    ward.world.shiftClock(60_000);
  });

  test("stops the next message, and every later token of that identity alone", async () => {
    const [nurse, clerk] = [await token(), await token("clerk-1")];
    expect([await why(nurse), await why(clerk)]).toEqual([200, 200]);
    const { seq } = ward.world.gateway.runtime.log.head;
    await bar("nurse");
    expect([await why(nurse), await why(clerk)]).toEqual(["revoked_token", 200]);
    ward.world.shiftClock(60_000);
    expect(await why(await token())).toBe("revoked_token");
    expect(await ward.world.record({ kind: "rejected" }, seq)).toMatchObject({
      code: "revoked_token",
      grant: "nurse",
    });
    expect(
      await ward.world.record({ kind: "admin", action: "identity.barred" }, seq),
    ).toMatchObject({
      action: "identity.barred",
      grant: "nurse",
      by: "person:m.example",
    });
  });

  test("that is lifted lets in what is issued from then on, and nothing older", async () => {
    const before = await token();
    await bar("nurse");
    ward.world.shiftClock(60_000);
    const between = await token();
    await admit("nurse");
    ward.world.shiftClock(1_000);
    const after = await token();
    expect([await why(before), await why(between), await why(after)]).toEqual([
      "revoked_token",
      "revoked_token",
      200,
    ]);
  });

  test("ends an open stream, and the session's next message", async () => {
    const nurse = await token();
    const headers = await sessionOf(nurse);
    const stream = await ward.world.listen({ token: nurse, headers });
    expect([stream.status, stream.ended]).toEqual([200, false]);
    await bar("nurse");
    await until(() => stream.ended, SOON_MS);
    expect(await why(nurse, { headers })).toBe("revoked_token");
  });

  test("cannot be read: nobody of an issuer gets in, and the operator reads so", async () => {
    const good = await token();
    expect(await why(good)).toBe(200);
    const { identities } = ward.world.gateway.runtime;
    const damaged = Object.create(identities!.bars, { problem: { value: "is damaged" } });
    Object.assign(identities!, { bars: damaged });
    expect(await why(good)).toBe("store_unavailable");
    expect(ward.world.gateway.health.notes().join()).toContain("bars cannot be read");
    Object.assign(identities!, { bars: Object.getPrototypeOf(damaged) });
  });
});

describe("a stream of an issuer's identity", () => {
  test("ends with its token", async () => {
    const nurse = await token();
    const stream = await ward.world.listen({ token: nurse, headers: await sessionOf(nurse) });
    expect(stream.ended).toBe(false);
    ward.world.shiftClock(331_000);
    await until(() => stream.ended, SOON_MS);
  });

  test("ends when its session was idle for too long", async () => {
    const nurse = await token("nurse-1", { exp: Math.floor(ward.world.now() / 1_000) + 100_000 });
    const headers = await sessionOf(nurse);
    const stream = await ward.world.listen({ token: nurse, headers });
    ward.world.shiftClock(31 * 60_000);
    await until(() => stream.ended, SOON_MS);
    expect(await why(nurse, { headers })).toBe("no_session");
    expect(await why(nurse)).toBe(200);
  });
});

test("a stream ends when the issuer withdraws the key of its token", async () => {
  const nurse = await token("nurse-1", { exp: Math.floor(ward.world.now() / 1_000) + 1_000 });
  const stream = await ward.world.listen({ token: nurse, headers: await sessionOf(nurse) });
  ward.issuer.keys.splice(0, 1, await newKey());
  ward.world.shiftClock(KEY_TIMES.refresh);
  expect(stream.ended).toBe(false);
  // Somebody's next token has us ask the issuer.
  expect(await why(await token("clerk-1"))).toBe(200);
  await until(() => stream.ended, SOON_MS);
  ward.issuer.reset();
  ward.world.shiftClock(KEY_TIMES.refresh);
});

test("a call under way ends when its identity is given to another grant", async () => {
  const { upstream } = ward.world;
  upstream.on("tools/call", () => {});
  const from = upstream.requests.length;
  const waiting = ward.world.post(READ, { token: await token() });
  await upstream.arrival(({ message }) => message.method === "tools/call", from);
  const files = policyFiles({});
  const as = (id: string, subject: string) => ({
    [`grants/${id}.yaml`]: {
      ...files[`grants/${id}.yaml`],
      authentication: { oidc: { issuer: ward.issuer.url, subject } },
    },
  });
  await ward.world.change({ ...as("nurse", "nurse-2"), ...as("clerk", "nurse-1") });
  expect((await waiting).message.error?.data).toEqual({ "phiward/upstream": "cancelled" });
  await ward.world.change({ ...as("nurse", "nurse-1"), ...as("clerk", "clerk-1") });
});

describe("a session", () => {
  test("goes on with the next token of the same identity", async () => {
    const headers = await sessionOf(await token());
    ward.world.shiftClock(200_000);
    expect(await why(await token(), { headers })).toBe(200);
  });

  test("is nobody else's", async () => {
    const headers = await sessionOf(await token());
    expect(await why(await token("clerk-1"), { headers })).toBe("no_session");
  });

  test("goes on with the token that replaced its own; a stream ends with the old one", async () => {
    const { gateway } = ward.world;
    const { source } = gateway.runtime.policy.current()!.repository;
    const { token: old, entry } = await gateway.tokens.change(
      issueToken(source.grants.scribe!, undefined, change()),
    );
    const headers = await sessionOf(old);
    const stream = await ward.world.listen({ token: old, headers });
    const { token: next } = await gateway.tokens.change(
      rotateToken(
        ({ id }) => id === entry.id,
        source,
        { expiresAt: undefined, overlapMs: 60_000 },
        change(),
      ),
    );
    expect([await why(old, { headers }), await why(next, { headers })]).toEqual([200, 200]);
    expect(stream.ended).toBe(false);
    ward.world.shiftClock(60_000);
    await until(() => stream.ended, SOON_MS);
    expect([await why(old, { headers }), await why(next, { headers })]).toEqual([
      "expired_token",
      200,
    ]);
  });
});

describe("a grant of an issuer's identity", () => {
  test("has no grant token", async () => {
    expect(ward.world.tokens.nurse).toBeUndefined();
    const { grants } = ward.world.gateway.runtime.policy.current()!.repository.source;
    const plan = issueToken(grants.nurse!, undefined, change());
    await expect(ward.world.gateway.tokens.change(plan)).rejects.toThrow("is of an identity of");
  });

  test("takes the place of one with tokens, and these end", async () => {
    const quizzer = ward.world.tokens.quizzer!;
    expect(await why(quizzer)).toBe(200);
    const file = policyFiles({})["grants/quizzer.yaml"]!;
    const oidc = { issuer: ward.issuer.url, subject: "quizzer-1" };
    await ward.world.change({ "grants/quizzer.yaml": { ...file, authentication: { oidc } } });
    expect(await why(quizzer)).toBe("orphaned_token");
    expect(await why(await token("quizzer-1"))).toBe(200);
    await ward.world.change({ "grants/quizzer.yaml": file });
    expect(await why(await token("quizzer-1"))).toBe("unknown_subject");
    // A token that lost its grant is dead for good.
    expect(await why(quizzer)).toBe("orphaned_token");
  });
});

test("no token and no claim of one stands in a record, a metric, a note, or a file", async () => {
  const planted = { sub: "Quillfeather-900-12-4471", jti: "MRN-0077-4471" };
  const sent = [
    await token("nurse-1"),
    await token(planted.sub, planted),
    await token("nurse-1", { ...planted, aud: "https://quillfeather.example" }),
    `${(await token("nurse-1", planted)).slice(0, -4)}AAAA`,
  ];
  const answers = await Promise.all(sent.map((one) => ward.world.post(READ, { token: one })));
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 401]);
  await until(() => ward.world.records().some(({ kind }) => kind === "outcome"));
  const metrics = await ward.world.http("GET", { as: "nobody", path: "/metrics" });
  const files = readdirSync(ward.world.state, { recursive: true, encoding: "utf8" })
    .map((name) => join(ward.world.state, name))
    .filter((path) => statSync(path).isFile());
  const told = [
    metrics.text,
    ward.world.gateway.health.notes().join(),
    ...answers.map(({ text, headers }) => text + JSON.stringify(headers)),
    ...files.map((path) => readFileSync(path, "latin1")),
    ...ward.world.upstream.requests.map((request) => JSON.stringify(request.headers)),
  ].join("\n");
  expect(metrics.text).toContain('phiward_refusals_total{code="unknown_subject"}');
  const secrets = sent.flatMap((one) => [one, ...one.split(".")]);
  for (const text of [...secrets, "Quillfeather", "quillfeather", "MRN-0077"]) {
    expect(told).not.toContain(text);
  }
});

describe("how a client learns where to get a token", () => {
  let scoped: Ward;
  beforeAll(async () => {
    scoped = await startWard({ scopes: ["ward.read", "ward.write"], dpop: "required" });
  });
  afterAll(() => scoped.stop());

  test.each([
    ["/.well-known/oauth-protected-resource", "/mcp"],
    ["/.well-known/oauth-protected-resource/mcp", "/mcp"],
    ["/.well-known/oauth-protected-resource/mcp/ehr", "/mcp/ehr"],
  ])("%s", async (path, resource) => {
    const { status, text } = await scoped.world.http("GET", { as: "nobody", path });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      resource: `http://127.0.0.1:${scoped.world.port}${resource}`,
      authorization_servers: [scoped.issuer.url, scoped.other.url],
      bearer_methods_supported: ["header"],
      scopes_supported: ["ward.read", "ward.write"],
      dpop_bound_access_tokens_required: true,
    });
  });

  test("a 401 names the metadata and the scopes, and no error where there was no token", async () => {
    const { status, headers } = await scoped.world.post(READ, { as: "nobody" });
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toMatch(
      /^Bearer resource_metadata="http:\/\/127\.0\.0\.1:\d+\/\.well-known\/oauth-protected-resource\/mcp\/ehr", scope="ward\.read ward\.write", DPoP algs="[A-Za-z0-9 ]+"$/,
    );
  });

  test("a token that lacks a scope is told so with a 403", async () => {
    const { issuer, world } = scoped;
    for (const more of [
      {},
      { scope: "ward.read" },
      { scp: ["ward.read"] },
      { scope: "ward.readward.write" },
    ]) {
      const lacking = await signed(claimsOf(issuer, world.now(), more), issuer.keys[0]!);
      const { seq } = world.gateway.runtime.log.head;
      const { status, headers } = await world.post(READ, { token: lacking });
      expect([status, headers["www-authenticate"]]).toEqual([
        403,
        expect.stringContaining('scope="ward.read ward.write", error="insufficient_scope"'),
      ]);
      expect(await world.record({ kind: "rejected" }, seq)).toMatchObject({
        code: "insufficient_scope",
      });
    }
  });

  test("with its scopes, but without a key, a token is refused where keys are required", async () => {
    const { issuer, world } = scoped;
    const unbound = claimsOf(issuer, world.now(), { scope: "ward.write ward.read other" });
    const { status, message } = await world.post(READ, {
      token: await signed(unbound, issuer.keys[0]!),
    });
    expect([status, message.error?.data]).toEqual([401, { "phiward/refused": "sender_unproven" }]);
  });
});

describe("an issuer that does not say which of its tokens are access tokens", () => {
  let lax: Ward;
  beforeAll(async () => {
    lax = await startWard({ type: "any", maxAgeMs: 60_000 });
  });
  afterAll(() => lax.stop());

  const rows: readonly [string, Fields, Fields, unknown][] = [
    ["of type JWT", { typ: "JWT" }, {}, 200],
    ["of no type", { typ: undefined }, {}, 200],
    ["of the right type", {}, {}, 200],
    ["of the right type, written in full", { typ: "application/at+jwt" }, {}, 200],
    ["that an issuer calls Bearer", { typ: "JWT" }, { typ: "Bearer" }, 200],
    ["of another type", { typ: "secevent+jwt" }, {}, "token_type"],
    ["with a nonce, as ID tokens have", { typ: "JWT" }, { nonce: "n" }, "token_type"],
    ["with the hash of an access token", { typ: "JWT" }, { at_hash: "h" }, "token_type"],
    ["with events, as logout tokens have", { typ: "JWT" }, { events: {} }, "token_type"],
    ["that an issuer calls ID", { typ: "JWT" }, { typ: "ID" }, "token_type"],
    ["that an issuer calls Refresh", { typ: "JWT" }, { typ: "Refresh" }, "token_type"],
    ["that is used as `id`", { typ: "JWT" }, { token_use: "id" }, "token_type"],
  ];
  test.each(rows)("a token %s", async (_, header, more, expected) => {
    const { issuer, world } = lax;
    const sent = await signed(claimsOf(issuer, world.now(), more), issuer.keys[0]!, header);
    const { status, message } = await world.post(READ, { token: sent });
    expect(status === 200 ? 200 : message.error?.data?.["phiward/refused"]).toBe(expected);
  });

  test("a token is refused after its longest age, whatever it says itself", async () => {
    const { issuer, world } = lax;
    const claims = claimsOf(issuer, world.now(), { exp: 4e9, aud: AUDIENCE });
    const sent = await signed(claims, issuer.keys[0]!);
    expect((await world.post(READ, { token: sent })).status).toBe(200);
    world.shiftClock(91_000);
    const { message } = await world.post(READ, { token: sent });
    expect(message.error?.data).toEqual({ "phiward/refused": "expired_token" });
  });
});
