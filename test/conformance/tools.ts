/** The tools that the conformance suite calls, each as its scenario describes it. */
import { ASKING_TOOLS } from "./asking-tools.ts";
import { EMBEDDED, PIXEL_PNG, SILENT_WAV } from "./contents.ts";
import { say, type Tool } from "./tool.ts";

/** Long enough for a client to see one message before the next. */
const PAUSE_MS = 50;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

const PLAIN_TOOLS: Readonly<Record<string, Tool>> = {
  test_simple_text: {
    description: "Answers with one text.",
    call: () => say("This is a simple text response for testing."),
  },
  test_image_content: {
    description: "Answers with an image of one pixel.",
    call: () => ({ content: [{ type: "image", data: PIXEL_PNG, mimeType: "image/png" }] }),
  },
  test_audio_content: {
    description: "Answers with a sound of no length.",
    call: () => ({ content: [{ type: "audio", data: SILENT_WAV, mimeType: "audio/wav" }] }),
  },
  test_embedded_resource: {
    description: "Answers with a resource inside the result.",
    call: () => ({ content: [EMBEDDED] }),
  },
  test_multiple_content_types: {
    description: "Answers with text, an image and a resource.",
    call: () => ({
      content: [
        { type: "text", text: "Multiple content types test:" },
        { type: "image", data: PIXEL_PNG, mimeType: "image/png" },
        {
          type: "resource",
          resource: {
            uri: "test://mixed-content-resource",
            mimeType: "application/json",
            text: JSON.stringify({ test: "data", value: 123 }),
          },
        },
      ],
    }),
  },
  test_error_handling: {
    description: "Always fails.",
    call: () => {
      throw new Error("This tool intentionally returns an error for testing");
    },
  },
  test_tool_with_logging: {
    description: "Tells three times how far it is.",
    call: async (_, { mcpReq }) => {
      await mcpReq.log("info", "Tool execution started");
      await pause();
      await mcpReq.log("info", "Tool processing data");
      await pause();
      await mcpReq.log("info", "Tool execution completed");
      return say("Logged three messages.");
    },
  },
  // The same by another name: its scenario wants no message, since the request names no log level.
  test_logging_tool: {
    description: "Writes to the log, where the request asks for it.",
    call: async (_, { mcpReq }) => {
      await mcpReq.log("info", "Tool called");
      return say("Logged where asked.");
    },
  },
  test_tool_with_progress: {
    description: "Reports its progress in three steps.",
    call: async (_, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progress > 0) await pause();
        if (progressToken === undefined) continue;
        await mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken, progress, total: 100 },
        });
      }
      return say("Done in three steps.");
    },
  },
  test_reconnection: {
    description: "Closes its stream before it answers: the client comes back for the rest.",
    call: async (_, { http }) => {
      http?.closeSSE?.();
      await pause();
      return say("Answered after the client came back.");
    },
  },
  test_trigger_tool_change: {
    description: "Announces that the list of tools has changed.",
    call: (_, __, { announce }) => {
      announce("tools");
      return say("Announced.");
    },
  },
  test_trigger_prompt_change: {
    description: "Announces that the list of prompts has changed.",
    call: (_, __, { announce }) => {
      announce("prompts");
      return say("Announced.");
    },
  },
  test_mirrored_argument: {
    description: "Takes an argument that the client mirrors in a header.",
    inputSchema: {
      type: "object",
      properties: { region: { type: "string", "x-mcp-header": "Region" } },
      required: ["region"],
    },
    call: ({ region }) => say(`Region ${region}.`),
  },
  json_schema_2020_12_tool: {
    description: "Has an input schema with the words of JSON Schema 2020-12.",
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: {
        address: {
          $anchor: "addressDef",
          type: "object",
          properties: { street: { type: "string" }, city: { type: "string" } },
        },
      },
      properties: {
        name: { type: "string" },
        address: { $ref: "#/$defs/address" },
        contactMethod: { type: "string", enum: ["phone", "email"] },
        phone: { type: "string" },
        email: { type: "string" },
      },
      allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
      if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: { required: ["phone"] },
      else: { required: ["email"] },
      additionalProperties: false,
    },
    call: () => say("The arguments are as the schema wants them."),
  },
};

export const TOOLS: Readonly<Record<string, Tool>> = { ...PLAIN_TOOLS, ...ASKING_TOOLS };
