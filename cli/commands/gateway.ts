import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Flags } from "@oclif/core";
import type { DevGateway, EngineConfig, Entry, IssuerState } from "../../engine/gateway/index.ts";
import type { Paint } from "../../engine/index.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";
import { entryLine, policyLine } from "../watch.ts";

type Engines = typeof import("../../engine/gateway/index.ts");

/** A gateway that is about to listen, and what its line says when it does. */
interface Served {
  readonly running: DevGateway;
  readonly state: string;
  readonly address: { readonly host: string; readonly port: number };
  readonly ready: () => object;
}

export default class Gateway extends PhiwardCommand<typeof Gateway> {
  static override summary = "Run the engine: an MCP gateway that decides and records every call.";
  static override description =
    "With --config it serves the signed releases that the host's engine.yaml names, to clients with a grant token (`phiward token issue`): it runs what ran last at once, looks for a newer release and for emergency stops at every poll, and takes over what the trust file lets it. With --dev it serves an unsigned policy repository on loopback, issues a token for each grant, marks every record as `dev`, and prints one JSON line when it is ready. A change of the repository is taken over within a second. It runs until it is interrupted, and lets open calls come to their end. Credentials, trusted origins and commands come from the host's engine.yaml, never from the repository.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --config engine.yaml",
    "<%= config.bin %> <%= command.id %> --dev examples/mission --state ./state",
    "<%= config.bin %> <%= command.id %> --dev . --http 8420 --config engine.yaml",
    "PHIWARD_TOKEN=phw_… <%= config.bin %> <%= command.id %> --dev . --stdio --state ./state",
    "<%= config.bin %> <%= command.id %> --config engine.yaml --check",
  ];
  static override flags = {
    config: Flags.string({ description: "the host's engine.yaml", helpValue: "FILE" }),
    check: Flags.boolean({ description: "only check the configuration", dependsOn: ["config"] }),
    dev: Flags.string({
      description: "serve this unsigned policy repository, for a first try",
      helpValue: "DIR",
    }),
    http: Flags.integer({
      description: "the port; 0 takes a free one",
      helpValue: "PORT",
      min: 0,
      max: 65_535,
    }),
    stdio: Flags.boolean({
      description: "speak MCP on standard input and output; the token is taken from PHIWARD_TOKEN",
      exclusive: ["http"],
    }),
    server: Flags.string({ description: "with --stdio: serve only this one", helpValue: "ID" }),
    token: Flags.string({
      description: "with --stdio: where the client's token is; PHIWARD_TOKEN when absent",
      helpValue: "env:NAME|file:PATH",
      dependsOn: ["stdio"],
      exclusive: ["grant"],
    }),
    grant: Flags.string({
      description: "with --dev --stdio: who the client is, instead of a token",
      helpValue: "ID",
    }),
    state: Flags.string({
      description: "folder for the audit log, tokens and keys; with --dev a new temporary one",
      helpValue: "DIR",
      env: "PHIWARD_STATE",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const gateway = await import("../../engine/gateway/index.ts");
    const config =
      flags.config === undefined ? undefined : gateway.readConfig(flags.config, this.host.env);
    if (flags.check && config !== undefined) {
      const issuers = await gateway.lookAtIssuers(config.settings.oidc ?? [], this.host.now());
      return checked(flags.config!, config, issuers);
    }
    // Asked for before anything starts.
    const token = flags.stdio ? this.#clientToken() : undefined;
    const served =
      flags.dev === undefined
        ? await this.#releases(gateway, config)
        : await this.#dev(gateway, flags.dev, config);
    const { running, state, ready, address } = served;
    running.policy.onEvent((event) => this.#say(policyLine(engine, event, this.#paint)));
    try {
      if (flags.stdio) await this.#stdio(running, state, token);
      else {
        const url = await running.gateway.listen(address.host, address.port);
        if (config?.operator !== undefined) {
          const { host, port } = config.operator;
          await running.gateway.listenOperator(host, port);
        }
        process.stdout.write(`${JSON.stringify({ ready: true, url, ...ready(), state })}\n`);
        this.#say(
          this.#paint("dim", "Ctrl-C stops it; what agents do shows here, and stays in the log"),
        );
        await interrupted();
      }
    } finally {
      await running.gateway.stop();
    }
    return { exit: EXIT.YES, printed: true, text: () => "", json: {} };
  }

  async #dev(gateway: Engines, folder: string, config: EngineConfig | undefined): Promise<Served> {
    const { flags } = this;
    const state = resolve(
      flags.state ?? config?.settings.state ?? (await mkdtemp(join(tmpdir(), "phiward-dev-"))),
    );
    const running = await gateway.startDevGateway({
      folder,
      state,
      host: this.host,
      ...(config === undefined
        ? {}
        : { trust: config.trust, upstreams: config.settings.upstreams }),
      overrides: {
        ...(config?.settings.traces === undefined ? {} : { traces: config.settings.traces }),
        ...(config?.settings.oidc === undefined ? {} : { oidc: config.settings.oidc }),
        // A first try of several nodes: each has a name of its own.
        ...(config?.settings.store === undefined
          ? {}
          : { store: config.settings.store, node: config.settings.node }),
        ...this.#observed(),
      },
      ...(flags.stdio ? { grants: flags.grant === undefined ? [] : [flags.grant] } : {}),
    });
    return {
      running,
      state,
      address: { host: "127.0.0.1", port: flags.http ?? config?.listen.port ?? 0 },
      ready: () => ({ tokens: running.tokens }),
    };
  }

  async #releases(gateway: Engines, config: EngineConfig | undefined): Promise<Served> {
    const { engine, flags } = this;
    if (config?.releases === undefined) {
      throw new engine.PhiwardError("USAGE", "say which policy to serve", {
        help: "name signed releases under `bundle` in the file of `--config`, or serve a work tree with `--dev DIR`",
      });
    }
    const { releases, listen } = config;
    const state = resolve(flags.state ?? config.settings.state);
    const { gateway: running, policy } = await gateway.serveReleases({
      config: { ...config, releases },
      now: this.host.now,
      random: Math.random,
      overrides: { state, ...this.#observed() },
    });
    return {
      running: { gateway: running, policy, tokens: {} },
      state,
      address: { host: listen.host, port: flags.http ?? listen.port },
      ready: () => {
        const bundle = policy.current()?.bundle;
        return { release: bundle === undefined ? null : releaseOf(bundle) };
      },
    };
  }

  #clientToken(): string | undefined {
    const { engine, flags } = this;
    return engine.readToken(engine.tokenPlace(flags.token ?? "env:PHIWARD_TOKEN"), this.host.env);
  }

  /** A line for each call, which nobody reads, would cost as much as judging it. */
  #observed(): { observe?: (entry: Entry) => void } {
    if (!this.#watched) return {};
    return { observe: (entry) => this.#say(entryLine(this.engine, entry, this.#paint)) };
  }

  get #paint(): Paint {
    return process.stderr.isTTY ? this.paint : this.engine.plain;
  }

  /** By a person at a terminal; a program reads the log instead. */
  get #watched(): boolean {
    return process.stderr.isTTY === true && !this.flags.quiet;
  }

  #say(line: string | undefined): void {
    if (line !== undefined && this.#watched) process.stderr.write(`${line}\n`);
  }

  /** Standard output belongs to the protocol, so what people read goes to standard error. */
  async #stdio(
    { gateway, tokens }: DevGateway,
    state: string,
    given: string | undefined,
  ): Promise<void> {
    const { grant, server } = this.flags;
    const token = grant === undefined ? given : tokens[grant];
    if (token === undefined) {
      throw new this.engine.PhiwardError("USAGE", "no grant token for the client on stdio", {
        help: "set PHIWARD_TOKEN to one that `phiward token issue` printed, or name a grant with --grant",
      });
    }
    process.stderr.write(`${JSON.stringify({ ready: true, stdio: true, state })}\n`);
    const { stdin: input, stdout: output } = process;
    await Promise.race([gateway.serveStdio({ input, output, token, server }), interrupted()]);
  }
}

function releaseOf({
  version,
  digest,
  commit,
}: {
  version: string;
  digest: string;
  commit?: string;
}): object {
  return { version: Number(version), digest, commit };
}

function checked(
  file: string,
  { listen, trust, settings, releases }: EngineConfig,
  issuers: readonly IssuerState[],
): Answer {
  const { node, state } = settings;
  const servers = Object.keys(trust);
  return {
    exit: EXIT.YES,
    text: (paint) =>
      [
        `${paint("green", "✓")} ${file}: node ${node}, listens on ${listen.host}:${listen.port}, ${servers.length} ${servers.length === 1 ? "server" : "servers"} listed${releases === undefined ? "" : `; releases of ${releases.trust.stream} from ${releases.sources.join(", ")}`}`,
        ...issuers.map((issuer) => issuerLine(issuer, paint)),
      ].join("\n"),
    json: {
      schema: "phiward.gateway-check/1",
      node,
      state,
      listen,
      upstreams: servers,
      ...(issuers.length === 0
        ? {}
        : {
            issuers: issuers.map(({ issuer, keys, problem }) => ({
              issuer,
              answers: problem === undefined,
              keys,
              problem: problem ?? null,
            })),
          }),
      ...(releases === undefined
        ? {}
        : { releases: { stream: releases.trust.stream, sources: releases.sources } }),
    },
  };
}

/** An issuer that is down now does not make the file wrong. */
function issuerLine({ issuer, keys, problem }: IssuerState, paint: Paint): string {
  return problem === undefined
    ? `${paint("green", "✓")} issuer ${issuer}: ${keys} ${keys === 1 ? "key" : "keys"}`
    : `${paint("yellow", "!")} issuer ${issuer}: ${problem}`;
}

function interrupted(): Promise<void> {
  return new Promise((done) => {
    process.once("SIGINT", done);
    process.once("SIGTERM", done);
  });
}
