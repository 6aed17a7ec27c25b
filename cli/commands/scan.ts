import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Flags } from "@oclif/core";
import { readText } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Scan extends PhiwardCommand<typeof Scan> {
  static override summary =
    "Pin a server's tools: write servers/<id>.lock.json from its tools/list.";
  static override description =
    "Pins every tool's whole definition, so that a tool that is new or has changed is refused until somebody reviews it. Labels are those in servers/<id>.yaml; a tool that nobody described counts as the worst.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --from tools-list.json --server ehr",
    "<%= config.bin %> <%= command.id %> --from tools-list.json --server ehr --check   (exit 1 when a definition changed)",
  ];
  static override flags = {
    from: Flags.string({
      description: "a saved tools/list result, or - for standard input",
      helpValue: "FILE",
      required: true,
    }),
    server: Flags.string({ description: "the server's id", helpValue: "ID", required: true }),
    dir: Flags.string({
      description: "folder of the policy repository",
      helpValue: "DIR",
      default: ".",
    }),
    check: Flags.boolean({ description: "write nothing; exit 1 when the lock is not up to date" }),
    "dry-run": Flags.boolean({ description: "write nothing", exclusive: ["check"] }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    if (!/^[a-z0-9-]{1,32}$/.test(flags.server)) {
      throw new engine.PhiwardError("USAGE", "a server id has 1 to 32 of a-z, 0-9 and -", {
        help: "choose another --server",
      });
    }
    const list = engine.readToolsList(flags.from, await readText(engine, flags.from));
    const loaded = await this.#loadOrNothing();
    const result = engine.scan(flags.server, list, {
      server: loaded?.servers.get(flags.server)?.compiled,
      lock: loaded?.locks.get(flags.server)?.compiled,
    });
    const path = join("servers", `${flags.server}.lock.json`);
    const writes = !flags.check && !flags["dry-run"];
    if (writes) await this.#write(path, `${JSON.stringify(result.lock, null, 2)}\n`);
    const drift = result.removed.length > 0 || result.tools.some(({ change }) => change !== "same");
    return {
      exit: flags.check && drift ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.scanText(result, writes ? path : undefined, paint),
      json: engine.scanJson(result, writes ? path : undefined),
    };
  }

  /** A first scan may come before there is a repository. */
  async #loadOrNothing(): Promise<Awaited<ReturnType<typeof this.load>> | undefined> {
    try {
      return await this.load(this.flags.dir);
    } catch (error) {
      if (error instanceof this.engine.PhiwardError && error.code === "NOT_A_REPOSITORY")
        return undefined;
      throw error;
    }
  }

  async #write(path: string, text: string): Promise<void> {
    const { mkdir } = await import("node:fs/promises");
    const target = join(this.flags.dir, path);
    await mkdir(join(this.flags.dir, "servers"), { recursive: true });
    await writeFile(target, text).catch((error) => {
      throw this.engine.unreadable(target, error);
    });
  }
}
