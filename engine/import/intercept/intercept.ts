/**
 * A PolicyLayer Intercept policy → ours. Both deny at the first rule that does not hold, so a tool's
 * rules become `require` and `limits`, those of `*` become `all_tools`, and order does not matter.
 *
 *     what the import allows ⊆ what Intercept allows
 *     the same, for every tool whose fate is `exact`
 *
 * A tool with a rule that cannot be carried is denied whole: a rule left out would be wider.
 */
import { isObject, type JsonObject } from "../../json/value.ts";
import { quoted } from "../../policy/path.ts";
import type { PolicyFile, Rules } from "../../schema/types.ts";
import { type Draft, fateOf, type Notes } from "../draft.ts";
import type { Source } from "../source.ts";
import type { Budget } from "./conditions.ts";
import { type InterceptFile, KEYS, readForm, unknownKeys } from "./form.ts";
import { type CarriedRules, carryRules } from "./rules.ts";

const EVERY = "*";
const MAX_NAME = 256;

/** `offered`: the tools that the server lists, where that is known. */
export function fromIntercept(
  source: Source,
  name: string,
  notes: Notes,
  offered: readonly string[] = [],
): Draft {
  const file = readForm(source);
  const isWhole = noteTopLevel(source, notes);
  const hidden = carryHide(file, source, notes);
  const carried = carryTools(file, source, notes);
  const shut = carried.get(EVERY)?.closed === true || hidden.includes(EVERY);
  const byDefault = file.default === "allow" && isWhole ? "allow" : "deny";
  const rules = new Map([
    ...(byDefault === "allow" ? offered.map((tool) => [tool, OPEN] as const) : []),
    ...[...carried].filter(([tool]) => tool !== EVERY),
  ]);
  const open = [...rules].filter(
    ([tool, { closed }]) => !shut && !closed && !hidden.includes(tool),
  );
  const closed = [...rules].flatMap(([tool, one]) => (one.closed ? [tool] : []));
  noteDefault(file, source, notes, byDefault);
  return {
    name,
    comment: ` Imported from an Intercept policy. \`phiward import\` says what was not carried.`,
    policy: policyOf(file, {
      default: byDefault,
      hide: shut ? EVERY : [...new Set([...hidden, ...(byDefault === "allow" ? closed : [])])],
      all: shut ? {} : (carried.get(EVERY)?.rules ?? {}),
      tools: open.map(([tool, one]) => [tool, one.rules]),
    }),
    fates: new Map([...rules.keys()].map((tool) => [tool, fateOf(notes.items, tool)] as const)),
  };
}

const OPEN: CarriedRules = { rules: {}, closed: false };

function noteTopLevel(source: Source, notes: Notes): boolean {
  const unknown = unknownKeys(source.value as JsonObject, KEYS.document);
  for (const { key, message, help } of unknown) {
    const said = `${message}; \`default\` becomes deny, in case it was meant to`;
    notes.add("denied", source.place([key], "key"), said, help);
  }
  return unknown.length === 0;
}

function carryHide(file: InterceptFile, source: Source, notes: Notes): readonly string[] {
  const seen = new Set<string>();
  for (const [index, tool] of file.hide.entries()) {
    const place = source.place(["hide", index]);
    if (tool.trim() === "") notes.add("refused", place, "an empty name in `hide`", "remove it");
    if (seen.has(tool)) {
      notes.add("refused", place, `\`${quoted(tool)}\` stands twice in \`hide\``, "keep one");
    } else if (tool.length > MAX_NAME) {
      notes.add("ignored", place, "a name that no tool has", "remove it");
    } else if (tool !== "") seen.add(tool);
  }
  return [...seen];
}

function carryTools(
  { tools }: InterceptFile,
  source: Source,
  notes: Notes,
): ReadonlyMap<string, CarriedRules> {
  const budget: Budget = { states: 0 };
  const carried = new Map<string, CarriedRules>();
  for (const [tool, written] of Object.entries(tools)) {
    if (tool === "" || tool.length > MAX_NAME) {
      const place = source.place(["tools", tool], "key");
      notes.add("ignored", place, "a name that no tool has", "remove it");
      continue;
    }
    const scope = { tool, state: tool === EVERY ? "_global" : tool };
    carried.set(tool, carryRules(written, scope, source, notes.of(tool), budget));
  }
  return carried;
}

function noteDefault(
  file: InterceptFile,
  source: Source,
  notes: Notes,
  byDefault: "allow" | "deny",
): void {
  if (file.default === "deny" || byDefault === "deny") return;
  const written = isObject(source.value) && "default" in source.value;
  notes.add(
    "narrower",
    source.place(["default"]),
    written ? "`default: allow`" : "no `default`, which Intercept takes for allow",
    "a tool that is not listed is allowed only when the server's file labels it `ephi: false`; `--tools` lists what the server offers",
  );
}

function policyOf(
  { description }: InterceptFile,
  made: {
    default: "allow" | "deny";
    hide: "*" | readonly string[];
    all: Rules;
    tools: readonly (readonly [string, Rules])[];
  },
): PolicyFile {
  return {
    version: "1",
    ...(description === "" ? {} : { description: description.slice(0, 4096) }),
    default: made.default,
    ...(made.hide.length === 0 ? {} : { hide: made.hide === "*" ? "*" : [...made.hide] }),
    ...(Object.keys(made.all).length === 0 ? {} : { all_tools: made.all }),
    tools: Object.fromEntries(made.tools),
  };
}
