/**
 * How common MCP clients are told of a gateway. A token is never written: each client's own way to
 * name a secret stands in its place, or the file that the gateway reads it from.
 */
import { PhiwardError } from "../errors.ts";
import type { TokenPlace } from "./token-place.ts";

export const CLIENTS = [
  "claude-desktop",
  "claude-code",
  "vscode",
  "cursor",
  "codex",
  "gemini-cli",
] as const;
export type Client = (typeof CLIENTS)[number];

/** The client starts the gateway, or calls one that runs. */
export type Reach =
  | { readonly kind: "stdio"; readonly command: string; readonly args: readonly string[] }
  | { readonly kind: "http"; readonly url: string };

export interface ClientAsked {
  /** Under which the client shows the tools. */
  readonly name: string;
  readonly reach: Reach;
  /** A variable of the client's environment, or a file that the gateway reads. */
  readonly token: TokenPlace;
}

export interface ClientConfig {
  readonly client: Client;
  /** Where the text belongs; `~` is the user's home folder. */
  readonly file: string;
  readonly format: "json" | "toml";
  readonly text: string;
  /** What a person still has to do. */
  readonly notes: readonly string[];
}

/** What differs between the clients that read JSON. */
interface JsonClient {
  readonly file: string;
  readonly members: "mcpServers" | "servers";
  /** How a text refers to a variable; undefined: it cannot. */
  readonly secret?: (variable: string) => string;
  readonly remote?: (url: string, authorization: string) => object;
  readonly stdio?: { readonly type: "stdio" };
  readonly notes: readonly string[];
  /** More of the file, for a token in a variable. */
  readonly more?: (variable: string) => object;
}

const RESTART = "restart the client afterwards";
const typedHttp = (url: string, authorization: string): object => ({
  type: "http",
  url,
  headers: { Authorization: authorization },
});

const JSON_CLIENTS: Readonly<Record<Exclude<Client, "codex">, JsonClient>> = {
  "claude-desktop": {
    // Settings, Developer, Edit Config; elsewhere on Windows and Linux.
    file: "~/Library/Application Support/Claude/claude_desktop_config.json",
    members: "mcpServers",
    notes: [RESTART],
  },
  "claude-code": {
    file: ".mcp.json",
    members: "mcpServers",
    secret: (variable) => `\${${variable}}`,
    remote: typedHttp,
    stdio: { type: "stdio" },
    notes: ["`/mcp` in the client shows whether it is connected"],
  },
  vscode: {
    file: ".vscode/mcp.json",
    members: "servers",
    secret: (variable) => `\${input:${inputId(variable)}}`,
    remote: typedHttp,
    stdio: { type: "stdio" },
    notes: ["the editor asks for the token once, and keeps it encrypted"],
    more: (variable) => ({
      inputs: [
        {
          type: "promptString",
          id: inputId(variable),
          description: "grant token",
          password: true,
        },
      ],
    }),
  },
  cursor: {
    file: ".cursor/mcp.json",
    members: "mcpServers",
    secret: (variable) => `\${env:${variable}}`,
    remote: (url, authorization) => ({ url, headers: { Authorization: authorization } }),
    notes: [RESTART],
  },
  "gemini-cli": {
    file: ".gemini/settings.json",
    members: "mcpServers",
    secret: (variable) => `\${${variable}}`,
    remote: (url, authorization) => ({ httpUrl: url, headers: { Authorization: authorization } }),
    notes: [RESTART],
  },
};

function inputId(variable: string): string {
  return variable.toLowerCase().replaceAll("_", "-");
}

/** Throws USAGE where the client cannot do it that way. */
export function clientConfig(client: Client, asked: ClientAsked): ClientConfig {
  if (asked.reach.kind === "http" && asked.token.kind === "file") {
    throw new PhiwardError("USAGE", "a client that calls a URL cannot read the token from a file", {
      help: "name a variable: --token env:PHIWARD_TOKEN",
    });
  }
  const { file, text, notes } =
    client === "codex" ? codex(asked) : json(client, JSON_CLIENTS[client], asked);
  const set =
    asked.token.kind === "env"
      ? `set ${asked.token.name} where the client is started, or where it asks for it`
      : `write the token into ${asked.token.path}, readable by you alone`;
  return {
    client,
    file,
    format: client === "codex" ? "toml" : "json",
    text,
    notes: [set, ...notes],
  };
}

function json(
  client: Client,
  { file, members, secret, remote, stdio, notes, more }: JsonClient,
  { name, reach, token }: ClientAsked,
): Pick<ClientConfig, "file" | "text" | "notes"> {
  if (token.kind === "env" && secret === undefined) {
    throw new PhiwardError("USAGE", `${client} cannot name a variable in its file`, {
      help: "let the gateway read the token from a file: --token file:PATH",
    });
  }
  const variable = token.kind === "env" ? token.name : undefined;
  const reference = variable === undefined ? "" : secret!(variable);
  const environment = variable === undefined ? {} : { env: { PHIWARD_TOKEN: reference } };
  let server: object;
  if (reach.kind === "stdio") {
    server = { ...stdio, command: reach.command, args: startArgs(reach, token), ...environment };
  } else {
    if (remote === undefined) {
      throw new PhiwardError("USAGE", `${client} starts programs from its file, and calls no URL`, {
        help: "name what it is to start with --config or --dev, or add the URL as a connector in its settings",
      });
    }
    server = remote(reach.url, `Bearer ${reference}`);
  }
  const whole = {
    ...(variable === undefined ? {} : more?.(variable)),
    [members]: { [name]: server },
  };
  return { file, text: JSON.stringify(whole, null, 2), notes };
}

/** The gateway looks into PHIWARD_TOKEN when nothing else is said; clients in JSON set that one. */
function startArgs(
  { args }: Extract<Reach, { kind: "stdio" }>,
  token: TokenPlace,
): readonly string[] {
  return token.kind === "file" ? [...args, "--token", `file:${token.path}`] : args;
}

/** A client that hands a variable on does it under its own name. */
function handedOn(args: readonly string[], token: TokenPlace): readonly string[] {
  const other = token.kind === "env" && token.name !== "PHIWARD_TOKEN";
  return other ? [...args, "--token", `env:${token.name}`] : args;
}

function codex({ name, reach, token }: ClientAsked): Pick<ClientConfig, "file" | "text" | "notes"> {
  const table = /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
  const lines =
    reach.kind === "http"
      ? [
          `url = ${JSON.stringify(reach.url)}`,
          ...(token.kind === "env" ? [`bearer_token_env_var = ${JSON.stringify(token.name)}`] : []),
        ]
      : [
          `command = ${JSON.stringify(reach.command)}`,
          `args = ${JSON.stringify(handedOn(startArgs(reach, token), token))}`,
          // The names of variables that it hands on.
          ...(token.kind === "env" ? [`env_vars = ${JSON.stringify([token.name])}`] : []),
        ];
  return {
    file: "~/.codex/config.toml",
    text: [`[mcp_servers.${table}]`, ...lines].join("\n"),
    notes: [RESTART],
  };
}
