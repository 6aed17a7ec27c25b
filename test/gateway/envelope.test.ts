/**
 * Era and headers, against the official SDK's classifier as the oracle: where it refuses a request we
 * refuse it, and where both take it, it is of the same era. Where we are stricter, the reason is here.
 */
import { classifyInboundRequest } from "@modelcontextprotocol/server";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeHeader,
  encodeHeader,
  type Headers,
  readEnvelope,
} from "../../engine/gateway/envelope.ts";
import { readMessage } from "../../engine/gateway/message.ts";
import type { RefusalCode } from "../../engine/gateway/refusal.ts";

interface Request {
  readonly body: unknown;
  readonly headers: Headers;
}

type Verdict = "legacy" | "modern" | { readonly refused: string };

/** What we refuse and the SDK's classifier takes, and why. */
const STRICTER: Partial<Record<RefusalCode, string>> = {
  batch: "a batch hides a second call behind the first; only one revision ever had them",
  header_missing: "the classifier leaves required headers to a later step of the SDK",
  header_mismatch:
    "`Mcp-Name` is left to a later step; in the legacy era nobody looks, and a proxy before us may",
  unsupported_version:
    "a revision that is not served here is told so, before anything is made of it",
  bad_envelope:
    "a handshake that claims a modern revision without all of its claim is no legacy one either",
};

function ours({ body, headers }: Request): Verdict {
  const message = readMessage(JSON.stringify(body));
  if ("problem" in message) return { refused: message.problem };
  const envelope = readEnvelope(message, headers);
  return "problem" in envelope ? { refused: envelope.problem } : envelope.era;
}

function theirs({ body, headers }: Request): Verdict {
  const outcome = classifyInboundRequest({
    httpMethod: "POST",
    body,
    ...(headers["mcp-protocol-version"] === undefined
      ? {}
      : { protocolVersionHeader: headers["mcp-protocol-version"] }),
    ...(headers["mcp-method"] === undefined ? {} : { mcpMethodHeader: headers["mcp-method"] }),
    ...(headers["mcp-name"] === undefined ? {} : { mcpNameHeader: headers["mcp-name"] }),
  });
  return outcome.kind === "reject" ? { refused: outcome.cell } : outcome.kind;
}

const VERSION = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
const METHODS = ["initialize", "initialize", "tools/list", "resources/read", "tasks/get", "x/y"];
const VERSIONS = ["2026-07-28", "2025-11-25", "2025-03-26", "2027-01-01", "2020-01-01", ""];
const NAMES = [
  "get_patient",
  "list_wards",
  "=?base64?Z2V0X3BhdGllbnQ=?=",
  "=?base64?Z2V0X3BhdGllbnR=?=",
];

/** Mostly the first of them, so that whole requests come about often enough. */
const mostly = (usual: unknown, ...others: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant<unknown>(usual) }, fc.constantFrom(...others));
const member = (value: fc.Arbitrary<unknown>, weight = 3) =>
  fc.oneof({ weight, arbitrary: value }, fc.constant(undefined));

const metas = fc.record({
  [VERSION]: member(mostly("2026-07-28", ...VERSIONS, 7, null)),
  [CAPABILITIES]: member(mostly({}, "x", null, []), 12),
});
const paramsOf = fc.record({
  name: member(fc.constantFrom<unknown>("get_patient", 7)),
  uri: member(fc.constantFrom<unknown>("get_patient", null)),
  taskId: member(fc.constant("get_patient")),
  protocolVersion: member(fc.constantFrom(...VERSIONS), 1),
  _meta: member(fc.oneof({ weight: 5, arbitrary: metas }, fc.constantFrom(null, [], "x"))),
});
const bodies = fc.record({
  jsonrpc: mostly("2.0", "1.0", undefined),
  id: mostly(1, "a", undefined, undefined, null, 1.5, {}),
  method: mostly("tools/call", ...METHODS, undefined, undefined, 7),
  params: fc.oneof(
    { weight: 6, arbitrary: paramsOf },
    fc.constantFrom(undefined, null, [], {}, "x"),
  ),
  result: mostly(undefined, {}, {}, null),
  error: mostly(undefined, undefined, { code: 1, message: "no" }),
});
const requests: fc.Arbitrary<Request> = fc.record({
  body: fc.oneof(
    { weight: 12, arbitrary: bodies },
    { weight: 1, arbitrary: fc.array(bodies, { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.constantFrom(null, "x", 7, true) },
  ),
  headers: fc.record({
    "mcp-protocol-version": member(mostly("2026-07-28", ...VERSIONS.slice(1, 5))),
    "mcp-method": member(mostly("tools/call", ...METHODS)),
    "mcp-name": member(fc.constantFrom(...NAMES)),
  }) as fc.Arbitrary<Headers>,
});

const RUNS = 10_000;
/** The same requests every time: whether each reason is needed must not be chance. */
const COMPARED = fc.sample(requests, { numRuns: RUNS, seed: 20_260_728 }).map((generated) => {
  // `undefined` is no JSON: what is compared is what would be sent.
  const request = { ...generated, body: JSON.parse(JSON.stringify(generated.body)) as unknown };
  return { request, mine: ours(request), its: theirs(request) };
});
const isRefused = (verdict: Verdict): verdict is { refused: string } => typeof verdict !== "string";

describe("against the SDK's classifier", () => {
  test("what it refuses is refused, and what both take is of the same era", () => {
    for (const { request, mine, its } of COMPARED) {
      if (!isRefused(mine)) expect(its, JSON.stringify(request)).toBe(mine);
    }
  });

  test("where we refuse more, it is for one of the reasons, and each of them is needed", () => {
    const more = COMPARED.filter(({ its }) => !isRefused(its)).map(({ mine }) => mine);
    const codes = new Set(more.filter(isRefused).map(({ refused }) => refused));
    expect([...codes].sort()).toEqual(Object.keys(STRICTER).sort());
  });

  test.each(["legacy", "modern"])(
    "the %s era comes about, so that the comparison is one",
    (era) => {
      const taken = COMPARED.filter(({ mine }) => mine === era);
      expect(taken.length).toBeGreaterThan(RUNS / 100);
    },
  );
});

describe("names in headers", () => {
  test("every text comes back from its header", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const header = encodeHeader(text);
        expect(header).toMatch(/^[\x20-\x7e\t]*$/);
        expect(decodeHeader(header)).toBe(text);
      }),
    );
  });

  test("two headers that differ never mean the same, but for a text in base64 that need not be", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^=\?base64\?[A-Za-z0-9+/]{0,12}={0,2}\?=$/),
        fc.stringMatching(/^=\?base64\?[A-Za-z0-9+/]{0,12}={0,2}\?=$/),
        (a, b) => {
          const [first, second] = [decodeHeader(a), decodeHeader(b)];
          expect(first !== undefined && first === second).toBe(first !== undefined && a === b);
        },
      ),
    );
  });
});
