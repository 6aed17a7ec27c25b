/**
 * One recorded call → one line of a fixture file, or the reason why there is none.
 *
 *     decide the call as it was sent
 *     replace its values
 *     decide the replaced call: the same verdict, or no line
 *     look for anything that was sent in what would be written: nothing, or no line
 *
 * Quotas run along on both sides, over the lines that are written, as `simulate` runs them later.
 */
import { type Call, TOOLS_CALL } from "../decide/call.ts";
import { type Decision, decide } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import { InexactNumber, isObject, type Received, type ReceivedObject } from "../json/value.ts";
import { writeReceived } from "../json/write.ts";
import type { Pseudonymiser } from "../phi/pseudonymise.ts";
import { sealOf } from "../phi/seal.ts";
import type { Vocabulary } from "../phi/vocabulary.ts";
import { MAX_LINE_BYTES } from "../policy/limits.ts";
import { boundedUsage } from "../simulate/usage.ts";

export interface LineWorld {
  readonly repository: ReadyRepository;
  readonly vocabulary: Vocabulary;
  readonly pseudonymiser: Pseudonymiser;
  /** Whether a tool's name is one of the server's, and so nobody's. */
  readonly isTool: (name: string) => boolean;
  /** Values are written as they were sent. */
  readonly raw: boolean;
}

/** A call as it went to the server. Its values are somebody's. */
export interface SentCall {
  readonly id: string;
  readonly call: Call;
  /** Undefined where no answer came. */
  readonly isError: boolean | undefined;
}

export type Line =
  | { readonly text: string; readonly verdict: Decision["verdict"]; readonly keys: number }
  | { readonly skipped: Skipped };

/** Why a call has no line, in names alone. */
export interface Skipped {
  readonly why: "verdict" | "value" | "size";
  readonly tool: string;
  /** The rule that decided the call as it was sent; "" for an allowed one. */
  readonly rule: string;
  /** The rule that would decide what would be written. */
  readonly replacedRule: string;
}

export function lineWriter(world: LineWorld): (sent: SentCall) => Line {
  const { repository, raw, isTool } = world;
  const sentUsage = boundedUsage();
  const writtenUsage = boundedUsage();
  const judge = (call: Call, usage: typeof sentUsage) => {
    usage.at(call.at);
    return decide(repository, call, { usage });
  };
  return ({ id, call, isError }) => {
    const { decision, charges } = judge(call, sentUsage);
    // As long afterwards as before: what cannot be written need not be replaced.
    if (writeReceived(call.args).length >= MAX_LINE_BYTES) {
      const tool = isTool(call.tool) ? call.tool : call.method;
      return { skipped: { why: "size", tool, rule: decision.rule, replacedRule: decision.rule } };
    }
    const written = raw ? asSent(call) : replaced(call, world);
    const skipped = (why: Skipped["why"], replacedRule = decision.rule): Line => ({
      skipped: { why, tool: written.call.tool || call.method, rule: decision.rule, replacedRule },
    });
    const again = judge(written.call, writtenUsage);
    if (!sameDecision(decision, again.decision)) return skipped("verdict", again.decision.rule);
    if (!raw && leaks(call, written.call, world)) return skipped("value");
    const text = lineText(id, written, decision, isError);
    if (Buffer.byteLength(text) >= MAX_LINE_BYTES) return skipped("size");
    if (charges.length > 0) sentUsage.charge(charges);
    if (again.charges.length > 0) writtenUsage.charge(again.charges);
    return { text, verdict: decision.verdict, keys: written.keys };
  };
}

interface Written {
  readonly call: Call;
  readonly values: "replaced" | "raw";
  readonly paths: readonly string[];
  readonly keys: number;
}

function asSent(call: Call): Written {
  return { call, values: "raw", paths: [], keys: 0 };
}

function replaced(call: Call, { pseudonymiser, isTool }: LineWorld): Written {
  const { args, paths, keys } = pseudonymiser.args(call.args);
  const made = call.method === TOOLS_CALL && !isTool(call.tool);
  const tool = made ? pseudonymiser.text(call.tool) : call.tool;
  return {
    call: { ...call, tool, args },
    values: "replaced",
    paths: made ? ["tool", ...paths] : paths,
    keys,
  };
}

function sameDecision(a: Decision, b: Decision): boolean {
  return a.verdict === b.verdict && a.rule === b.rule && a.ephi === b.ephi && a.effect === b.effect;
}

function lineText(
  id: string,
  { call, values, paths, keys }: Written,
  { verdict, rule }: Decision,
  isError: boolean | undefined,
): string {
  const { grant, server, method, tool, args, at } = call;
  const isTool = method === TOOLS_CALL;
  const seal = sealOf({ tool: isTool ? tool : undefined, args, replaced: paths });
  return writeReceived({
    v: 1,
    id,
    at: new Date(at).toISOString(),
    grant: grant!,
    server: server!,
    ...(isTool ? { tool } : { method }),
    args,
    outcome: { verdict, rule, ...(isError === undefined ? {} : { isError }) },
    recorded:
      values === "raw"
        ? { values }
        : { values, ...(paths.length + keys === 0 ? {} : { replaced: paths }), seal },
  });
}

/** A shorter text says nothing: it is found in others by chance. */
const MIN_LENGTH = 3;
const MIN_DIGITS = 5;

/**
 * Whether a value that was sent stands in what was put in its place, by a chance of one in many. It
 * would be found by who looks for it, and nobody could say that it was only chance.
 */
function leaks(sent: Call, written: Call, { pseudonymiser, vocabulary }: LineWorld): boolean {
  const isKept = (text: string): boolean => vocabulary.has(text) || vocabulary.hasKey(text);
  const secrets = texts(sent.args).filter(
    (text) => isSecret(text) && !isKept(text) && pseudonymiser.text(text) !== text,
  );
  const fresh = texts(written.args).filter((text) => !isKept(text));
  return secrets.some((secret) => fresh.some((text) => text.includes(secret)));
}

function isSecret(text: string): boolean {
  if (/^-?[0-9.]+$/.test(text)) return text.replace(/[^0-9]/g, "").length >= MIN_DIGITS;
  return text.length >= MIN_LENGTH && /[\p{L}\p{N}]/u.test(text);
}

/** Every text, number and key of a value. */
function texts(value: Received): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (value instanceof InexactNumber) return [value.text];
  if (Array.isArray(value)) return value.flatMap((item) => texts(item as Received));
  if (!isObject(value)) return [];
  return Object.entries(value as ReceivedObject).flatMap(([key, member]) => [
    key,
    ...texts(member),
  ]);
}
