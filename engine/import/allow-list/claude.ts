/** The lines of Claude Code's settings. Deny wins over ask, and ask over allow, in any order. */
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import type { Place } from "../../source.ts";
import type { Notes } from "../draft.ts";
import type { Source } from "../source.ts";
import { clientName, type Line } from "./line.ts";

/** `permissions` of Claude Code's settings. */
export function claudeLines(
  settings: JsonObject,
  known: readonly string[],
  source: Source,
  notes: Notes,
): Line[] {
  const permissions = isObject(settings.permissions!) ? (settings.permissions as JsonObject) : {};
  const rulesOf = (says: Line["says"]): { rule: string; place: Place }[] => {
    const rules = permissions[says];
    if (!Array.isArray(rules)) return [];
    return rules.flatMap((rule: Json, index) =>
      typeof rule === "string" ? [{ rule, place: source.place(["permissions", says, index]) }] : [],
    );
  };
  const allowed = rulesOf("allow").flatMap(({ rule, place }): Line[] => {
    // The others are about the shell and the files of the client's own machine.
    if (!rule.startsWith("mcp__")) return [];
    const line = claudeRule(rule, known);
    if (line !== undefined) return [{ says: "allow", place, ...line }];
    const help = "write mcp__SERVER__TOOL; arguments go into `require` of the policy";
    notes.add("denied", place, "a rule that names no tool by itself", help);
    return [];
  });
  const others = (["ask", "deny"] as const).flatMap((says) =>
    rulesOf(says)
      .filter(({ rule }) => /^(mcp__|\*)/.test(rule))
      // What it says of some arguments is taken for all: never wider.
      .map(({ rule, place }): Line => ({ says, place, tools: rule.replace(/\(.*$/s, "") })),
  );
  return [...allowed, ...others];
}

function claudeRule(
  rule: string,
  known: readonly string[],
): { readonly server: string; readonly tools: string } | undefined {
  const rest = rule.slice("mcp__".length);
  const server = known.find(
    (name) => rest === clientName(name) || rest.startsWith(`${clientName(name)}__`),
  );
  const cut = server === undefined ? rest.indexOf("__") : clientName(server).length;
  const name = server ?? (cut === -1 ? rest : rest.slice(0, cut));
  const tools = cut === -1 || cut === rest.length ? "*" : rest.slice(cut + 2);
  const isName = name !== "" && tools !== "" && !/[*()]/.test(name) && !/[()]/.test(tools);
  return isName ? { server: name, tools } : undefined;
}
