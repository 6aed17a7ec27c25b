/** The lines of VS Code's settings and tool sets. */
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import type { Place } from "../../source.ts";
import type { Notes } from "../draft.ts";
import type { Source } from "../source.ts";
import type { Line } from "./line.ts";

/** VS Code's settings and tool sets. */
export function editorLines(settings: JsonObject, source: Source, notes: Notes): Line[] {
  for (const key of ["chat.tools.global.autoApprove", "chat.tools.autoApprove"]) {
    if (settings[key] !== true) continue;
    notes.add(
      "denied",
      source.place([key]),
      "everything is approved unasked",
      "list the tools that the work needs",
    );
  }
  const eligible = settings["chat.tools.eligibleForAutoApproval"];
  const lines = Object.entries(isObject(eligible!) ? (eligible as JsonObject) : {}).flatMap(
    ([name, allowed]) =>
      qualified(
        name,
        allowed === true ? "allow" : "ask",
        source.place(["chat.tools.eligibleForAutoApproval", name], "key"),
      ),
  );
  const sets = Object.entries(settings).flatMap(([set, value]): Line[] => {
    const tools = isObject(value) ? (value as JsonObject).tools : undefined;
    if (!Array.isArray(tools) || set === "mcpServers" || set === "servers") return [];
    return tools.flatMap((name: Json, index) =>
      typeof name === "string" ? qualified(name, "allow", source.place([set, "tools", index])) : [],
    );
  });
  return [...lines, ...sets];
}

/** `server/tool`; a name without a server is a tool of the editor itself. */
function qualified(name: string, says: Line["says"], place: Place): Line[] {
  const cut = name.lastIndexOf("/");
  return cut <= 0 || cut === name.length - 1
    ? []
    : [{ says, server: name.slice(0, cut), tools: name.slice(cut + 1), place }];
}
