/** Who gets in, how, and for how long. */
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecords } from "../../engine/audit/read.ts";
import type { AdminRecord } from "../../engine/audit/record.ts";
import { type Console, LIMITS } from "../../engine/console/index.ts";
import { ROUTES } from "../../engine/console/routes.ts";
import { revokeTokens } from "../../engine/grant/revoke.ts";
import { type House, makeHouse, NOW, reviewerFile } from "./house.ts";
import { cookieOf, form, formHeaders, logIn, post, send } from "./visitor.ts";

let house: House;
let console: Console;
beforeAll(async () => {
  house = await makeHouse();
  console = await house.start();
});
afterAll(() => house.remove());

/** A path of the route, with something in the place of its star. */
const pathOf = (path: string): string => path.replace("*", "1");

test("without credentials there is nothing behind any address but the login page", async () => {
  const { url } = console;
  const others = ["/nothing", "/.well-known/x", "/favicon.ico", "/style.css", "/index.html"];
  for (const path of [...ROUTES.map((route) => pathOf(route.path)), ...others]) {
    const got = await send(url, { path });
    expect([path, got.status, got.headers.location, got.text]).toEqual([path, 303, "/enter", ""]);
    const sent = await post(url, path, { form: "x" });
    expect([path, sent.status]).toEqual([path, 401]);
    expect(sent.text).not.toContain("<");
  }
  const login = await send(url, { path: "/enter" });
  expect(login.status).toBe(200);
  expect(login.text).not.toMatch(/agent:|person:|hospital/);
});

test("a one-time address lets its holder in once, and looking at it changes nothing", async () => {
  const enter = await console.invite(house.token["privacy-office"]);
  expect(enter).not.toContain("phw_");
  const { pathname } = new URL(enter);
  const code = pathname.slice("/enter/".length);
  // A mail scanner or a browser that loads ahead only looks.
  for (let i = 0; i < 3; i++)
    expect((await send(console.url, { path: pathname })).status).toBe(200);
  const entered = await post(console.url, "/enter", { code });
  expect([entered.status, entered.headers.location]).toEqual([303, "/"]);
  expect((await post(console.url, "/enter", { code })).status).toBe(401);
});

test("a one-time address dies by itself", async () => {
  const enter = await console.invite(house.token["privacy-office"]);
  const code = new URL(enter).pathname.slice("/enter/".length);
  house.clock.now = NOW + 6 * 60_000;
  expect((await post(console.url, "/enter", { code })).status).toBe(401);
});

test("nobody is invited with a token that has no part in the audit", async () => {
  for (const token of [house.token["lookup-bot-3"], "phw_no", ""]) {
    await expect(console.invite(token)).rejects.toMatchObject({ code: "NOT_PERMITTED" });
  }
});

test("the session's cookie is out of reach of scripts, of other sites and of other ports' names", async () => {
  const entered = await post(console.url, "/enter", { token: house.token["outside-auditor"] });
  const [cookie] = entered.headers["set-cookie"]!;
  const { port } = new URL(console.url);
  expect(cookie).toMatch(
    new RegExp(`^phiward-${port}=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
  );
});

test("behind TLS the cookie is bound to the host", async () => {
  const front = await house.start({
    listen: {
      host: "127.0.0.1",
      port: 0,
      hosts: ["127.0.0.1"],
      url: "https://audit.example.org",
    },
  });
  const body = form({ token: house.token["outside-auditor"] });
  const entered = await send(`http://127.0.0.1:${front.port}`, {
    method: "POST",
    path: "/enter",
    body,
    headers: {
      ...formHeaders("https://audit.example.org"),
      host: "audit.example.org",
      "content-length": String(body.length),
    },
  });
  expect(entered.headers["set-cookie"]![0]).toMatch(
    /^__Host-phiward=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
  );
  expect(entered.headers["strict-transport-security"]).toBe("max-age=31536000");
});

test("who logs in never keeps a session that was there before", async () => {
  const first = await logIn(console.url, house.token["outside-auditor"]);
  const planted = await post(
    console.url,
    "/enter",
    { token: house.token["privacy-office"] },
    { cookie: first.cookie },
  );
  expect(cookieOf(planted)).not.toBe(first.cookie);
  expect((await first.get("/")).status).toBe(303);
});

test.each([
  ["an unknown token", `phw_${"A".repeat(43)}`, "unknown_token"],
  ["something else", "let me in", "bad_login"],
  ["nothing", "", "bad_login"],
  ["an agent's token", undefined, "no_audit_access"],
])("%s is turned away, recorded, and told no reason", async (_, given, why) => {
  const fresh = await makeHouse({ calls: 20 });
  const own = await fresh.start();
  const token = given ?? fresh.token["lookup-bot-3"];
  const answer = await post(own.url, "/enter", { token });
  expect(answer.status).toBe(401);
  expect(answer.text).not.toContain(why);
  if (token !== "") expect(answer.text).not.toContain(token);
  await own.stop();
  const [record] = adminRecords(fresh).filter(({ action }) => action === "console.refused");
  expect(record?.details).toEqual({ way: "token", why });
  await fresh.remove();
});

test("attempts are bounded, and a good token waits as well", async () => {
  const own = await house.start();
  for (let i = 0; i < 10; i++) {
    expect((await post(own.url, "/enter", { token: `try ${i}` })).status).toBe(401);
  }
  const blocked = await post(own.url, "/enter", { token: house.token["privacy-office"] });
  expect([blocked.status, blocked.headers["retry-after"]]).toEqual([429, "60"]);
  house.clock.now += 61_000;
  expect((await post(own.url, "/enter", { token: house.token["privacy-office"] })).status).toBe(
    303,
  );
});

test("a token that is revoked is out at the next request", async () => {
  const fresh = await makeHouse({ calls: 20 });
  const own = await fresh.start();
  const visitor = await logIn(own.url, fresh.token["outside-auditor"]);
  expect((await visitor.get("/activity")).status).toBe(200);
  const hash = createHash("sha256").update(fresh.token["outside-auditor"]).digest("hex");
  await fresh.tokens.change(
    revokeTokens(({ id }) => hash.startsWith(id), { at: NOW, random: randomBytes }),
  );
  expect((await visitor.get("/activity")).status).toBe(303);
  expect((await visitor.post("/patient", { patient: "p-1" })).status).toBe(401);
  await fresh.remove();
});

test("a grant that is removed, or loses its part in the audit, is out at the next request", async () => {
  const fresh = await makeHouse({ calls: 20 });
  const own = await fresh.start();
  const one = await logIn(own.url, fresh.token["outside-auditor"]);
  const other = await logIn(own.url, fresh.token["privacy-office"]);
  fresh.grant("outside-auditor", undefined);
  expect((await one.get("/")).status).toBe(303);
  expect((await other.get("/")).text).toContain("may read and sign");
  fresh.grant("privacy-office", reviewerFile("privacy-office", "person:m.chen", "read"));
  expect((await other.get("/")).text).not.toContain("may read and sign");
  await fresh.remove();
});

test("a policy that cannot be read lets nobody in", async () => {
  const fresh = await makeHouse({ calls: 20 });
  const own = await fresh.start();
  const visitor = await logIn(own.url, fresh.token["privacy-office"]);
  fresh.grant("broken", "version: 2\n");
  expect((await visitor.get("/")).status).toBe(303);
  expect((await post(own.url, "/enter", { token: fresh.token["privacy-office"] })).status).toBe(
    401,
  );
  await fresh.remove();
});

test("a session ends by idleness, by age, and by logout", async () => {
  const own = await house.start();
  const start = house.clock.now;
  const idle = await logIn(own.url, house.token["privacy-office"]);
  house.clock.now = start + LIMITS.idleMs - 1;
  expect((await idle.get("/")).status).toBe(200);
  house.clock.now += LIMITS.idleMs;
  expect((await idle.get("/")).status).toBe(303);

  house.clock.now = start;
  const busy = await logIn(own.url, house.token["privacy-office"]);
  for (let at = start; at < start + LIMITS.absoluteMs; at += LIMITS.idleMs - 1) {
    house.clock.now = at;
    expect((await busy.get("/log")).status).toBe(200);
  }
  house.clock.now = start + LIMITS.absoluteMs;
  expect((await busy.get("/log")).status).toBe(303);

  house.clock.now = start;
  const leaving = await logIn(own.url, house.token["privacy-office"]);
  const left = await leaving.post("/leave");
  expect(left.headers["set-cookie"]![0]).toContain("Max-Age=0");
  expect((await leaving.get("/")).status).toBe(303);
});

test("who is let in is on record, by grant and token", async () => {
  const fresh = await makeHouse({ calls: 20 });
  const own = await fresh.start();
  await logIn(own.url, fresh.token["privacy-office"]);
  await own.stop();
  const [record] = adminRecords(fresh).filter(({ action }) => action === "console.opened");
  expect(record).toMatchObject({
    by: "person:m.chen",
    grant: "privacy-office",
    details: { way: "token", may: "sign" },
  });
  expect(record?.token).toMatch(/^[0-9a-f]{12}$/);
  await fresh.remove();
});

function adminRecords({ state }: House): AdminRecord[] {
  return [...readRecords(`${state}/audit`)].filter((record) => record.kind === "admin");
}
