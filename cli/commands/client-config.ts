import { resolve } from "node:path";
import { Flags } from "@oclif/core";
import type * as Engine from "../../engine/index.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class ClientConfig extends PhiwardCommand<typeof ClientConfig> {
  static override summary = "Print how an MCP client is told of the gateway.";
  static override description =
    "Prints the text for the client's own file on standard output, and where it belongs on standard error. With --url the client calls a gateway that runs; with --config or --dev it starts one of its own on standard input and output. A state folder has one writer, so two clients that each start a gateway need a state folder each. The token is never printed: the text names the variable or the file that holds it.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --client claude-code --url https://gateway.example.org/mcp",
    "<%= config.bin %> <%= command.id %> --client vscode --config engine.yaml --server ehr --output .vscode/mcp.json",
    "<%= config.bin %> <%= command.id %> --client claude-desktop --dev . --state ./state --token file:$HOME/.phiward-token",
  ];
  static override flags = {
    client: Flags.option({
      description: "whose file",
      options: [
        "claude-desktop",
        "claude-code",
        "vscode",
        "cursor",
        "codex",
        "gemini-cli",
      ] as const,
      required: true,
    })(),
    url: Flags.string({
      description: "a gateway that runs",
      helpValue: "URL",
      exclusive: ["config", "dev"],
    }),
    config: Flags.string({
      description: "start a gateway with this engine.yaml",
      helpValue: "FILE",
      exclusive: ["dev"],
    }),
    dev: Flags.string({
      description: "start a gateway on this unsigned policy repository",
      helpValue: "DIR",
    }),
    server: Flags.string({ description: "only this server", helpValue: "ID" }),
    state: Flags.string({
      description: "state folder of a gateway that is started",
      helpValue: "DIR",
    }),
    name: Flags.string({
      description: "the name under which the client shows the tools; the server's, or phiward",
      helpValue: "NAME",
    }),
    token: Flags.string({
      description: "where the grant token is",
      helpValue: "env:NAME|file:PATH",
      default: "env:PHIWARD_TOKEN",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const { client, server, name = server ?? "phiward" } = flags;
    const config = engine.clientConfig(client, {
      name,
      reach: reachOf(engine, flags),
      token: whole(engine.tokenPlace(flags.token)),
    });
    if (!this.json && !flags.quiet) {
      const lines = [`for ${config.file}`, ...config.notes];
      process.stderr.write(`${lines.map((line) => `# ${line}`).join("\n")}\n`);
    }
    return {
      exit: EXIT.YES,
      text: () => config.text,
      json: engine.clientConfigJson(config),
    };
  }
}

function reachOf(
  engine: typeof Engine,
  { url, config, dev, server, state }: Readonly<Record<string, string | boolean | undefined>>,
): Engine.Reach {
  if (typeof url === "string") {
    const parsed = URL.parse(url);
    if (parsed?.protocol === "https:" || parsed?.protocol === "http:") {
      return {
        kind: "http",
        url: server === undefined ? url : `${url.replace(/\/$/, "")}/${server}`,
      };
    }
    throw new engine.PhiwardError("USAGE", `\`${url.slice(0, 60)}\` is no URL of a gateway`, {
      help: "such as https://gateway.example.org/mcp",
    });
  }
  const policy =
    config === undefined ? (dev === undefined ? undefined : ["--dev", dev]) : ["--config", config];
  if (policy === undefined) {
    throw new engine.PhiwardError("USAGE", "which gateway?", {
      help: "name one that runs with --url, or what to start with --config or --dev",
    });
  }
  const [flag, path] = policy as [string, string];
  return {
    kind: "stdio",
    // This program, by its whole path: a desktop client has hardly any PATH, and no working folder.
    command: process.execPath,
    args: [
      resolve(process.argv[1]!),
      "gateway",
      flag,
      resolve(path),
      "--stdio",
      ...(server === undefined ? [] : ["--server", String(server)]),
      ...(state === undefined ? [] : ["--state", resolve(String(state))]),
    ],
  };
}

function whole(place: Engine.TokenPlace): Engine.TokenPlace {
  return place.kind === "file" ? { ...place, path: resolve(place.path) } : place;
}
