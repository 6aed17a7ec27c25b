/** Random entries of every kind, with every optional member there or not. */
import fc from "fast-check";
import type { Entry } from "../../engine/audit/record.ts";
import { reasonCode } from "../../engine/audit/record.ts";
import { patient } from "./generate.ts";

/** Any text that JSON can hold, with quotes, line ends and what looks like members of a record. */
const text = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    '","hash":"',
    `,"hash":"${"0".repeat(64)}"`,
    '","id":"',
    ',"seq":1,',
    ',"prev":"',
    "a\nb",
    "\u2028\u0000\u007f",
    "é—😀",
  ),
);
const pseudonyms = fc.uniqueArray(fc.integer({ min: 0, max: 9 }).map(patient), { maxLength: 3 });
const digest = fc.constant(`sha256:${"ab".repeat(32)}`);
const count = fc.integer({ min: 0, max: 2 ** 40 });
const at = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
const id = fc.option(fc.uuid(), { nil: undefined });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const bundle = fc.record(
  { name: text, version: text, digest, commit: maybe(text) },
  { requiredKeys: ["name", "version", "digest"] },
);
const token = fc.constant("0123456789ab");

const decision = fc
  .record({
    kind: fc.constant("decision" as const),
    at,
    id,
    grant: text,
    principal: text,
    responsible: maybe(text),
    purpose: text,
    server: text,
    method: text,
    tool: fc.oneof(fc.constant(""), text),
    argKeys: fc.uniqueArray(text, { maxLength: 4 }),
    argsOther: count,
    subjects: pseudonyms,
    subject: fc.constantFrom("named", "none", "unknown"),
    volume: fc.constantFrom("single", "chart", "bulk"),
    ephi: fc.boolean(),
    effect: fc.constantFrom("read", "write", "destructive", "execute", "financial"),
    rule: fc.constantFrom("", "(default deny)", "/tools/a/require/0"),
    policy: fc.option(fc.record({ name: text, digest }), { nil: null }),
    bundle: fc.option(bundle, { nil: null }),
    quota: fc.array(
      fc.oneof(
        fc.record({ key: text, amount: count }),
        fc.record({ key: text, subjects: pseudonyms }),
      ),
      { maxLength: 3 },
    ),
    session: maybe(text),
    request: maybe(text),
    trace: maybe(text),
    round: maybe(fc.uuid()),
    monitor: fc.constantFrom(true as const, undefined),
    emergency: maybe(fc.uuid()),
  })
  .map((one) => ({
    ...one,
    verdict: one.rule === "" ? ("allow" as const) : ("deny" as const),
    code: reasonCode(one.rule),
  }));

const outcome = fc.record({
  kind: fc.constant("outcome" as const),
  at,
  id,
  decision: fc.uuid(),
  status: fc.constantFrom("ok", "tool_error", "upstream_error", "cancelled", "unknown"),
  ms: fc.oneof(count, fc.double({ min: 0, max: 1e6, noNaN: true })),
  bytes: count,
  items: count,
  resultSubjects: pseudonyms,
  refunded: fc.constantFrom(true as const, undefined),
});

const rejected = fc.record({
  kind: fc.constant("rejected" as const),
  at,
  id,
  code: text,
  transport: fc.constantFrom("http", "stdio"),
  grant: maybe(text),
  server: maybe(text),
  method: maybe(text),
  tool: maybe(text),
  token: maybe(token),
  remote: maybe(text),
  session: maybe(text),
  count: maybe(fc.integer({ min: 1, max: 1000 })),
});

const admin = fc.record({
  kind: fc.constant("admin" as const),
  at,
  id,
  action: fc.constantFrom("token.issued", "gateway.started", "log.recovered"),
  by: maybe(text),
  grant: maybe(text),
  principal: maybe(text),
  token: maybe(token),
  expires: maybe(fc.constant("2026-10-01T12:00:00Z")),
  event: maybe(text),
  // Names that the record itself has are the hard ones.
  details: maybe(
    fc.dictionary(
      fc.constantFrom("hash", "id", "prev", "seq", "z", "a", "B", "discardedBytes"),
      fc.oneof(text, count, fc.boolean()),
    ),
  ),
});

const policy = fc.record({
  kind: fc.constant("policy" as const),
  at,
  id,
  event: fc.constantFrom("activated", "refused", "stale", "rolled_back", "halted", "drift"),
  bundle: maybe(bundle),
  check: maybe(text),
  server: maybe(text),
  tool: maybe(text),
});

const checkpoint = fc.record({
  kind: fc.constant("checkpoint" as const),
  at,
  id,
  origin: text,
  count: fc.integer({ min: 1, max: 2 ** 40 }),
  root: fc.constant(patient(1)),
  keyId: fc.constant("0123abcd"),
  note: text,
});

export const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  decision,
  outcome,
  rejected,
  admin,
  policy,
  checkpoint,
);
