import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Flags } from "@oclif/core";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Gateway extends PhiwardCommand<typeof Gateway> {
  static override summary = "Run the engine: an MCP gateway that decides and records every call.";
  static override description =
    "With --dev it serves an unsigned policy repository on loopback, issues a token for each grant, and prints one JSON line when it is ready. It runs until it is interrupted.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --dev examples/hospital",
    "<%= config.bin %> <%= command.id %> --dev . --http 8420 --state ./state",
    "PHIWARD_TOKEN=phw_… <%= config.bin %> <%= command.id %> --dev . --stdio --state ./state",
  ];
  static override flags = {
    dev: Flags.string({
      description: "folder of the policy repository to serve",
      helpValue: "DIR",
    }),
    http: Flags.integer({ description: "port on 127.0.0.1; 0 takes a free one", default: 0 }),
    state: Flags.string({
      description: "folder for the audit log, tokens and keys; a new temporary one when absent",
      helpValue: "DIR",
      env: "PHIWARD_STATE",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    if (flags.dev === undefined) {
      throw new engine.PhiwardError("USAGE", "say which policy to serve", {
        help: "serve a work tree with `--dev DIR`; signed releases are not here yet",
      });
    }
    const state = flags.state ?? (await mkdtemp(join(tmpdir(), "phiward-dev-")));
    const { startDevGateway } = await import("../../engine/gateway/dev.ts");
    const { gateway, tokens } = await startDevGateway({
      folder: flags.dev,
      state,
      host: this.host,
    });
    const url = await gateway.listen("127.0.0.1", flags.http);
    process.stdout.write(`${JSON.stringify({ ready: true, url, tokens, state })}\n`);
    await interrupted();
    await gateway.stop();
    return { exit: EXIT.YES, text: () => "", json: {} };
  }
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}
