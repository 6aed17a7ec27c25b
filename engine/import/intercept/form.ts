/**
 * The form of a PolicyLayer Intercept policy (POLICY.md of github.com/PolicyLayer/Intercept), as far
 * as an import needs it: what is wrong with the file as a whole, and the parts of it that are used.
 */
import type { Finding } from "../../finding.ts";
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import { quoted } from "../../policy/path.ts";
import type { Pointer } from "../../source.ts";
import { didYouMean } from "../../suggest.ts";
import { refused, type Source } from "../source.ts";

export const WINDOWS = ["minute", "hour", "day"] as const;
export const OPS = [
  "eq",
  "neq",
  "in",
  "not_in",
  "lt",
  "lte",
  "gt",
  "gte",
  "regex",
  "contains",
  "exists",
] as const;

export const KEYS = {
  document: ["version", "description", "default", "hide", "tools"],
  tool: ["rules"],
  rule: ["name", "action", "rate_limit", "conditions", "on_deny", "state"],
  condition: ["path", "op", "value"],
  state: ["counter", "window", "increment", "increment_from"],
} as const;

export interface InterceptFile {
  readonly description: string;
  /** Absent in the file means `allow`. */
  readonly default: "allow" | "deny";
  readonly hide: readonly string[];
  readonly tools: Readonly<Record<string, Json>>;
}

/** A file that says `tools:` and gives every tool its rules in Intercept's way. */
export function looksLikeIntercept(value: Json): boolean {
  return isObject(value) && "version" in value && !("permissions" in value);
}

/** Throws with everything that is wrong with the file as a whole. */
export function readForm(source: Source): InterceptFile {
  const findings: Finding[] = [];
  const refuse = (pointer: Pointer, message: string, help: string): void => {
    const place = source.place(pointer);
    findings.push({ rule: "invalid-value", severity: "error", message, help, place });
  };
  const { value } = source;
  if (!isObject(value)) {
    refuse([], "an Intercept policy is a mapping", 'start with `version: "1"`');
    throw refused(findings);
  }
  const document = value as JsonObject;
  const { version, description, hide } = document;
  if (String(version) !== "1") {
    const help = 'only `version: "1"` is known; write it, if the file is of that form';
    refuse(
      ["version"],
      version === undefined ? "`version` is missing" : '`version` is not "1"',
      help,
    );
  }
  if (!["allow", "deny", undefined].includes(document.default as string | undefined)) {
    refuse(
      ["default"],
      "`default` is neither allow nor deny",
      "write one of the two; Intercept takes an absent one for allow",
    );
  }
  const hidden = hide === "*" ? ["*"] : (hide ?? []);
  if (!Array.isArray(hidden) || hidden.some((name) => typeof name !== "string")) {
    refuse(["hide"], "`hide` is no list of tool names", 'write names in quotes, or "*"');
  }
  const tools = document.tools ?? {};
  if (!isObject(tools)) refuse(["tools"], "`tools` is no mapping", "write `NAME: { rules: [] }`");
  refuseMerges(document, [], refuse);
  if (findings.length > 0) throw refused(findings);
  return {
    description: typeof description === "string" ? description : "",
    default: document.default === "deny" ? "deny" : "allow",
    hide: hidden as readonly string[],
    tools: tools as JsonObject,
  };
}

/** YAML 1.1's `<<` brings rules in that a reader of 1.2 does not see. */
function refuseMerges(
  value: Json,
  at: Pointer,
  refuse: (pointer: Pointer, message: string, help: string) => void,
): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const here = [...at, Array.isArray(value) ? Number(key) : key];
    if (key === "<<") refuse(here, "a merge key, which YAML 1.2 does not have", "write it out");
    else refuseMerges(member as Json, here, refuse);
  }
}

/** Keys that Intercept does not read, with what was probably meant. */
export function unknownKeys(
  value: JsonObject,
  known: readonly string[],
): { key: string; message: string; help: string }[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      key,
      message: `Intercept does not read \`${quoted(key)}\` here`,
      help: `remove it; ${didYouMean(key, known)}`,
    }));
}

/** `5/hour`, or what is wrong with it. */
export function parseRateLimit(
  text: Json,
):
  | { readonly count: number; readonly window: (typeof WINDOWS)[number] }
  | { readonly problem: string } {
  const match = typeof text === "string" ? /^([^/]*)\/(.*)$/s.exec(text) : null;
  if (match === null) return { problem: "`rate_limit` is not of the form N/window" };
  const [, digits = "", window = ""] = match;
  const count = /^\+?[0-9]+$/.test(digits) ? Number(digits) : 0;
  if (count <= 0 || !Number.isSafeInteger(count)) {
    return { problem: "the count of `rate_limit` is not a positive whole number" };
  }
  const known = WINDOWS.find((one) => one === window);
  return known === undefined
    ? { problem: "the window of `rate_limit` is none of minute, hour, day" }
    : { count, window: known };
}
