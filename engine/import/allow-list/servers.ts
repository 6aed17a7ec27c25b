/** The servers of a client's settings, and the lists of tools that stand beside one. */
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import type { Pointer } from "../../source.ts";
import type { Notes } from "../draft.ts";
import type { Source } from "../source.ts";
import { type Line, matches } from "./line.ts";

/** What runs without asking. */
const UNASKED = ["alwaysAllow", "autoApprove"] as const;
/** What of the server is there at all. */
const THERE = ["includeTools", "enabledTools", "tools"] as const;
const NOT_THERE = ["disabledTools", "excludeTools"] as const;

/** Server name → where its settings stand. */
export function serversOf(settings: JsonObject): ReadonlyMap<string, Pointer> {
  const found = new Map<string, Pointer>();
  for (const at of [["mcpServers"], ["servers"], ["mcp", "servers"]]) {
    const map = at.reduce<Json | undefined>(
      (value, key) => (isObject(value!) ? (value as JsonObject)[key] : undefined),
      settings,
    );
    if (isObject(map!)) for (const name of Object.keys(map)) found.set(name, [...at, name]);
  }
  return found;
}

/** Lists of tools beside a server's own settings. */
export function serverLines(
  servers: ReadonlyMap<string, Pointer>,
  source: Source,
  notes: Notes,
): Line[] {
  return [...servers].flatMap(([server, at]) => {
    const written = at.reduce<Json>(
      (value, key) => (value as JsonObject)[key as string]!,
      source.value,
    );
    const settings = isObject(written) ? (written as JsonObject) : {};
    if (settings.trust === true) {
      notes.add(
        "denied",
        source.place([...at, "trust"]),
        "every tool of the server runs unasked",
        "list the tools that the work needs",
      );
    }
    const listed = (keys: readonly string[], says: Line["says"]): Line[] =>
      keys.flatMap((key) => {
        const list = settings[key];
        if (!Array.isArray(list)) return [];
        return list.flatMap((tools: Json, index): Line[] =>
          typeof tools === "string" && tools !== ""
            ? [{ says, server, tools, place: source.place([...at, key, index]) }]
            : [],
        );
      });
    const there = listed(THERE, "allow");
    const unasked = listed(UNASKED, "allow").filter(
      ({ tools }) => there.length === 0 || there.some((line) => matches(line.tools, tools)),
    );
    const asks = UNASKED.some((key) => Array.isArray(settings[key]));
    const isOff = settings.disabled === true || settings.enabled === false;
    return [
      ...(asks ? unasked : there),
      ...listed(NOT_THERE, "deny"),
      ...(isOff ? [{ says: "deny", server, tools: "*", place: source.place(at) } as const] : []),
    ];
  });
}

/** Servers that Claude Code's settings switch off, or do not let in. */
export function shutServers(
  settings: JsonObject,
  named: readonly string[],
  source: Source,
): Line[] {
  const shut = (server: string, at: Pointer): Line => ({
    says: "deny",
    server,
    tools: "*",
    place: source.place(at),
  });
  const {
    disabledMcpjsonServers: off,
    deniedMcpServers: denied,
    allowedMcpServers: admits,
  } = settings;
  const admitted = Array.isArray(admits) ? admits.map(nameOf) : undefined;
  return [
    ...listOf(off).map((server, i) => shut(nameOf(server), ["disabledMcpjsonServers", i])),
    ...listOf(denied).map((server, i) => shut(nameOf(server), ["deniedMcpServers", i])),
    ...named
      .filter((server) => admitted?.includes(server) === false)
      .map((server) => shut(server, ["allowedMcpServers"])),
  ];
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** `"ehr"` or `{ "serverName": "ehr" }`. */
function nameOf(server: Json): string {
  const name = isObject(server) ? (server as JsonObject).serverName : server;
  return typeof name === "string" ? name : "";
}
