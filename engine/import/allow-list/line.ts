/** One line of a list, and which tools it speaks of. */
import type { Place } from "../../source.ts";

/** One line of a list: tools of a server that it allows, or takes away. */
export interface Line {
  readonly says: "allow" | "ask" | "deny";
  /** Absent: `tools` is matched with a tool's name as Claude Code has it, `mcp__server__tool`. */
  readonly server?: string;
  /** `*` stands for any text. */
  readonly tools: string;
  readonly place: Place;
}

/** A server's name as it stands in the names of tools. */
export function clientName(server: string): string {
  return server.replace(/[^A-Za-z0-9_-]/g, "_");
}

export function covers({ server: of, tools }: Line, server: string, tool: string): boolean {
  if (of !== undefined) return matches(tools, tool);
  const whole = `mcp__${clientName(server)}`;
  return matches(tools, whole) || matches(tools, `${whole}__${tool}`);
}

/** One pass from left to right: a pattern of a hundred stars must not take for ever. */
export function matches(pattern: string, tool: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === tool;
  if (!tool.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = tool.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return tool.length - last.length >= at && tool.endsWith(last);
}
