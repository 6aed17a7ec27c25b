import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Args, Flags } from "@oclif/core";
import type * as Engine from "../../engine/index.ts";
import { readText } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Import extends PhiwardCommand<typeof Import> {
  static override summary = "Turn another tool's policy or allow-list into a policy with tests.";
  static override description =
    "Reads PolicyLayer Intercept policies, and allow-lists of MCP clients: Claude Code's settings, VS Code's settings and tool sets, and files with mcpServers. Says of each line what was not carried, and why; nothing becomes wider: what cannot be carried is denied, and the exit code is 1 then. Commands, addresses and secrets of a client's settings are not read.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> intercept.yaml --output .",
    "<%= config.bin %> <%= command.id %> .claude/settings.json --tools ehr=tools-list.json --output .",
  ];
  static override args = {
    file: Args.string({ description: "the file, or - for standard input", required: true }),
  };
  static override flags = {
    as: Flags.string({
      description: "what the file is; told from the file when absent",
      options: ["intercept", "allow-list"],
    }),
    name: Flags.string({
      description: "name of the policy of an Intercept file",
      helpValue: "NAME",
    }),
    tools: Flags.string({
      description:
        "what a server offers, a saved tools/list: to write out patterns and `default: allow`",
      helpValue: "[SERVER=]FILE",
      multiple: true,
    }),
    output: Flags.string({
      description: "folder of a policy repository: write policies/NAME.yaml and its tests there",
      helpValue: "DIR",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, args, flags } = this;
    if (flags.name !== undefined && !/^[a-z0-9][a-z0-9-]{0,63}$/.test(flags.name)) {
      throw new engine.PhiwardError("USAGE", "a policy's name has a-z, 0-9 and -", {
        help: "choose another --name",
      });
    }
    const imported = engine.importPolicy(args.file, await readText(engine, args.file), {
      format: flags.as as Engine.Imported["format"] | undefined,
      name: flags.name,
      offered: await this.#offered(),
    });
    const files = imported.policies.flatMap(({ files }) => Object.entries(files));
    const written = flags.output === undefined ? undefined : await this.#write(files, flags.output);
    return {
      exit: engine.lost(imported) ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.importText(imported, written, paint),
      json: engine.importJson(imported, written),
      wrote: true,
    };
  }

  async #offered(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { engine } = this;
    const offered = new Map<string, readonly string[]>();
    for (const text of this.flags.tools ?? []) {
      const cut = text.indexOf("=");
      const file = text.slice(cut + 1);
      const { tools } = engine.readToolsList(file, await readText(engine, file));
      offered.set(
        cut === -1 ? "" : text.slice(0, cut),
        tools.map(({ name }) => String(name)),
      );
    }
    return offered;
  }

  /** All or nothing, and never over a file that is there. */
  async #write(files: readonly (readonly [string, string])[], dir: string): Promise<string[]> {
    const { engine } = this;
    for (const [path] of files) {
      const there = await readFile(join(dir, path)).then(
        () => true,
        () => false,
      );
      if (!there) continue;
      throw new engine.PhiwardError("USAGE", `\`${join(dir, path)}\` already exists`, {
        help: "import never overwrites; choose another --name or --output",
      });
    }
    for (const [path, text] of files) {
      const target = join(dir, path);
      await mkdir(dirname(target), { recursive: true }).catch((error) => {
        throw engine.unreadable(dir, error);
      });
      await writeFile(target, text).catch((error) => {
        throw engine.unreadable(target, error);
      });
    }
    return files.map(([path]) => join(dir, path));
  }
}
