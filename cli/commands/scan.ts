import { access, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Flags } from "@oclif/core";
import type { ScanReport } from "../../engine/index.ts";
import { readText } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Scan extends PhiwardCommand<typeof Scan> {
  static override summary = "List a server's tools, classify them, and pin them.";
  static override description =
    "Asks a live server (a command after `--`, or --url) or reads a saved tools/list result (--from). Writes servers/<id>.yaml with a label for every tool that nobody described, each below its evidence, and servers/<id>.lock.json, so that a tool that is new or has changed is refused until somebody reviews it. What a person wrote stays. With --check nothing is written, and drift exits 1. Nothing of the environment but PATH, HOME and what --env names reaches a command.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --server ehr -- npx fhir-mcp-server --fhir-url http://127.0.0.1:8090/fhir",
    "<%= config.bin %> <%= command.id %> --server ehr --url https://ehr.example.org/mcp --bearer-env EHR_TOKEN",
    "<%= config.bin %> <%= command.id %> --from tools-list.json --server ehr --check   (exit 1 on drift)",
  ];
  static override usage = "scan [FLAGS] [-- COMMAND...]";
  // What follows `--` is the server's command line.
  static override strict = false;
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "markdown"),
    from: Flags.string({
      description: "a saved tools/list result, or - for standard input",
      helpValue: "FILE",
    }),
    url: Flags.string({
      description: "a server over Streamable HTTP",
      helpValue: "URL",
      exclusive: ["from"],
    }),
    "bearer-env": Flags.string({
      description: "with --url: the environment variable that holds the server's token",
      helpValue: "NAME",
      dependsOn: ["url"],
    }),
    env: Flags.string({
      description: "an environment variable that the command is given; may be repeated",
      helpValue: "NAME",
      multiple: true,
      multipleNonGreedy: true,
    }),
    server: Flags.string({
      description: "the server's id; by default from the file, host or command",
      helpValue: "ID",
    }),
    dir: Flags.string({
      description: "folder of the policy repository",
      helpValue: "DIR",
      default: ".",
    }),
    timeout: Flags.integer({
      description: "seconds that a server has for its whole answer",
      min: 1,
      max: 600,
      default: 30,
    }),
    check: Flags.boolean({ description: "write nothing; exit 1 on drift" }),
    labels: Flags.boolean({
      description: "write labels into servers/<id>.yaml",
      default: true,
      allowNo: true,
    }),
    "dry-run": Flags.boolean({ description: "write nothing", exclusive: ["check"] }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const command = this.#command();
    const id = this.#id(command);
    const list = engine.readToolsList(flags.from ?? id, await this.#list(command));
    const loaded = await this.#loadOrNothing();
    const report = engine.scanServer(id, list, {
      server: loaded?.servers.get(id)?.compiled,
      lock: loaded?.locks.get(id)?.compiled,
    });
    const written = flags.check || flags["dry-run"] ? [] : await this.#writeAll(report, command);
    return {
      exit: flags.check && report.drifted ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.scanText(report, written, paint),
      json: engine.scanJson(report, written),
      others: { markdown: () => engine.scanMarkdown(report, written) },
    };
  }

  /** What stands after `--`; nothing else may stand beside flags. */
  #command(): readonly string[] {
    const { flags, argv } = this;
    const at = argv.indexOf("--");
    const command = at < 0 ? [] : argv.slice(at + 1);
    const sources = [flags.from !== undefined, flags.url !== undefined, command.length > 0];
    if (sources.filter(Boolean).length !== 1) {
      throw new this.engine.PhiwardError("USAGE", "say which tools to scan", {
        help: "one of `--from FILE`, `--url URL`, or the server's command after `--`",
      });
    }
    return command;
  }

  #id(command: readonly string[]): string {
    const { server, from, url } = this.flags;
    const named = server ?? idOf(from ?? url ?? command.at(command.length > 1 ? 1 : 0) ?? "");
    if (/^[a-z0-9-]{1,32}$/.test(named)) return named;
    throw new this.engine.PhiwardError("USAGE", "a server id has 1 to 32 of a-z, 0-9 and -", {
      help: server === undefined ? "name it with --server" : "choose another --server",
    });
  }

  async #list([file, ...args]: readonly string[]): Promise<string> {
    const { engine, flags } = this;
    if (flags.from !== undefined) return await readText(engine, flags.from);
    const { listTools } = await import("../../engine/gateway/index.ts");
    const milliseconds = flags.timeout * 1_000;
    if (file !== undefined) {
      const env = this.#variables(["PATH", "HOME"], flags.env ?? []);
      return await listTools({ command: [file, ...args], env }, milliseconds);
    }
    const url = URL.parse(flags.url!);
    if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password !== "") {
      throw new engine.PhiwardError("USAGE", "this is no http or https URL without a credential", {
        help: "a token belongs into the environment: --bearer-env NAME",
      });
    }
    const variable = flags["bearer-env"];
    const token = variable === undefined ? undefined : this.#variables([], [variable])[variable];
    const headers: Record<string, string> =
      token === undefined ? {} : { authorization: `Bearer ${token}` };
    return await listTools({ url, headers }, milliseconds);
  }

  #variables(wanted: readonly string[], needed: readonly string[]): Record<string, string> {
    const { env } = this.host;
    const missing = needed.find((name) => env[name] === undefined);
    if (missing !== undefined) {
      throw new this.engine.PhiwardError("USAGE", `the environment has no \`${missing}\``, {
        help: "set it, or name another variable; its value is never shown",
      });
    }
    return Object.fromEntries(
      [...wanted, ...needed].flatMap((name) =>
        env[name] === undefined ? [] : [[name, env[name]]],
      ),
    );
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

  async #writeAll(
    { server, lock, proposals }: ScanReport,
    command: readonly string[],
  ): Promise<readonly string[]> {
    const written: string[] = [];
    const file = join("servers", `${server}.yaml`);
    const target = join(this.flags.dir, file);
    const json = await exists(join(this.flags.dir, "servers", `${server}.json`));
    if (this.flags.labels && !json) {
      const known = (await exists(target)) ? await readText(this.engine, target) : undefined;
      const { url } = this.flags;
      const reached = {
        ...(url === undefined ? {} : { url }),
        ...(command.length === 0 ? {} : { command }),
      };
      const text =
        known === undefined
          ? this.engine.newServerFile(server, proposals, reached)
          : this.engine.addProposals(known, file, proposals);
      if (text !== known) written.push(await this.#write(file, text));
    }
    const path = join("servers", `${server}.lock.json`);
    written.push(await this.#write(path, `${JSON.stringify(lock, null, 2)}\n`));
    return written;
  }

  async #write(path: string, text: string): Promise<string> {
    const target = join(this.flags.dir, path);
    await mkdir(join(this.flags.dir, "servers"), { recursive: true });
    await writeFile(target, text).catch((error) => {
      throw this.engine.unreadable(target, error);
    });
    return path;
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** `https://ehr.example.org/mcp` → `ehr-example-org`; `tools/My Server.json` → `my-server`. */
function idOf(source: string): string {
  const host = /^https?:/.test(source) ? URL.parse(source)?.hostname : undefined;
  return (host ?? basename(source).replace(/\.\w+$/, ""))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 32);
}
