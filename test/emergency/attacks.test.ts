/** Who tries to open an emergency grant and may not: each is refused, and on record. */
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { issueToken } from "../../engine/grant/issue.ts";
import { revokeTokens } from "../../engine/grant/revoke.ts";
import { MINUTE } from "../../engine/policy/time.ts";
import { call, type World } from "../support/gateway.ts";
import type { Fields } from "../support/upstream.ts";
import {
  close,
  emergencies,
  list,
  NIGHT,
  nightFile,
  open,
  PEOPLE,
  REASON,
  startWard,
  type Wish,
} from "./world.ts";

let world: World;
let seq = 0;
beforeAll(async () => {
  world = await startWard({
    files: (files) => ({
      ...files,
      // A second emergency grant that a holder of the first might open, and one for a person who is on leave.
      "grants/late.yaml": { ...nightFile(), ...nightFileFor("agent:late") },
      "grants/leave.yaml": {
        ...PEOPLE["grants/chief.yaml"],
        principal: { kind: "person", id: "person:l.example" },
        issued: "2026-10-15",
      },
      "grants/attic.yaml": {
        ...PEOPLE["grants/chief.yaml"],
        principal: { kind: "person", id: "person:e.example" },
        breakGlass: { openers: ["person:d.example"], max: "1h" },
      },
    }),
  });
});
beforeEach(() => {
  seq = world.gateway.runtime.log.head.seq;
});
afterEach(() => close(world));
afterAll(() => world.stop());

function nightFileFor(id: string): Fields {
  return {
    principal: { kind: "agent", id, responsible: "person:a.example" },
    breakGlass: {
      openers: ["person:m.example", "person:l.example", "person:e.example"],
      max: "1h",
    },
  };
}

const isDormant = (): boolean => world.gateway.runtime.emergency.inForce(world.now()).size === 0;
const codeOf = ({ text }: { text: string }): string | undefined =>
  (JSON.parse(text) as { error?: { code?: string } }).error?.code;

async function issued(grant: string): Promise<string> {
  const { source } = world.gateway.runtime.policy.current()!.repository.grants.get(grant)!;
  const plan = issueToken(source, world.now() + 60 * MINUTE, {
    at: world.now(),
    random: randomBytes,
  });
  return (await world.gateway.tokens.change(plan)).token;
}

interface Row {
  readonly who: string;
  readonly wish: Wish;
  readonly code?: string;
  /** What the record names besides: the person or thing that tried. */
  readonly by: string;
}

const LISTED: readonly Row[] = [
  { who: "the agent that holds it", wish: { as: "night" }, by: "agent:night" },
  { who: "another agent", wish: { as: "nurse" }, by: "agent:nurse" },
  { who: "a service", wish: { as: "pager" }, by: "service:pager" },
  { who: "a person whom it does not name", wish: { as: "visitor" }, by: "person:v.example" },
  {
    who: "a person for a grant that is not there",
    wish: { path: "/emergency/nothing" },
    by: "person:m.example",
  },
  {
    who: "a person for a grant that is no emergency grant",
    wish: { path: "/emergency/nurse" },
    by: "person:m.example",
  },
  // `attic` is a person's, and dormant itself: its token must not open anything.
  {
    who: "a person by an emergency grant of theirs",
    wish: { as: "attic", path: "/emergency/late" },
    by: "person:e.example",
  },
  {
    who: "an opener by a grant that is not valid yet",
    wish: { as: "leave", path: "/emergency/late" },
    by: "person:l.example",
  },
];

describe("is refused, told alike, and recorded", () => {
  test.each(LISTED)("$who", async ({ wish, by }) => {
    const answer = await open(world, wish);
    expect([answer.status, codeOf(answer)]).toEqual([403, "not_an_opener"]);
    expect(answer.text).toContain("there is no emergency grant of this name that you may open");
    expect(isDormant()).toBe(true);
    expect(emergencies(world, seq)).toMatchObject([
      { action: "emergency.refused", by, details: { code: "not_an_opener" } },
    ]);
  });

  test.each<[string, Wish["body"], string]>([
    ["text", "please", "bad_request"],
    ["two reasons", `{"reason":"${REASON}","reason":"${REASON} ","for":"1h"}`, "bad_request"],
    ["a wish with more in it", { reason: REASON, for: "1h", grant: "nurse" }, "bad_request"],
    ["no duration", { reason: REASON }, "bad_request"],
    ["a list", [REASON, "1h"], "bad_request"],
    ["more than 4 KiB", { reason: "x".repeat(5_000), for: "1h" }, "bad_request"],
    ["bytes that are no UTF-8", Buffer.from('{"reason":"\xff"}', "latin1"), "bad_request"],
    ["a reason of nothing", { reason: "help", for: "1h" }, "bad_reason"],
    ["a patient's number", { reason: "chart of 412-55-7391 is needed", for: "1h" }, "bad_reason"],
    ["days", { reason: REASON, for: "1d" }, "bad_duration"],
    ["no time at all", { reason: REASON, for: "0h" }, "bad_duration"],
    ["more time than there may be", { reason: REASON, for: "241m" }, "too_long"],
  ])("an opener with %s", async (_, body, code) => {
    const answer = await open(world, { body: body! });
    expect([answer.status, codeOf(answer)]).toEqual([400, code]);
    expect(answer.text).not.toContain("412-55");
    expect(isDormant()).toBe(true);
    const records = emergencies(world, seq);
    expect(records).toMatchObject([{ action: "emergency.refused", details: { code } }]);
    expect(JSON.stringify(records)).not.toContain("412-55");
  });

  test.each<[string, Wish, number, string]>([
    ["no token", { token: "" }, 401, "no_token"],
    ["a token that nobody issued", { token: `phw_${"A".repeat(43)}` }, 401, "unknown_token"],
    // A page that a person has open must not open anything in their name.
    [
      "a web page, of our own host too",
      { headers: { origin: "http://127.0.0.1" } },
      403,
      "bad_origin",
    ],
    ["a browser without an origin", { headers: { "sec-fetch-site": "none" } }, 403, "bad_origin"],
    ["another host's name", { headers: { host: "evil.example" } }, 403, "bad_host"],
    ["a form", { headers: { "content-type": "text/plain" } }, 415, "media_type"],
    ["a path within a path", { path: "/emergency/night/x" }, 404, "not_found"],
    ["a name that is escaped", { path: "/emergency/ni%67ht" }, 404, "not_found"],
  ])("%s", async (_, wish, status, code) => {
    const answer = await open(world, wish);
    expect(answer.status).toBe(status);
    expect(isDormant()).toBe(true);
    expect(await world.record({ kind: "rejected", code }, seq)).toBeDefined();
    expect(emergencies(world, seq)).toEqual([]);
  });

  test("another method than POST and DELETE", async () => {
    for (const method of ["GET", "PUT", "PATCH", "HEAD"]) {
      expect((await world.http(method, { as: "chief", path: NIGHT })).status).toBe(405);
    }
    expect((await world.post({}, { as: "chief", path: "/emergency" })).status).toBe(405);
    expect(isDormant()).toBe(true);
  });
});

test("a token that was revoked, or has expired, opens nothing; nor does it close or list", async () => {
  await open(world);
  const [revoked, expired] = [await issued("chief"), await issued("chief")];
  const id = world.gateway.tokens.list().at(-2)!.id;
  await world.gateway.tokens.change(
    revokeTokens((entry) => entry.id === id, { at: world.now(), random: randomBytes }),
  );
  expect((await close(world, { token: revoked })).status).toBe(401);
  expect((await world.http("GET", { path: "/emergency", token: revoked })).status).toBe(401);
  await close(world);
  expect((await open(world, { token: revoked })).status).toBe(401);
  world.shiftClock(60 * MINUTE);
  expect((await open(world, { token: expired })).status).toBe(401);
  expect(isDormant()).toBe(true);
  await world.record({ kind: "rejected", code: "revoked_token" }, seq);
  await world.record({ kind: "rejected", code: "expired_token" }, seq);
});

test("who may not open may not close, and sees no list", async () => {
  await open(world);
  for (const as of ["night", "nurse", "pager", "visitor"]) {
    expect((await close(world, { as })).status).toBe(403);
    expect((await list(world, as)).status).toBe(403);
  }
  expect(isDormant()).toBe(false);
});

test("an opener sees the grants that name them, and no others", async () => {
  const grants = async (as: string): Promise<readonly string[]> =>
    (JSON.parse((await list(world, as)).text) as { grants: { grant: string }[] }).grants.map(
      ({ grant }) => grant,
    );
  expect(await grants("chief")).toEqual(["late", "night"]);
  expect(await grants("deputy")).toEqual(["attic", "night"]);
});

test("an opening opens its own grant alone", async () => {
  await open(world, { path: "/emergency/late", body: { reason: REASON, for: "1h" } });
  const { text } = await world.post(call("get_patient", { patient_id: "p-1" }), { as: "night" });
  expect(text).toContain("(dormant)");
  expect((await close(world, { path: "/emergency/late" })).status).toBe(200);
});

test("attempts in floods are folded, and do not fill the log", async () => {
  await Promise.all(Array.from({ length: 120 }, () => open(world, { as: "visitor" })));
  expect(emergencies(world, seq).length).toBeLessThanOrEqual(101);
  world.shiftClock(2_000);
  const folded = await world.record({ kind: "rejected", code: "emergency_not_an_opener" }, seq);
  expect(folded).toMatchObject({ grant: "visitor" });
});

test("a development gateway keeps them dormant, whoever asks", async () => {
  const dev = await startWard({ overrides: { dev: true } });
  try {
    expect(codeOf(await open(dev))).toBe("development");
    expect(dev.gateway.runtime.emergency.inForce(dev.now()).size).toBe(0);
  } finally {
    await dev.stop();
  }
});
