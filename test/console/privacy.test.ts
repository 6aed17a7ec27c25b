/** What is recorded of a view, what is not, and where an identifier goes: nowhere. */
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readRecords } from "../../engine/audit/read.ts";
import type { AdminRecord, Entry } from "../../engine/audit/record.ts";
import { HANDLE_LIFE_MS } from "../../engine/console/handles.ts";
import { entries, START } from "../audit/generate.ts";
import { type House, type HouseOptions, makeHouse, NOW, PLANTED } from "./house.ts";
import { logIn } from "./visitor.ts";

const made: House[] = [];
async function open(options?: HouseOptions) {
  const house = await makeHouse(options);
  made.push(house);
  const console = await house.start();
  return { house, console, visitor: await logIn(console.url, house.token["privacy-office"]) };
}
afterEach(async () => {
  for (const house of made.splice(0)) await house.remove();
});

function views({ state }: House): AdminRecord[] {
  return [...readRecords(join(state, "audit"))].filter(
    (record) => record.kind === "admin" && record.action === "console.viewed",
  ) as AdminRecord[];
}

test("a patient is asked about without the identifier being shown, stored, logged or addressed", async () => {
  const said: string[] = [];
  const { house, console, visitor } = await open();
  const asked = await visitor.post("/patient", { patient: ` Patient/${PLANTED} ` });
  expect(asked.status).toBe(303);
  const address = asked.headers.location!;
  expect(address).toMatch(/^\/patient\/[A-Za-z0-9_-]{43}$/);
  const answer = await visitor.get(address);
  expect(answer.text).toContain("calls of this patient");
  const taken = await visitor.post(`${address}/export`);
  expect(taken.headers["content-type"]).toBe("text/csv; charset=utf-8");
  const wrong = await visitor.post("/patient", { patient: `${PLANTED},other` });
  expect(wrong.status).toBe(400);
  await console.stop();

  said.push(JSON.stringify(asked), JSON.stringify(answer), JSON.stringify(taken));
  said.push(JSON.stringify(wrong), ...filesUnder(house.state));
  for (const text of said) expect(text).not.toContain(PLANTED);
  const pseudonym = /Pseudonym <code><bdi>([0-9a-f]{16})/.exec(answer.text)![1]!;
  expect(views(house).at(-1)).toMatchObject({
    by: "person:m.chen",
    details: { page: "patient", patient: expect.stringMatching(`^${pseudonym}`) },
  });
});

/** Every file's bytes, as text that an identifier would be found in. */
function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"));
}

test("an answer about a patient is for who asked, and not for long", async () => {
  const { house, console, visitor } = await open();
  const { location } = (await visitor.post("/patient", { patient: PLANTED })).headers;
  const other = await logIn(console.url, house.token["outside-auditor"]);
  expect((await other.get(location!)).status).toBe(410);
  expect((await other.post(`${location}/export`)).status).toBe(410);
  expect((await visitor.get(location!)).status).toBe(200);
  house.clock.now = NOW + HANDLE_LIFE_MS;
  expect((await visitor.get(location!)).status).toBe(410);
});

test("every page with rows about somebody is recorded, with what it was asked and how much it showed", async () => {
  const { house, console, visitor } = await open();
  const paths = [
    "/activity?verdict=deny&principal=agent%3Alookup-bot-3",
    "/records/3",
    "/people",
    "/grants/lookup-bot-3",
    "/reviews/activity",
    "/reviews/access",
    "/openings",
  ];
  for (const path of paths) expect([path, (await visitor.get(path)).status]).toEqual([path, 200]);
  await console.stop();
  const seen = new Map(views(house).map(({ details }) => [details?.page, details]));
  expect([...seen.keys()].sort()).toEqual([
    "access review",
    "activity",
    "activity review",
    "grant",
    "openings",
    "people",
    "record",
  ]);
  const asked = seen.get("activity")!;
  expect(asked).toMatchObject({
    verdict: "deny",
    principal: "agent:lookup-bot-3",
    kind: "decision",
  });
  expect(asked.rows).toBeGreaterThan(0);
});

test("what is no name of the log is not looked for, shown, or recorded", async () => {
  const { house, console, visitor } = await open();
  const names = ["principal", "grant", "server", "tool", "rule", "verdict", "kind"];
  for (const name of names) {
    const answer = await visitor.get(`/activity?${name}=${PLANTED}`);
    expect(answer.text).toContain("The log has no such name");
    expect(answer.text).not.toContain(PLANTED);
  }
  for (const name of ["from", "to", "after"]) {
    expect((await visitor.get(`/activity?${name}=${PLANTED}`)).text).not.toContain(PLANTED);
  }
  for (const path of [`/grants/${PLANTED}`, `/records/${PLANTED}`, `/${PLANTED}`]) {
    expect((await visitor.get(path)).text).not.toContain(PLANTED);
  }
  await console.stop();
  for (const text of filesUnder(house.state)) expect(text).not.toContain(PLANTED);
});

test("a view that cannot be recorded is not shown", async () => {
  const { house, visitor } = await open();
  const inbox = join(house.state, "inbox");
  rmSync(inbox, { recursive: true, force: true });
  // A file where the folder should be: also root cannot write there.
  writeFileSync(inbox, "");
  const answer = await visitor.get("/activity");
  expect(answer.status).toBe(503);
  expect(answer.text).not.toContain("lookup-bot-3");
  const { location } = (await visitor.post("/patient", { patient: PLANTED })).headers;
  expect((await visitor.get(location!)).status).toBe(503);
  rmSync(inbox);
  expect((await visitor.get("/activity")).status).toBe(200);
});

test("an export is in the chain, with its digest, before it is sent", async () => {
  const { house, visitor } = await open();
  const taken = await visitor.post("/activity/export", { as: "csv", verdict: "deny" });
  expect(taken.headers["content-disposition"]).toBe('attachment; filename="activity.csv"');
  const [record] = [...readRecords(join(house.state, "audit"))].filter(
    (one) => one.kind === "admin" && one.action === "console.exported",
  );
  const { createHash } = await import("node:crypto");
  const digest = `sha256:${createHash("sha256").update(taken.text).digest("hex")}`;
  expect(record).toMatchObject({
    by: "person:m.chen",
    details: { page: "activity", format: "csv", digest, verdict: "deny" },
  });
});

test("a key that others may read stops the question, and says nothing of the patient", async () => {
  const { house, visitor } = await open();
  chmodSync(join(house.state, "keys", "subject-v1.key"), 0o644);
  const answer = await visitor.post("/patient", { patient: PLANTED });
  expect(answer.status).toBe(500);
  expect(answer.text).not.toContain(PLANTED);
});

/** Names that a server, a grant or a note could have. */
const HOSTILE = [
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  '=HYPERLINK("http://evil.example")',
  "\u202egpj.exe",
  "</title></style><svg onload=alert(1)>",
  "&lt;b&gt;",
  "javascript:alert(1)",
];

test("a hostile name is shown as text, wherever it stands", async () => {
  const call = [...entries(3)].find((one) => one.kind === "decision")!;
  const more = HOSTILE.flatMap((name, i): Entry[] => [
    {
      ...call,
      at: START + i,
      id: undefined,
      grant: name,
      principal: name,
      responsible: name,
      server: name,
      tool: name,
      verdict: "deny",
      rule: name,
      code: "other",
    },
    {
      kind: "admin",
      at: START + i,
      action: "emergency.opened",
      by: name,
      grant: name,
      event: `e${i}`,
      expires: new Date(START).toISOString(),
      details: { opening: `o${i}`, reason: name },
    },
    {
      kind: "admin",
      at: START + i,
      action: "review.emergency",
      by: name,
      details: { opening: `o${i}`, note: name },
    },
  ]);
  const { visitor } = await open({ calls: 50, more });
  const records = Array.from({ length: 3 }, (_, i) => `/records/${52 + i}`);
  const pages = [
    "/activity?kind=",
    "/people",
    "/openings",
    "/reviews/activity",
    "/log",
    "/releases",
    ...records,
  ];
  const texts = await Promise.all(pages.map(async (path) => (await visitor.get(path)).text));
  expect(texts.join("")).toContain("&#60;script&#62;");
  for (const text of texts) {
    expect(text).not.toMatch(/<script|<img|<svg onload|<b>|\u202e/);
    expect(text).not.toMatch(/href="(javascript|http)/);
  }
  const csv = (await visitor.post("/activity/export", { as: "csv", kind: "" })).text;
  expect(csv).toContain("HYPERLINK");
  expect(csv).not.toMatch(/(^|,)"?=/m);
});
