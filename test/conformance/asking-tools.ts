/**
 * The tools that need something of the client before they can answer. Each is written once: a client of
 * 2026-07-28 gets an `input_required` result and calls again, an older one is asked by a request.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequest,
  inputRequired,
  inputResponse,
} from "@modelcontextprotocol/server";
import { say, type Tool, type ToolResult } from "./tool.ts";

type Requests = Readonly<Record<string, InputRequest>>;
type Arguments = Readonly<Record<string, unknown>>;

/** How one answer reads in a sentence: what was said, chosen or refused. */
type Heard = Readonly<Record<string, string>>;

interface Question {
  readonly description: string;
  readonly inputSchema?: Tool["inputSchema"];
  readonly requests: (args: Arguments) => Requests;
  readonly finish: (heard: Heard) => string;
  /** The client carries a sealed state from one round to the next. */
  readonly sealed?: true;
}

export const ASKING_TOOLS: Readonly<Record<string, Tool>> = {
  test_sampling: asks({
    description: "Passes a prompt to the client's model.",
    inputSchema: textArgument("prompt"),
    requests: ({ prompt }) => ({ answer: sample(String(prompt), 100) }),
    finish: ({ answer }) => `LLM response: ${answer}`,
  }),
  test_elicitation: asks({
    description: "Asks the user for a name and an address.",
    inputSchema: textArgument("message"),
    requests: ({ message }) => ({
      user: form(String(message), {
        username: { type: "string", description: "User's response" },
        email: { type: "string", description: "User's email address" },
      }),
    }),
    finish: ({ user }) => `User response: ${user}`,
  }),
  test_elicitation_sep1034_defaults: asks({
    description: "Asks with a default for every primitive type.",
    requests: () => ({
      user: form(
        "Please review the defaults",
        {
          name: { type: "string", default: "John Doe" },
          age: { type: "integer", default: 30 },
          score: { type: "number", default: 95.5 },
          status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
          verified: { type: "boolean", default: true },
        },
        [],
      ),
    }),
    finish: ({ user }) => `Elicitation completed: ${user}`,
  }),
  test_elicitation_sep1330_enums: asks({
    description: "Asks with every kind of choice.",
    requests: () => ({
      user: form(
        "Please choose",
        {
          untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
          titledSingle: { type: "string", oneOf: titled("Option") },
          legacyEnum: {
            type: "string",
            enum: ["opt1", "opt2", "opt3"],
            enumNames: ["Option One", "Option Two", "Option Three"],
          },
          untitledMulti: {
            type: "array",
            items: { type: "string", enum: ["option1", "option2", "option3"] },
          },
          titledMulti: { type: "array", items: { anyOf: titled("Choice") } },
        },
        [],
      ),
    }),
    finish: ({ user }) => `Elicitation completed: ${user}`,
  }),
  test_missing_capability: asks({
    description: "Needs a model, which only a client that declares `sampling` has.",
    requests: () => ({ answer: sample("Say anything", 10) }),
    finish: ({ answer }) => `LLM response: ${answer}`,
  }),
  test_streaming_elicitation: asks({
    description: "Asks the user in its result, never by a request on its stream.",
    requests: () => ({ user: form("Please confirm", { ok: { type: "boolean" } }) }),
    finish: ({ user }) => `Confirmed: ${user}`,
  }),
  test_input_required_result_elicitation: asks({
    description: "Asks for a name and greets.",
    requests: () => ({ user_name: form("What is your name?", { name: { type: "string" } }) }),
    finish: ({ user_name }) => `Hello, ${user_name}!`,
  }),
  test_input_required_result_sampling: asks({
    description: "Asks the client's model for a capital.",
    requests: () => ({ capital_question: sample("What is the capital of France?", 100) }),
    finish: ({ capital_question }) => `The model says: ${capital_question}`,
  }),
  test_input_required_result_list_roots: asks({
    description: "Asks which folders the client works in.",
    requests: () => ({ client_roots: inputRequired.listRoots() }),
    finish: ({ client_roots }) => `Roots: ${client_roots}`,
  }),
  test_input_required_result_request_state: asks({
    description: "Asks for a confirmation and has the client carry a state.",
    requests: () => ({ confirm: form("Please confirm", { ok: { type: "boolean" } }) }),
    finish: ({ confirm }) => `state-ok: ${confirm}`,
    sealed: true,
  }),
  test_input_required_result_tampered_state: asks({
    description: "Refuses a state that the client has changed.",
    requests: () => ({ confirm: form("Please confirm", { ok: { type: "boolean" } }) }),
    finish: ({ confirm }) => `Confirmed: ${confirm}`,
    sealed: true,
  }),
  test_input_required_result_multiple_inputs: asks({
    description: "Asks the user, the model and the client in one round.",
    requests: () => ({
      user_name: form("What is your name?", { name: { type: "string" } }),
      greeting: sample("Generate a greeting", 50),
      client_roots: inputRequired.listRoots(),
    }),
    finish: ({ user_name, greeting, client_roots }) =>
      `${greeting}, ${user_name}, who works in ${client_roots}`,
    sealed: true,
  }),
  test_input_required_result_capabilities: {
    description: "Asks for nothing but what the client can give.",
    call: (_, { mcpReq }) => {
      const { answer, user } = heard(mcpReq.inputResponses);
      if (answer !== undefined || user !== undefined) return say(`Heard: ${answer ?? user}`);
      const envelope: Readonly<Record<string, object>> = mcpReq.envelope ?? {};
      const can = envelope[CLIENT_CAPABILITIES_META_KEY] ?? {};
      const inputRequests = {
        ...("sampling" in can ? { answer: sample("Say anything", 10) } : {}),
        ...("elicitation" in can
          ? { user: form("Please confirm", { ok: { type: "boolean" } }) }
          : {}),
      };
      if (Object.keys(inputRequests).length === 0) return say("The client can give nothing.");
      return inputRequired({ inputRequests });
    },
  },
  test_input_required_result_multi_round: {
    description: "Asks twice, and knows by the state which round it is.",
    call: async (_, { mcpReq }, { seal }) => {
      const known = mcpReq.requestState<{ name?: string }>() ?? {};
      const { step1, step2 } = heard(mcpReq.inputResponses);
      const name = known.name ?? step1;
      if (name === undefined) {
        const question = form("Step 1: What is your name?", { name: { type: "string" } });
        return inputRequired({
          inputRequests: { step1: question },
          requestState: await seal({}),
        });
      }
      if (step2 === undefined) {
        const question = form("Step 2: What is your favorite color?", {
          color: { type: "string" },
        });
        return inputRequired({
          inputRequests: { step2: question },
          requestState: await seal({ name }),
        });
      }
      return say(`${name} likes ${step2}.`);
    },
  },
};

/** Asks until everything is answered; what the client adds of its own is not looked at. */
function asks({ description, inputSchema, requests, finish, sealed }: Question): Tool {
  return {
    description,
    ...(inputSchema === undefined ? {} : { inputSchema }),
    call: async (args, { mcpReq }, { seal }): Promise<ToolResult> => {
      const inputRequests = requests(args);
      const answers = heard(mcpReq.inputResponses);
      const complete = Object.keys(inputRequests).every((key) => answers[key] !== undefined);
      if (complete) return say(finish(answers));
      return inputRequired({
        inputRequests: { ...inputRequests },
        ...(sealed ? { requestState: await seal({}) } : {}),
      });
    },
  };
}

/** Every response that can be read, as text; one that cannot is as if it were not there. */
function heard(responses: Readonly<Record<string, unknown>> | undefined): Heard {
  const texts: Record<string, string> = {};
  for (const key of Object.keys(responses ?? {})) {
    const response = inputResponse(responses, key);
    if (response.kind === "elicit") {
      texts[key] = `action=${response.action}, content=${JSON.stringify(response.content ?? {})}`;
    } else if (response.kind === "sampling") {
      texts[key] = JSON.stringify(response.result.content);
    } else if (response.kind === "roots") {
      texts[key] = response.roots.map(({ uri }) => uri).join(" ");
    }
  }
  return texts;
}

type Form = Extract<
  Parameters<typeof inputRequired.elicit>[0]["requestedSchema"],
  { properties: unknown }
>;

export function form(
  message: string,
  properties: Form["properties"],
  required = Object.keys(properties),
): InputRequest {
  return inputRequired.elicit({
    message,
    requestedSchema: { type: "object", properties, required },
  });
}

function sample(text: string, maxTokens: number): InputRequest {
  return inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text } }],
    maxTokens,
  });
}

function textArgument(name: string): NonNullable<Tool["inputSchema"]> {
  return { type: "object", properties: { [name]: { type: "string" } }, required: [name] };
}

function titled(noun: string): { const: string; title: string }[] {
  return ["First", "Second", "Third"].map((ordinal, index) => ({
    const: `value${index + 1}`,
    title: `${ordinal} ${noun}`,
  }));
}
