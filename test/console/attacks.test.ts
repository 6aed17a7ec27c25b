/** What a browser is made to send by others, and what a client without manners sends. */
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Console } from "../../engine/console/index.ts";
import { ROUTES } from "../../engine/console/routes.ts";
import { type House, makeHouse } from "./house.ts";
import { form, formHeaders, logIn, type Sent, send, type Visitor } from "./visitor.ts";

let house: House;
let console: Console;
let signer: Visitor;
let reader: Visitor;
beforeAll(async () => {
  house = await makeHouse();
  console = await house.start();
  signer = await logIn(console.url, house.token["privacy-office"]);
  reader = await logIn(console.url, house.token["outside-auditor"]);
});
afterAll(() => house.remove());

const FORMS = ROUTES.filter(({ method }) => method === "POST").map(({ path }) =>
  path.replace("*", "one"),
);

type Change = (headers: Record<string, string>, url: string) => Sent;

/** Each row spoils one thing of a form that would be taken. */
const SPOILED: readonly (readonly [string, number, Change])[] = [
  [
    "another host, which resolves to this machine",
    421,
    (headers) => ({ headers: { ...headers, host: "rebound.example:80" } }),
  ],
  [
    "the right name with another port",
    421,
    (headers) => ({ headers: { ...headers, host: "127.0.0.1:1" } }),
  ],
  ["no origin", 403, ({ origin: _, ...headers }) => ({ headers })],
  [
    "the origin of another site",
    403,
    (headers) => ({ headers: { ...headers, origin: "https://evil.example" } }),
  ],
  [
    "the origin of another port",
    403,
    (headers) => ({ headers: { ...headers, origin: "http://127.0.0.1:1" } }),
  ],
  [
    "our origin with another scheme",
    403,
    (headers, url) => ({
      headers: { ...headers, origin: new URL(url).origin.replace("http", "https") },
    }),
  ],
  [
    "the origin of a sandboxed frame",
    403,
    (headers) => ({ headers: { ...headers, origin: "null" } }),
  ],
  [
    "a browser that says it comes from elsewhere",
    403,
    (headers) => ({ headers: { ...headers, "sec-fetch-site": "cross-site" } }),
  ],
  [
    "a browser that says it comes from a sibling",
    403,
    (headers) => ({ headers: { ...headers, "sec-fetch-site": "same-site" } }),
  ],
  [
    "a form that scripts can send across sites",
    415,
    (headers) => ({ headers: { ...headers, "content-type": "text/plain" } }),
  ],
  [
    "a multipart form",
    415,
    (headers) => ({ headers: { ...headers, "content-type": "multipart/form-data; boundary=x" } }),
  ],
  ["JSON", 415, (headers) => ({ headers: { ...headers, "content-type": "application/json" } })],
  ["no form token", 403, (headers) => ({ headers, body: form({ looked: "yes" }) })],
  [
    "a form token of somebody else",
    403,
    (headers) => ({ headers, body: form({ form: reader.formToken }) }),
  ],
  ["an empty form token", 403, (headers) => ({ headers, body: form({ form: "" }) })],
];

test.each(SPOILED)("a form with %s does nothing", async (_, status, change) => {
  for (const path of FORMS) {
    const headers = { ...formHeaders(console.url), cookie: signer.cookie };
    const { body = form({ form: signer.formToken }), ...sent } = change(headers, console.url);
    const length = { "content-length": String(Buffer.byteLength(body)) };
    const answer = await send(console.url, {
      method: "POST",
      path,
      body,
      ...sent,
      headers: { ...length, ...sent.headers },
    });
    expect([path, answer.status]).toEqual([path, status]);
  }
  expect((await signer.get("/")).status).toBe(200);
});

test.each(["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])(
  "%s means nothing here",
  async (method) => {
    const answer = await send(console.url, { method, headers: { cookie: signer.cookie } });
    expect(answer.status).toBe(405);
    expect(answer.text).not.toContain(signer.cookie);
  },
);

test("what a form does cannot be done by a link", async () => {
  for (const path of FORMS) {
    const { status } = await signer.get(`${path}?form=${signer.formToken}&looked=yes`);
    // The patient's form has a page of its own at its address.
    expect([path, path === "/patient" ? 405 : status]).toEqual([path, 405]);
  }
});

test("a reader can sign nothing", async () => {
  for (const { path, method, ...route } of ROUTES) {
    if (method !== "POST" || !("may" in route) || route.may !== "sign") continue;
    const answer = await reader.post(path.replace("*", "one"), { looked: "yes" });
    expect([path, answer.status]).toEqual([path, 403]);
    expect(answer.text).toContain("may read, and not sign");
  }
});

test("a service may read, whatever its grant says of signing", async () => {
  const bot = await logIn(console.url, house.token["report-bot"]);
  expect((await bot.get("/reviews/activity")).text).not.toContain("Sign the review");
  expect((await bot.post("/reviews/activity/sign", { looked: "yes" })).status).toBe(403);
});

test.each([
  ["two lengths", "content-length: 5\r\ncontent-length: 6"],
  ["a length and chunks", "content-length: 5\r\ntransfer-encoding: chunked"],
  ["chunks alone", "transfer-encoding: chunked"],
])("a form with %s is refused before it is read", async (_, lengths) => {
  const { host, origin } = new URL(console.url);
  const answer = await raw(
    `POST /enter HTTP/1.1\r\nhost: ${host}\r\norigin: ${origin}\r\ncontent-type: application/x-www-form-urlencoded\r\n${lengths}\r\n\r\n5\r\ntoken\r\n0\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});

test("a form that is too long is not read to its end", async () => {
  const body = form({ token: "x".repeat(70_000) });
  const headers = { ...formHeaders(console.url), "content-length": String(body.length) };
  expect((await send(console.url, { method: "POST", path: "/enter", headers, body })).status).toBe(
    413,
  );
});

test.each([
  "http://elsewhere.example/",
  "//elsewhere.example/",
  "/%00",
  "/..%2f..%2fetc/passwd",
  `/${"a".repeat(3_000)}`,
  "/records/1e3",
  "/records/-1",
  "/records/99999999999999999999",
  "/grants/__proto__",
  "/grants/constructor",
])("the address %s leads nowhere", async (path) => {
  const { status } = await send(console.url, { path, headers: { cookie: signer.cookie } });
  expect([400, 404]).toContain(status);
});

test("every answer forbids scripts, frames, caches and guesses of its type", async () => {
  for (const path of ["/", "/activity", "/enter", "/nothing", "/patient", "/log"]) {
    const { headers } = await signer.get(path);
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
    });
  }
});

test("no page has a script, a style of its own, or an address elsewhere", async () => {
  for (const { method, path } of ROUTES) {
    if (method !== "GET") continue;
    const { text, status } = await signer.get(
      path.replace("*", path.startsWith("/grants") ? "lookup-bot-3" : "1"),
    );
    // No patient was asked about under this handle.
    expect([path, status]).toEqual([path, path === "/patient/*" ? 410 : 200]);
    expect(text).not.toMatch(
      /<script|<iframe|<object|<img|<link|javascript:|\son[a-z]+=|\sstyle=/i,
    );
    expect([...text.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, to]) => to)).toSatisfy(
      (all: string[]) => all.every((to) => /^[/#]/.test(to) && !to.startsWith("//")),
    );
  }
});

/** One request as it is written. */
async function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(console.url);
  return await new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let got = "";
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on("data", (chunk) => {
      got += chunk.toString("latin1");
      socket.end();
    });
    socket.on("close", () => resolve(got));
    socket.on("error", reject);
  });
}
