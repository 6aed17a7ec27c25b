/**
 * Allow-lists of MCP clients → a first policy for each server, `default: deny`.
 *
 *     Claude Code   permissions.allow, ask and deny: `mcp__server__tool`, `mcp__server`, `mcp__server__get_*`;
 *                   deny wins over ask, and ask over allow
 *     VS Code       chat.tools.eligibleForAutoApproval and tool sets: `server/tool`, `server/*`
 *     others        mcpServers.NAME (mcp.json: servers.NAME) with a list of tools: alwaysAllow,
 *                   autoApprove, includeTools, enabledTools, tools; less disabledTools, excludeTools
 *
 * Such a list says what runs *unasked*; the rest is decided by a person at the keyboard. Behind a
 * gateway there is nobody, so what is not on the list is denied. Nothing but names of tools is
 * carried: commands, addresses, headers and environments hold secrets and stay where they are.
 */
import { isObject, type JsonObject } from "../../json/value.ts";
import type { Draft, Notes } from "../draft.ts";
import { refused, type Source } from "../source.ts";
import { claudeLines } from "./claude.ts";
import { editorLines } from "./editor.ts";
import { draftOf, type Offered } from "./server-draft.ts";
import { serverLines, serversOf, shutServers } from "./servers.ts";

export function fromAllowList(source: Source, offered: Offered, notes: Notes): Draft[] {
  const { value } = source;
  if (!isObject(value)) throw nothingFound(source);
  const settings = value as JsonObject;
  const servers = serversOf(settings);
  const lines = [
    ...claudeLines(settings, [...servers.keys(), ...offered.keys()], source, notes),
    ...editorLines(settings, source, notes),
    ...serverLines(servers, source, notes),
  ];
  if (lines.length + servers.size + notes.items.length === 0) throw nothingFound(source);
  const named = lines.flatMap(({ server }) => (server === undefined ? [] : [server]));
  const names = [...new Set([...servers.keys(), ...named])];
  const all = [...lines, ...shutServers(settings, names, source)];
  return numbered(names.flatMap((server) => draftOf(server, all, offered, source, notes)));
}

/** Names of servers that differ only in signs would be one file. */
function numbered(drafts: readonly Draft[]): Draft[] {
  const taken = new Set<string>();
  return drafts.map((draft) => {
    let { name } = draft;
    for (let count = 2; taken.has(name); count++) name = `${draft.name}-${count}`;
    taken.add(name);
    return { ...draft, name };
  });
}

function nothingFound(source: Source) {
  return refused([
    {
      rule: "invalid-value",
      severity: "error",
      message: "there is no list of MCP tools in this file",
      help: "import a PolicyLayer Intercept policy, settings with `permissions.allow`, or a file with `mcpServers` or `servers`",
      place: source.place([]),
    },
  ]);
}
