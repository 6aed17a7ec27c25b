/** What the client reads when the gateway itself answers: denials, refusals, failures. */
import { TOOLS_CALL } from "../decide/call.ts";
import type { Decision } from "../decide/decide.ts";
import type { RequestId } from "./message.ts";
import type { Era } from "./methods.ts";
import { REFUSALS, type Refusal, RPC, TOLD_AS } from "./refusal.ts";
import type { UpstreamFailure } from "./upstream.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Under this key a denial stands as data. */
const DENIAL_META = "phiward/denial";

/** Rules of which an agent reads only that the call is not granted; the log has the rule. */
export const NOT_GRANTED = "(not granted)";

/**
 * A denial as the agent sees it: a tool result that says so, or an error for what is no tool. It does
 * not tell whether a tool that was not granted exists.
 */
export function denialAnswer(
  id: RequestId,
  method: string,
  era: Era,
  { rule, message }: Pick<Decision, "rule" | "message">,
  decision: string | undefined,
): Answer {
  const shown = message === NOT_GRANTED ? NOT_GRANTED : rule;
  const data = { verdict: "deny", rule: shown, reason: message, decision: decision ?? null };
  const text = `[POLICY DENIED] ${message} (rule ${shown}, decision ${decision ?? "not recorded"})`;
  if (method !== TOOLS_CALL) {
    return rpcError(200, id, RPC.DENIED, text, { [DENIAL_META]: data });
  }
  return {
    status: 200,
    text: JSON.stringify({
      jsonrpc: "2.0",
      id,
      result: {
        ...(era === "modern" ? { resultType: "complete" } : {}),
        content: [{ type: "text", text }],
        isError: true,
        _meta: { [DENIAL_META]: data },
      },
    }),
  };
}

export function refusalAnswer({ refused, requestId, version, ...of }: Refusal): Answer {
  const told = TOLD_AS[refused] ?? refused;
  const { status, rpc, message } = REFUSALS[told];
  const data = refused === "unsupported_version" ? version : { "phiward/refused": told };
  return rpcError(of.status ?? status, requestId ?? null, rpc, message, data);
}

export const FAILURES: Readonly<Record<UpstreamFailure, string>> = {
  unreachable: "the server cannot be reached",
  broken: "the server broke off its answer",
  timeout: "the server did not answer in time",
  too_large: "the server's answer is larger than 16 MiB",
  bad_status: "the server answered with something that is no MCP message",
  untrusted: "the server could not prove who it is",
  refused_credential: "the server refused the gateway's credential",
  redirect: "the server sent the call elsewhere, which is not followed",
  no_session: "the server forgot the session; initialize again",
  not_served: "the server does not offer this",
  cancelled: "the call was cancelled",
};

export function failureAnswer(id: RequestId | null, failure: UpstreamFailure): Answer {
  const status = failure === "no_session" ? 404 : failure === "not_served" ? 405 : 502;
  return rpcError(status, id, RPC.INTERNAL, FAILURES[failure], { "phiward/upstream": failure });
}

/** The server sent a message that readers may read differently, or that is no answer to the call. */
export function badAnswer(id: RequestId): Answer {
  return rpcError(502, id, RPC.INTERNAL, "the server's answer is no valid MCP message", {
    "phiward/upstream": "bad_message",
  });
}

export function rpcError(
  status: number,
  id: RequestId | null,
  code: number,
  message: string,
  data?: object,
): Answer {
  const error = data === undefined ? { code, message } : { code, message, data };
  return { status, text: JSON.stringify({ jsonrpc: "2.0", id, error }) };
}
