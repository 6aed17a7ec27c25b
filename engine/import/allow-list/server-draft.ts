/** The lines about one server → its first policy. */
import { quoted } from "../../policy/path.ts";
import type { Place } from "../../source.ts";
import { type Draft, fateOf, type Notes } from "../draft.ts";
import { fileName } from "../file-name.ts";
import type { Fate } from "../report.ts";
import type { Source } from "../source.ts";
import { covers, type Line, matches } from "./line.ts";

/** Server → the tools that it offers, where that is known. */
export type Offered = ReadonlyMap<string, readonly string[]>;

export function draftOf(
  server: string,
  all: readonly Line[],
  offered: Offered,
  source: Source,
  notes: Notes,
): Draft[] {
  const lines = all.filter((line) => line.server === server || line.server === undefined);
  const known = offered.get(server);
  const allowed = new Set<string>();
  const fates = new Map<string, Fate>();
  for (const { tools, place } of lines.filter(({ says }) => says === "allow")) {
    for (const tool of expand(tools, known, place, notes)) allowed.add(tool);
  }
  for (const line of lines.filter(({ says }) => says !== "allow")) {
    const taken = [...allowed].filter((tool) => covers(line, server, tool));
    for (const tool of taken) {
      allowed.delete(tool);
      fates.set(tool, "denied");
    }
    if (line.says === "ask" && (taken.length > 0 || line.server !== undefined)) {
      const help = "list it in the policy if the agent may call it without a person";
      const what = `\`${quoted(line.tools)}\` waits for a person, whom a gateway does not have`;
      notes.add("narrower", line.place, what, help);
    }
  }
  if (allowed.size === 0) {
    const help =
      known === undefined
        ? "name what it offers: --tools SERVER=FILE, a saved tools/list"
        : "list what the work needs";
    notes.add(
      "denied",
      source.place([]),
      `no tool of \`${quoted(server)}\` is on a list, so there is no policy for it`,
      help,
    );
    return [];
  }
  for (const tool of allowed) fates.set(tool, fateOf(notes.items, tool));
  return [
    {
      name: fileName(server),
      comment: ` What ran unasked on \`${server.replace(/[^ -~]/g, "?")}\`. A beginning: add \`args\`, \`require\` and \`limits\`.`,
      policy: {
        version: "1",
        default: "deny",
        tools: Object.fromEntries([...allowed].sort().map((tool) => [tool, {}])),
      },
      fates,
    },
  ];
}

/** The tools that a pattern names; a pattern says nothing as long as nobody knows what is offered. */
function expand(
  pattern: string,
  known: readonly string[] | undefined,
  place: Place,
  notes: Notes,
): readonly string[] {
  if (!pattern.includes("*")) return [pattern];
  const found = (known ?? []).filter((tool) => matches(pattern, tool));
  if (found.length === 0) {
    const help = "name what the server offers: --tools SERVER=FILE, a saved tools/list";
    notes.add("denied", place, "a pattern stands for tools that nobody has seen", help);
  } else {
    const help = "a tool that the server adds later is not among them";
    notes.add(
      "narrower",
      place,
      `a pattern, written out: ${found.length} of the tools that are offered`,
      help,
    );
  }
  return found;
}
