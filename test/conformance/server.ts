/** The tables of tools, prompts and resources as an MCP server of the SDK. */
import {
  fromJsonSchema,
  McpServer,
  ResourceTemplate,
  type ServerOptions,
} from "@modelcontextprotocol/server";
import { PROMPTS } from "./prompts.ts";
import { RESOURCES, TEMPLATES } from "./resources.ts";
import type { World } from "./tool.ts";
import { TOOLS } from "./tools.ts";

type Words = Readonly<Record<string, string>>;

export function conformanceServer(
  world: World,
  requestState: NonNullable<ServerOptions["requestState"]>,
): McpServer {
  const server = new McpServer(
    { name: "phiward-conformance", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      },
      requestState,
    },
  );
  addTools(server, world);
  addPrompts(server);
  addResources(server);
  addCompletion(server);
  return server;
}

function addTools(server: McpServer, world: World): void {
  for (const [name, { description, inputSchema, call }] of Object.entries(TOOLS)) {
    const schema = fromJsonSchema<Readonly<Record<string, unknown>>>(
      inputSchema ?? { type: "object", properties: {} },
    );
    server.registerTool(name, { description, inputSchema: schema }, (args, context) =>
      call(args, context, world),
    );
  }
}

function addPrompts(server: McpServer): void {
  for (const [name, { description, args, get }] of Object.entries(PROMPTS)) {
    if (args === undefined) {
      server.registerPrompt(name, { description }, (context) => get({}, context));
      continue;
    }
    const properties = Object.fromEntries(
      Object.entries(args).map(([arg, about]) => [arg, { type: "string", description: about }]),
    );
    const argsSchema = fromJsonSchema<Words>({
      type: "object",
      properties,
      required: Object.keys(args),
    });
    server.registerPrompt(name, { description, argsSchema }, get);
  }
}

function addResources(server: McpServer): void {
  for (const [uri, { read, ...about }] of Object.entries(RESOURCES)) {
    server.registerResource(nameOf(uri), uri, about, () => ({ contents: [read(uri, {})] }));
  }
  for (const [template, { read, ...about }] of Object.entries(TEMPLATES)) {
    server.registerResource(
      nameOf(template),
      new ResourceTemplate(template, { list: undefined }),
      about,
      ({ href }, variables) => ({ contents: [read(href, variables as Words)] }),
    );
  }
  // Nothing here ever changes, so there is nothing to remember about who subscribed.
  server.server.setRequestHandler("resources/subscribe", () => ({}));
  server.server.setRequestHandler("resources/unsubscribe", () => ({}));
}

function addCompletion(server: McpServer): void {
  const words = ["paris", "park", "party"];
  server.server.setRequestHandler("completion/complete", ({ params }) => {
    const values = words.filter((word) => word.startsWith(params.argument.value));
    return { completion: { values, total: values.length, hasMore: false } };
  });
}

function nameOf(uri: string): string {
  return uri.replace(/^test:\/\//, "").replaceAll(/[^a-z]+/g, "-");
}
