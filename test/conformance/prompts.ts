/** The prompts that the conformance suite asks for. */
import {
  acceptedContent,
  type GetPromptResult,
  type InputRequiredResult,
  inputRequired,
  type PromptMessage,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { form } from "./asking-tools.ts";
import { PIXEL_PNG } from "./contents.ts";

export interface Prompt {
  readonly description: string;
  /** Each argument's name and description; all are required. */
  readonly args?: Readonly<Record<string, string>>;
  readonly get: (
    args: Readonly<Record<string, string>>,
    context: ServerContext,
  ) => GetPromptResult | InputRequiredResult;
}

export const PROMPTS: Readonly<Record<string, Prompt>> = {
  test_simple_prompt: {
    description: "A prompt without arguments.",
    get: () => messages(text("This is a simple prompt for testing.")),
  },
  test_prompt_with_arguments: {
    description: "A prompt with two arguments.",
    args: { arg1: "First test argument", arg2: "Second test argument" },
    get: ({ arg1, arg2 }) =>
      messages(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  },
  test_prompt_with_embedded_resource: {
    description: "A prompt that carries a resource.",
    args: { resourceUri: "URI of the resource to embed" },
    get: ({ resourceUri = "" }) =>
      messages(
        {
          type: "resource",
          resource: {
            uri: resourceUri,
            mimeType: "text/plain",
            text: "Embedded resource content for testing.",
          },
        },
        text("Please process the embedded resource above."),
      ),
  },
  test_prompt_with_image: {
    description: "A prompt that carries an image.",
    get: () =>
      messages(
        { type: "image", data: PIXEL_PNG, mimeType: "image/png" },
        text("Please analyze the image above."),
      ),
  },
  test_input_required_result_prompt: {
    description: "A prompt that asks the user first.",
    get: (_, { mcpReq }) => {
      const answer = acceptedContent(mcpReq.inputResponses, "user_context");
      if (answer !== undefined) return messages(text(`In the context of ${answer.context}:`));
      return inputRequired({
        inputRequests: {
          user_context: form("What context should the prompt use?", {
            context: { type: "string" },
          }),
        },
      });
    },
  },
};

function text(content: string): PromptMessage["content"] {
  return { type: "text", text: content };
}

function messages(...contents: PromptMessage["content"][]): GetPromptResult {
  return { messages: contents.map((content) => ({ role: "user", content })) };
}
