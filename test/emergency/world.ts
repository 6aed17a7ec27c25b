/** A ward where the night grant is for emergencies, and the people who may open it. */
import { randomBytes } from "node:crypto";
import type { AdminRecord } from "../../engine/audit/record.ts";
import type { Opening } from "../../engine/emergency/opening.ts";
import { inboxOf } from "../../engine/grant/file-store.ts";
import { eventId, post } from "../../engine/grant/inbox.ts";
import { startWorld, type World, type WorldOptions } from "../support/gateway.ts";
import type { Answer } from "../support/http-client.ts";
import { policyFiles } from "../support/policy-folder.ts";
import type { Fields } from "../support/upstream.ts";

export const REASON = "the ward's record server is the only source tonight, INC-7";
export const NIGHT = "/emergency/night";

const person = (id: string, more: Fields = {}): Fields => ({
  version: "1",
  principal: { kind: "person", id },
  purpose: "operations",
  justification: "on call",
  access: [{ audit: "read" }],
  issued: "2026-09-01",
  expires: "2027-03-01",
  ...more,
});

/** Who is there beside the nurse and the clerk. */
export const PEOPLE: Readonly<Record<string, Fields>> = {
  "grants/chief.yaml": person("person:m.example"),
  "grants/deputy.yaml": person("person:d.example"),
  "grants/visitor.yaml": person("person:v.example"),
  "grants/pager.yaml": person("service:pager", {
    principal: { kind: "service", id: "service:pager", responsible: "person:m.example" },
  }),
};

/** The emergency grant as the ward's repository has it. */
export function nightFile(): Fields {
  const transport = { type: "http", url: "http://127.0.0.1/mcp" };
  const breakGlass = { openers: ["person:m.example", "person:d.example"], max: "4h" };
  return { ...policyFiles({ ehr: transport })["grants/night.yaml"], breakGlass };
}

/** Not a development gateway: there emergency grants stay dormant. */
export async function startWard(options: WorldOptions = {}): Promise<World> {
  return await startWorld({
    ...options,
    overrides: { dev: false, ...options.overrides },
    files: (files) => {
      const all = { ...files, ...PEOPLE, "grants/night.yaml": nightFile() };
      return options.files?.(all) ?? all;
    },
  });
}

export interface Wish {
  readonly as?: string;
  readonly token?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | object;
}

export function open(
  world: World,
  { body, path = NIGHT, as = "chief", ...wish }: Wish = {},
): Promise<Answer> {
  return world.post(body ?? { reason: REASON, for: "1h" }, { path, as, ...wish });
}

export function close(
  world: World,
  { path = NIGHT, as = "chief", ...wish }: Wish = {},
): Promise<Answer> {
  return world.http("DELETE", { path, as, ...wish });
}

export function list(world: World, as = "chief"): Promise<Answer> {
  return world.http("GET", { path: "/emergency", as });
}

/** The administrative records of emergency access after `seq`, oldest first. */
export function emergencies(world: World, seq = 0): readonly AdminRecord[] {
  return world
    .records(seq)
    .filter((record): record is AdminRecord => record.kind === "admin")
    .filter(({ action }) => action.startsWith("emergency."));
}

/** As the reviewer's command does it. */
export function signReview(world: World, opening: string): void {
  const at = world.now();
  post(inboxOf(world.state), {
    event: eventId(at, randomBytes),
    action: "review.emergency",
    at,
    by: "person:c.example",
    details: { opening },
  });
}

const AT = Date.UTC(2026, 9, 1, 12);

/** An opening of the night grant, for an hour; `n` makes it another one. */
export function openingOf({ n = 1, ...fields }: Partial<Opening> & { n?: number } = {}): Opening {
  return {
    id: `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`,
    grant: "night",
    principal: "agent:night",
    issued: Date.UTC(2026, 8, 1),
    openedBy: "person:m.example",
    reason: REASON,
    at: AT,
    until: AT + 3_600_000,
    ...fields,
  };
}
