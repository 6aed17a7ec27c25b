/** A random pair of policy and call, as the engine takes it. */
import { type Call, TOOLS_CALL } from "../../engine/decide/call.ts";
import type { ReadyRepository } from "../../engine/decide/prepare.ts";
import { InexactNumber, type ReceivedObject } from "../../engine/json/value.ts";
import type { PolicyDocument } from "../oracle/decide.ts";
import { type Pair, pairWith } from "./arbitrary.ts";
import { type Parts, repositoryOf } from "./compile.ts";

export type { Pair };

export const pairs = pairWith({ inexact: (text) => new InexactNumber(text) });

export function partsOfPair({ policy, grant, server }: Pair): Parts {
  return {
    policies: { p1: policy },
    grants: grant === undefined ? {} : { [grant.id]: grant },
    servers: server === undefined ? {} : { s1: server },
  };
}

/** The pair's repository, with another policy where one is given. */
export function repositoryOfPair(
  pair: Pair,
  policy: PolicyDocument = pair.policy,
): ReadyRepository {
  return repositoryOf(partsOfPair({ ...pair, policy }));
}

/** The pair's call: of its grant where it has a grant and a server, otherwise of the policy alone. */
export function callOfPair({ grant, server, call }: Pair): Call {
  return {
    ...(grant === undefined || server === undefined ? { policy: "p1" } : { grant: grant.id }),
    ...(server === undefined ? {} : { server: "s1" }),
    method: call.method ?? TOOLS_CALL,
    tool: call.tool,
    args: (call.args ?? {}) as ReceivedObject,
    at: call.at ?? 0,
  };
}
