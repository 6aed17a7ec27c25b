/** One hostile message: what the client reads, what the log says; nothing reaches the server. */
import { expect } from "vitest";
import type { World } from "../../support/gateway.ts";
import type { Answer } from "../../support/http-client.ts";
import type { Fields } from "../../support/upstream.ts";

/** A patient of no hospital. It stands in most messages, and may stand in no record and no answer. */
export const PLANTED = "p-planted-4471";

export interface Reads {
  readonly status: number;
  /** The JSON-RPC error code. */
  readonly rpc?: number;
  /** Why it was refused, or the rule that an agent reads. */
  readonly why?: string;
}

export interface Attack {
  readonly title: string;
  readonly run: (world: World) => Promise<void>;
}

export interface Expected {
  readonly reads: Reads;
  /** Members of one of the records that the message leaves. */
  readonly logged: Fields;
}

type Send<T> = (world: World, given: T) => Promise<Answer>;

/** `given` comes first, and may reach the server; what `send` sends may not. */
export function attack(title: string, expected: Expected, send: Send<undefined>): Attack;
export function attack<T>(
  title: string,
  expected: Expected,
  send: Send<T>,
  given: (world: World) => Promise<T>,
): Attack;
export function attack<T>(
  title: string,
  expected: Expected,
  send: Send<T>,
  given?: (world: World) => Promise<T>,
): Attack {
  return {
    title,
    async run(world) {
      const before = (await given?.(world)) as T;
      const { seq } = world.gateway.runtime.log.head;
      const reached = world.upstream.requests.length;
      const answer = await send(world, before);
      const records = world.records(seq);
      expect(readsOf(answer)).toEqual(expected.reads);
      // A DELETE only says that a session is over.
      const arrived = world.upstream.requests.slice(reached);
      expect(arrived.filter(({ http }) => http !== "DELETE")).toEqual([]);
      expect(records).toContainEqual(expect.objectContaining(expected.logged));
      expect(JSON.stringify(records) + answer.text).not.toContain(PLANTED);
    },
  };
}

export function readsOf({ status, message }: Answer): Reads {
  const { error, result } = message;
  const meta = result?._meta as Fields | undefined;
  const denial = (error?.data ?? meta)?.["phiward/denial"] as Fields | undefined;
  const why = denial?.rule ?? error?.data?.["phiward/refused"] ?? error?.data?.["phiward/upstream"];
  return {
    status,
    ...(error === undefined ? {} : { rpc: error.code }),
    ...(typeof why === "string" ? { why } : {}),
  };
}

/** Refused before policy is asked. */
export function refused(status: number, rpc: number, why: string, more: Fields = {}): Expected {
  return { reads: { status, rpc, why }, logged: { kind: "rejected", code: why, ...more } };
}

/** A tool call that policy denies. `shown` is what the agent reads in place of the rule. */
export function denied(rule: string, shown = rule, more: Fields = {}): Expected {
  return {
    reads: { status: 200, why: shown },
    logged: { kind: "decision", verdict: "deny", rule, ...more },
  };
}

/** The tool is not granted; an agent does not learn whether it exists. */
export function notGranted(rule: string, more: Fields = {}): Expected {
  return denied(rule, "(not granted)", more);
}

/** A method that policy denies. */
export function deniedMethod(rule: string, more: Fields = {}): Expected {
  return {
    reads: { status: 200, rpc: 403, why: rule },
    logged: { kind: "decision", verdict: "deny", rule, ...more },
  };
}
