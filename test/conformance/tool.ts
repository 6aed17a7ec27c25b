/** What a tool of the conformance server is. */
import type {
  CallToolResult,
  InputRequiredResult,
  ServerContext,
} from "@modelcontextprotocol/server";

/** What a handler may touch besides its arguments and its request. */
export interface World {
  /** Tells every client that listens; the lists stay as they are. */
  readonly announce: (list: "tools" | "prompts") => void;
  /** Makes a state that a client can hand back, but not change. */
  readonly seal: (state: unknown) => Promise<string>;
}

export type ToolResult = CallToolResult | InputRequiredResult;

export interface Tool {
  readonly description: string;
  /** A JSON Schema of an object; without it the tool takes no argument. */
  readonly inputSchema?: Readonly<Record<string, unknown>>;
  readonly call: (
    args: Readonly<Record<string, unknown>>,
    context: ServerContext,
    world: World,
  ) => ToolResult | Promise<ToolResult>;
}

export function say(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}
