/** One agent, one server and one tool whose call is allowed; a test says only what differs. */
import { type Call, TOOLS_CALL } from "../../engine/decide/call.ts";
import {
  BY_ITSELF,
  type Circumstances,
  type Decision,
  decide,
  type Judgement,
} from "../../engine/decide/decide.ts";
import type { ReceivedObject } from "../../engine/json/value.ts";
import { lockOfSchemas, type Parts, repositoryOf } from "./compile.ts";

export const NOW = Date.UTC(2026, 9, 1, 12);

export type Fields = Record<string, unknown>;

export function grantFile(fields: Fields = {}): Fields {
  return {
    version: "1",
    principal: { kind: "agent", id: "agent:bot-1", responsible: "person:a.example" },
    purpose: "treatment",
    access: [{ server: "s1", policy: "p1" }],
    issued: "2026-09-01",
    expires: "2027-03-01",
    ...fields,
  };
}

export function policyFile(fields: Fields = {}): Fields {
  return { version: "1", default: "deny", tools: { t: {} }, ...fields };
}

/** A policy with one listed tool, `t`. */
export function rulesOf(rules: Fields, more: Fields = {}): Fields {
  return policyFile({ tools: { t: rules }, ...more });
}

export function serverFile(fields: Fields = {}): Fields {
  return {
    version: "1",
    id: "s1",
    vendor: { name: "Example EHR Inc.", baa: { status: "signed", signed: "2026-01-01" } },
    tools: { t: { effect: "read", ephi: true, volume: "single", subject: "args.patient" } },
    ...fields,
  };
}

export interface World {
  readonly policy?: Fields;
  readonly grant?: Fields;
  readonly server?: Fields;
  /** Tool name → pinned input schema; nothing is pinned without it. */
  readonly schemas?: Record<string, object>;
  readonly requireBaa?: boolean;
  readonly circumstances?: Partial<Circumstances>;
}

export type CallFields = Partial<Omit<Call, "args">> & { readonly args?: unknown };

export function partsOf({ policy, grant, server, schemas, requireBaa }: World): Parts {
  return {
    policies: { p1: policy ?? policyFile() },
    grants: { g1: grant ?? grantFile() },
    servers: { s1: server ?? serverFile() },
    ...(schemas === undefined ? {} : { locks: { s1: lockOfSchemas(schemas) } }),
    ...(requireBaa === undefined ? {} : { requireBaa }),
  };
}

export function callOf(fields: CallFields = {}): Call {
  const { args = {}, ...rest } = fields;
  return {
    // A question about a policy names neither grant nor server, unless it says so.
    ...(fields.policy === undefined ? { grant: "g1", server: "s1" } : {}),
    method: TOOLS_CALL,
    tool: fields.method === undefined ? "t" : "",
    at: NOW,
    args: args as ReceivedObject,
    ...rest,
  };
}

export function judge(world: World, call: CallFields = {}): Judgement {
  const circumstances = { ...BY_ITSELF, ...world.circumstances };
  return decide(repositoryOf(partsOf(world)), callOf(call), circumstances);
}

export function ask(world: World, call: CallFields = {}): Decision {
  return judge(world, call).decision;
}
