/**
 * Denial and smuggling: each hostile message gets its answer and its record, and nothing of it reaches
 * the server.
 */
import { afterAll, beforeAll, describe, test } from "vitest";
import { startWorld, type World, type WorldOptions } from "../support/gateway.ts";
import type { Attack } from "./attacks/attack.ts";
import * as envelope from "./attacks/envelope.ts";
import * as http from "./attacks/http.ts";
import * as identity from "./attacks/identity.ts";
import * as json from "./attacks/json.ts";
import * as reach from "./attacks/reach.ts";
import * as sessions from "./attacks/sessions.ts";

interface Suite {
  readonly name: string;
  readonly attacks: readonly Attack[];
}

/** These need nothing of their own, and share a gateway. */
const SUITES: readonly Suite[] = [
  { name: "keys that stand twice", attacks: json.DUPLICATE_KEYS },
  { name: "batches", attacks: json.BATCHES },
  { name: "texts that are no JSON", attacks: json.MALFORMED },
  { name: "JSON that is no message", attacks: json.NO_MESSAGES },
  { name: "numbers on a condition", attacks: json.NUMBERS },
  { name: "parameters of another form", attacks: json.PARAMETERS },
  { name: "headers that name another call", attacks: envelope.NAMES },
  { name: "headers that name another revision", attacks: envelope.VERSIONS },
  { name: "lying headers in the old era", attacks: envelope.OLD_ERA },
  { name: "headers that mirror another argument", attacks: envelope.PARAMETERS },
  { name: "the framing of the request", attacks: http.FRAMING },
  { name: "headers that stand twice", attacks: http.TWO_HEADERS },
  { name: "paths", attacks: http.PATHS },
  { name: "where the request comes from", attacks: http.PLACES },
  { name: "HTTP methods", attacks: http.METHODS },
  { name: "bodies", attacks: http.BODIES },
  { name: "methods that are none", attacks: reach.UNKNOWN_METHODS },
  { name: "tools that are not granted", attacks: reach.TOOLS },
  { name: "methods that are not granted", attacks: reach.METHODS },
  { name: "tokens", attacks: identity.TOKENS },
  { name: "sessions", attacks: sessions.SESSIONS },
  { name: "tasks", attacks: sessions.TASKS },
  { name: "rounds of one call", attacks: sessions.ROUNDS },
];

const OWN: readonly (Suite & { readonly options: WorldOptions })[] = [
  {
    name: "requests that do not arrive",
    attacks: http.SLOW,
    options: { overrides: { requestTimeoutMs: 500 } },
  },
  {
    name: "automatic logoff",
    attacks: sessions.LOGOFF,
    options: { overrides: { sessions: sessions.LOGOFF_LIMITS } },
  },
  { name: "grants that changed hands", attacks: identity.ORPHANS, options: {} },
];

let world: World;

describe("one gateway", () => {
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());
  describe.each(SUITES)("$name", ({ attacks }) => {
    test.each(attacks)("$title", ({ run }) => run(world));
  });
});

describe.each(OWN)("$name", ({ attacks, options }) => {
  beforeAll(async () => {
    world = await startWorld(options);
  });
  afterAll(() => world.stop());
  test.each(attacks)("$title", ({ run }) => run(world));
});
