/** `oidc` of engine.yaml, and a client on standard input with a token of an issuer. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { PhiwardError } from "../../../engine/errors.ts";
import { readConfig } from "../../../engine/gateway/config.ts";
import { lookAtIssuers } from "../../../engine/gateway/oidc/issuers.ts";
import { barGrant } from "../../../engine/grant/bar.ts";
import { call } from "../../support/gateway.ts";
import { boundTo, claimsOf, newKey, settingsOf, signed } from "../../support/issuer.ts";
import { until } from "../../support/until.ts";
import type { Fields } from "../../support/upstream.ts";
import { startWard, type Ward } from "./ward.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "phiward-oidc-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function configOf(more: Fields): ReturnType<typeof readConfig>["settings"] {
  const path = join(folder, "engine.yaml");
  writeFileSync(path, stringify({ version: "1", ...more }));
  return readConfig(path, {}).settings;
}

const ISSUER = { issuer: "https://idp.example.org", audience: "https://gateway.example.org/mcp" };

test("what is not said has a careful default", () => {
  expect(configOf({ oidc: [ISSUER] }).oidc).toEqual([
    {
      issuer: "https://idp.example.org",
      audience: ["https://gateway.example.org/mcp"],
      algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
      clockToleranceMs: 30_000,
      type: "at+jwt",
      scopes: [],
      dpop: "off",
    },
  ]);
  expect(configOf({}).oidc).toBeUndefined();
});

test("the public address names the gateway, and clients may call it by that name", () => {
  const { publicOrigin, hosts } = configOf({ listen: { url: "https://gateway.example.org:8443" } });
  expect(publicOrigin).toBe("https://gateway.example.org:8443");
  expect(hosts).toContain("gateway.example.org");
});

test("the page's example is one", () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../../docs/identity.md"), "utf8");
  const examples = [...page.matchAll(/```yaml\n(# engine\.yaml\n[\s\S]*?)```/g)];
  expect(examples.length).toBeGreaterThan(0);
  for (const [, text] of examples) {
    const path = join(folder, "page.yaml");
    writeFileSync(path, `version: "1"\n${text}`);
    expect(readConfig(path, {}).settings.oidc?.length).toBeGreaterThan(0);
  }
});

describe("refused", () => {
  const rows: readonly [string, string, Fields][] = [
    [
      "plain HTTP to an issuer",
      "plain HTTP beyond loopback",
      { ...ISSUER, issuer: "http://idp.example.org" },
    ],
    [
      "plain HTTP to its keys",
      "plain HTTP beyond loopback",
      { ...ISSUER, jwks: "http://idp.example.org/keys" },
    ],
    ["no audience", "audience", { issuer: ISSUER.issuer }],
    ["an empty audience", "audience", { ...ISSUER, audience: [] }],
    ["`none`", "algorithms", { ...ISSUER, algorithms: ["none"] }],
    ["a shared secret", "algorithms", { ...ISSUER, algorithms: ["HS256"] }],
    ["no algorithm", "algorithms", { ...ISSUER, algorithms: [] }],
    ["clocks that are far apart", "clocks that far apart", { ...ISSUER, clockTolerance: "3m" }],
    ["a key that is unknown", "audiences", { ...ISSUER, audiences: ["x"] }],
    ["an issuer with a fragment", "issuer", { ...ISSUER, issuer: "https://idp.example.org#a" }],
    ["a scope with a quote", "scope", { ...ISSUER, scopes: ['a"b'] }],
    ["an address that is none", "no address", { ...ISSUER, issuer: "https://[" }],
  ];
  test.each(rows)("%s", (_, says, issuer) => {
    const problem = (): unknown => configOf({ oidc: [issuer] });
    expect(problem).toThrow(PhiwardError);
    expect(problem).toThrow(says);
  });

  test("one issuer twice", () => {
    expect(() => configOf({ oidc: [ISSUER, ISSUER] })).toThrow("listed twice");
  });
});

describe("at work", () => {
  let ward: Ward;
  beforeAll(async () => {
    ward = await startWard({ dpop: "optional" });
  });
  afterAll(() => ward.stop());

  /** Sends one call over standard input; what came back. */
  async function asked(token: string): Promise<unknown> {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const lines: string[] = [];
    output.on("data", (chunk) => lines.push(String(chunk)));
    const served = ward.world.gateway.serveStdio({ input, output, token, server: "ehr" });
    input.write(`${JSON.stringify(call("get_patient", { patient_id: "p-1" }))}\n`);
    await until(() => lines.length > 0);
    input.end();
    await served;
    const { error } = JSON.parse(lines[0]!) as { error?: { data?: Fields } };
    return error === undefined ? "answered" : error.data?.["phiward/refused"];
  }

  test("a client on standard input may have a token of an issuer, until it is revoked", async () => {
    const claims = (more: Fields = {}) => claimsOf(ward.issuer, ward.world.now(), more);
    const key = ward.issuer.keys[0]!;
    const token = await signed(claims(), key);
    expect(await asked(token)).toBe("answered");
    // There is no request that a proof could be made for.
    const bound = await signed(claims(await boundTo(await newKey())), key);
    expect(await asked(bound)).toBe("sender_unproven");
    const { bars } = ward.world.gateway.runtime.identities!;
    await bars.change(barGrant("nurse", { at: ward.world.now(), random: randomBytes }));
    expect(await asked(token)).toBe("revoked_token");
  });

  test("a check says of each issuer whether it answers", async () => {
    const down = { ...settingsOf(ward.issuer), issuer: "http://127.0.0.1:9" };
    expect(await lookAtIssuers([settingsOf(ward.issuer), down], Date.now())).toEqual([
      { issuer: ward.issuer.url, keys: 1, problem: undefined },
      { issuer: "http://127.0.0.1:9", keys: 0, problem: "it cannot be reached" },
    ]);
  });
});
