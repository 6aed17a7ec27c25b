/** Login at a real OpenID Connect provider. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecords } from "../../engine/audit/read.ts";
import type { AdminRecord } from "../../engine/audit/record.ts";
import type { Console } from "../../engine/console/index.ts";
import { admitGrant, barGrant } from "../../engine/grant/bar.ts";
import { openBarStore } from "../../engine/grant/bar-file-store.ts";
import { type House, makeHouse } from "./house.ts";
import {
  browse,
  CLIENT,
  CLIENT_SECRET,
  type ConsoleProvider,
  type Jar,
  openProvider,
  visit,
} from "./provider.ts";
import { send } from "./visitor.ts";

const DAY_MS = 86_400_000;
/** What is noted goes into the chain a moment later. */
const SOON = { timeout: 10_000 };
const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

let house: House;
let provider: ConsoleProvider;
let console: Console;
beforeAll(async () => {
  provider = await openProvider();
  house = await makeHouse({ calls: 20 });
  house.grant("by-issuer", grantFile("by-issuer", "person:k.lindqvist", "k.lindqvist"));
  // The provider's clock is the machine's.
  console = await house.start({
    now: Date.now,
    issuer: { issuer: provider.url, clientId: CLIENT, clientSecret: CLIENT_SECRET },
  });
  await provider.serve(console.url);
});
afterAll(async () => {
  await house.remove();
  await provider.stop();
});

function grantFile(id: string, who: string, subject: string): string {
  return `version: "1"
id: ${id}
principal: { kind: person, id: "${who}" }
purpose: operations
justification: Reviews the audit log; ticket SEC-1401
access:
  - { audit: sign }
authentication: { oidc: { issuer: "${provider.url}", subject: ${subject} } }
issued: ${day(Date.now() - 30 * DAY_MS)}
expires: ${day(Date.now() + 30 * DAY_MS)}
`;
}

const isBack = ({ pathname }: URL): boolean => pathname === "/enter/issuer/back";

/** From the login page to the address with which the provider sends the browser back. */
async function signIn(person: string, jar: Jar = new Map()): Promise<{ back: URL; jar: Jar }> {
  provider.person = person;
  return { back: await browse(new URL("/enter/issuer", console.url).href, jar, isBack), jar };
}

function admin(action: string): AdminRecord[] {
  return [...readRecords(join(house.state, "audit"))].filter(
    (record) => record.kind === "admin" && record.action === action,
  ) as AdminRecord[];
}

test("a person whom the provider vouches for is in, under the grant that names them", async () => {
  const { back, jar } = await signIn("k.lindqvist");
  const arrived = await visit(back, jar);
  expect(arrived.status).toBe(200);
  expect(arrived.headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Strict/);
  const page = await visit(new URL(console.url), jar);
  expect(await page.text()).toContain("person:k.lindqvist");
  await expect
    .poll(() => admin("console.opened").at(-1), SOON)
    .toMatchObject({
      by: "person:k.lindqvist",
      grant: "by-issuer",
      details: { way: "issuer", may: "sign" },
    });
});

test("the address that sends a person to the provider asks for PKCE, a state and a nonce", async () => {
  const jar: Jar = new Map();
  const sent = await visit(new URL("/enter/issuer", console.url), jar);
  const { searchParams } = new URL(sent.headers.get("location")!);
  expect(searchParams.get("code_challenge_method")).toBe("S256");
  for (const name of ["code_challenge", "state", "nonce"]) {
    expect(searchParams.get(name)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  }
  expect(sent.headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Lax/);
});

type Spoil = (back: URL, jar: Jar) => void;

const SPOILED: readonly (readonly [string, string, Spoil])[] = [
  ["somebody whom no grant names", "unknown_subject", () => {}],
  ["a browser that did not begin the login", "bad_login", (_, jar) => jar.clear()],
  [
    "a state of another login",
    "bad_login",
    (back) => back.searchParams.set("state", "x".repeat(43)),
  ],
  ["no state", "bad_login", (back) => back.searchParams.delete("state")],
  ["a made-up code", "bad_login", (back) => back.searchParams.set("code", "made-up")],
  [
    "the issuer of somebody else",
    "bad_login",
    (back) => back.searchParams.set("iss", "https://evil.example"),
  ],
  [
    "an error of the provider",
    "bad_login",
    (back) => {
      back.searchParams.delete("code");
      back.searchParams.set("error", "access_denied");
    },
  ],
];

test.each(SPOILED)("%s is turned away, and it is recorded", async (_, why, spoil) => {
  const known = why === "unknown_subject" ? "a.stranger" : "k.lindqvist";
  const { back, jar } = await signIn(known);
  spoil(back, jar);
  const before = admin("console.refused").length;
  const answer = await visit(back, jar);
  expect(answer.status).toBe(401);
  expect(answer.headers.getSetCookie()).toEqual([]);
  await expect.poll(() => admin("console.refused").length, SOON).toBe(before + 1);
  const record = admin("console.refused").at(-1)!;
  expect(record.details).toEqual({ way: "issuer", why });
  expect(JSON.stringify(record)).not.toContain("stranger");
});

test("an answer of the provider counts once", async () => {
  const { back, jar } = await signIn("k.lindqvist");
  const again: Jar = new Map([...jar].map(([host, cookies]) => [host, new Map(cookies)]));
  expect((await visit(back, jar)).status).toBe(200);
  expect((await visit(back, again)).status).toBe(401);
});

test("an identity that is barred is out at the next request, and in again only after a new login", async () => {
  const { back, jar } = await signIn("k.lindqvist");
  await visit(back, jar);
  const bars = openBarStore(house.state);
  const change = { at: Date.now(), random: (bytes: number) => randomBytes(bytes) };
  await bars.change(barGrant("by-issuer", change));
  expect((await visit(new URL(console.url), jar)).status).toBe(303);
  const barred = await signIn("k.lindqvist");
  expect((await visit(barred.back, barred.jar)).status).toBe(401);
  await bars.change(admitGrant("by-issuer", change));
  // What was issued before it was lifted stays out.
  expect((await visit(new URL(console.url), jar)).status).toBe(303);
});

test("while the provider is away people are told so, and nobody is in", async () => {
  const away = await house.start({
    now: Date.now,
    issuer: { issuer: "http://127.0.0.1:1", clientId: CLIENT },
  });
  const answer = await send(away.url, { path: "/enter/issuer" });
  expect(answer.status).toBe(503);
  expect((await send(away.url, { path: "/enter" })).text).toContain("Log in with 127.0.0.1:1");
});

test.skipIf(!existsSync("/usr/bin/chromium") && process.env.PHIWARD_TEST_ALL !== "1")(
  "a real browser comes back from another site, and is in although its cookie is strict",
  async () => {
    // The other one was barred.
    house.grant("second", grantFile("second", "person:o.second", "second"));
    provider.person = "second";
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--no-first-run"],
    });
    const page = await browser.newPage();
    await page.goto(console.url);
    await page.getByRole("link", { name: /Log in with/ }).click();
    await page.waitForURL(console.url);
    await expect.poll(() => page.locator("h1").textContent()).toBe("Overview");
    await browser.close();
  },
);
