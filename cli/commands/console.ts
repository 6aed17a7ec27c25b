import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { Flags } from "@oclif/core";
import type { ConsoleOptions, PolicyReader } from "../../engine/console/index.ts";
import type { EngineConfig } from "../../engine/gateway/index.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";
import { withStores } from "../store.ts";
import { progressOn } from "./audit/shared.ts";

type Pages = typeof import("../../engine/console/index.ts");

export default class Console extends PhiwardCommand<typeof Console> {
  static override summary = "Pages for auditors and reviewers, in a browser.";
  static override description =
    "Serves the audit log, its reviews and the policy behind it as pages, to people whose grant has `access: [{ audit: read }]` or `sign`. With PHIWARD_TOKEN set to such a person's grant token it prints an address that lets them in, once. What anybody looks at is recorded. It prints one JSON line when it is ready, and runs until it is interrupted.";
  static override examples = [
    "PHIWARD_TOKEN=phw_… <%= config.bin %> <%= command.id %> --state ./state --dir .",
    "<%= config.bin %> <%= command.id %> --config engine.yaml",
  ];
  static override flags = {
    config: Flags.string({ description: "the host's engine.yaml", helpValue: "FILE" }),
    state: Flags.string({
      description: "state folder of the engine; the one of --config when absent",
      helpValue: "DIR",
      env: "PHIWARD_STATE",
    }),
    dir: Flags.string({
      description: "folder of the policy repository, for the log of a development gateway",
      helpValue: "DIR",
    }),
    port: Flags.integer({
      description: "the port; 0 takes a free one",
      helpValue: "PORT",
      min: 0,
      max: 65_535,
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const pages = await import("../../engine/console/index.ts");
    const { readConfig } = await import("../../engine/gateway/index.ts");
    const config = flags.config === undefined ? undefined : readConfig(flags.config, host.env);
    const state = resolve(flags.state ?? config?.settings.state ?? "./state");
    const policy = this.#policy(pages, state, config);
    const place =
      config?.settings.store === undefined ? { state } : { state, config: flags.config };
    await withStores(engine, place, host, async (stores) => {
      const progress = progressOn("indexing the log");
      const console = await pages.startConsole({
        state,
        policy,
        ...stores,
        ...settingsOf(pages, config, flags.port),
        now: host.now,
        random: (bytes) => randomBytes(bytes),
        onIndexing: progress.tell,
      });
      progress.done();
      try {
        const token = host.env.PHIWARD_TOKEN ?? "";
        const enter = token === "" ? {} : { enter: await console.invite(token) };
        process.stdout.write(`${JSON.stringify({ ready: true, url: console.url, ...enter })}\n`);
        await interrupted();
      } finally {
        await console.stop();
      }
    });
    return { exit: EXIT.YES, printed: true, text: () => "", json: {} };
  }

  #policy(pages: Pages, state: string, config: EngineConfig | undefined): PolicyReader {
    const { engine, flags, host } = this;
    if (flags.dir !== undefined) return pages.treePolicy(host.folder(flags.dir));
    if (config?.releases !== undefined) {
      return pages.releasePolicy(state, config.releases.trust, host.now);
    }
    throw new engine.PhiwardError("USAGE", "say which policy tells who may enter", {
      help: "name the host's file with `--config engine.yaml`, or a policy repository with `--dir DIR`",
    });
  }
}

function settingsOf(
  { LIMITS, LOOPBACK }: Pages,
  config: EngineConfig | undefined,
  port: number | undefined,
): Pick<ConsoleOptions, "listen" | "limits" | "issuer" | "checkpointKey"> {
  const { listen = LOOPBACK, issuer, idleMs, absoluteMs } = config?.console ?? {};
  const { key } = config?.settings.checkpoint ?? {};
  return {
    listen: { ...listen, port: port ?? listen.port },
    limits: {
      ...LIMITS,
      idleMs: idleMs ?? LIMITS.idleMs,
      absoluteMs: absoluteMs ?? LIMITS.absoluteMs,
    },
    ...(issuer === undefined ? {} : { issuer }),
    ...(key === undefined ? {} : { checkpointKey: key }),
  };
}

function interrupted(): Promise<void> {
  return new Promise((done) => {
    process.once("SIGINT", done);
    process.once("SIGTERM", done);
  });
}
