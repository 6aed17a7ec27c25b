/** What every command has: the shared flags, the world, one answer, and errors that teach. */
import { writeFile } from "node:fs/promises";
import { Command, Flags, type Interfaces } from "@oclif/core";
import type * as Engine from "../engine/index.ts";
import { EXIT, type Exit } from "./exit.ts";

/** What a command found: decided first, printed second. */
export interface Answer {
  readonly exit: Exit;
  readonly text: (paint: Engine.Paint) => string;
  /** One document; or several, printed as JSON Lines. */
  readonly json: object | readonly object[];
  /** Where the command offers it: a page that stands alone. */
  readonly html?: () => string;
  /** Further formats that the command offers, by their name. */
  readonly others?: Readonly<Record<string, () => string>>;
  /** The command has said everything itself, as it happened. */
  readonly printed?: true;
  /** `--output` names a file that the command wrote itself: the answer is about it. */
  readonly wrote?: true;
  /** The answer holds a secret: a file of it is for its owner only. */
  readonly secret?: true;
}

/** Inferred apart, so that a command may have a `format` of its own. */
export type CommandFlags<T extends typeof Command> = Interfaces.InferredFlags<
  (typeof PhiwardCommand)["baseFlags"]
> &
  Interfaces.InferredFlags<T["flags"]>;
export type CommandArgs<T extends typeof Command> = Interfaces.InferredArgs<T["args"]>;

export abstract class PhiwardCommand<T extends typeof Command> extends Command {
  static override baseFlags = {
    format: Flags.string({
      description: "how the answer is written",
      options: ["text", "json"],
      default: "text",
      helpGroup: "OUTPUT",
    }),
    json: Flags.boolean({ description: "the same as --format json", helpGroup: "OUTPUT" }),
    output: Flags.string({
      description: "write the answer to a file instead",
      helpValue: "FILE",
      helpGroup: "OUTPUT",
    }),
    quiet: Flags.boolean({
      description: "print no answer, only errors; the exit code still answers",
      helpGroup: "OUTPUT",
    }),
    color: Flags.boolean({
      description: "colour, when the output is a terminal and NO_COLOR is not set",
      default: true,
      allowNo: true,
      helpGroup: "OUTPUT",
    }),
  };

  /** The `--format` of a command that offers more than text and JSON. */
  protected static formats(...options: [string, ...string[]]) {
    return {
      format: Flags.string({
        description: "how the answer is written",
        options,
        default: options[0],
        helpGroup: "OUTPUT",
      }),
    };
  }

  protected flags!: CommandFlags<T>;
  protected args!: CommandArgs<T>;
  protected engine!: typeof Engine;

  /** Asks the engine; prints nothing. */
  protected abstract answer(): Promise<Answer>;

  override async run(): Promise<void> {
    // Loaded here, not at the top: `--help` and `--version` need no engine.
    this.engine = await import("../engine/index.ts");
    const { flags, args } = await this.parse({
      flags: this.ctor.flags,
      baseFlags: PhiwardCommand.baseFlags,
      args: this.ctor.args,
      strict: this.ctor.strict,
    });
    this.flags = flags as CommandFlags<T>;
    this.args = args as CommandArgs<T>;
    const answer = await this.answer();
    process.exitCode = answer.exit;
    if (answer.printed !== true) await this.#print(answer);
  }

  protected get json(): boolean {
    return this.flags.json || this.flags.format === "json";
  }

  /** Colours for standard output, or none. */
  protected get paint(): Engine.Paint {
    return colours(this.flags.color, true) ? this.engine.ansi : this.engine.plain;
  }

  protected get host(): Engine.Host {
    return this.engine.nodeHost;
  }

  /** Where the folder stands in its Git repository, as tools of GitHub name files; asked only by their formats. */
  protected async standsAt(tree: Engine.Tree): Promise<string> {
    if (this.flags.format !== "sarif" && this.flags.format !== "github") return "";
    return (await tree.guards?.())?.at ?? "";
  }

  /** Says on standard error how far a long run is, when somebody watches; once a second at the most. */
  protected progress(what: string): (count: number) => void {
    let shown = Date.now();
    return (count) => {
      if (!process.stderr.isTTY || this.flags.quiet || Date.now() - shown < 1_000) return;
      shown = Date.now();
      process.stderr.write(`\r${count.toLocaleString("en")} ${what} …`);
    };
  }

  /** The repository in a folder, and the rules of `lint` are not asked. */
  protected async load(folder: string): Promise<Engine.LoadedRepository> {
    return await this.engine.load(this.host.folder(folder));
  }

  async #print(answer: Answer): Promise<void> {
    const { flags } = this;
    const { quiet } = flags;
    const output = answer.wrote ? undefined : flags.output;
    const other = flags.format === "html" ? answer.html : answer.others?.[flags.format];
    const text = this.json
      ? toJson(answer.json)
      : other !== undefined
        ? other()
        : answer.text(
            colours(this.flags.color, output === undefined) ? this.engine.ansi : this.engine.plain,
          );
    if (output !== undefined) {
      const mode = answer.secret ? 0o600 : 0o666;
      await writeFile(output, `${text}\n`, { mode }).catch((error) => {
        throw this.engine.unreadable(output, error);
      });
    } else if (!quiet) process.stdout.write(`${text}\n`);
  }

  protected override async catch(
    error: Error & { code?: string; exitCode?: number },
  ): Promise<void> {
    this.engine ??= await import("../engine/index.ts");
    const { PhiwardError } = this.engine;
    const known = error instanceof PhiwardError ? error : this.#translate(error);
    process.exitCode = EXIT_OF[known.code] ?? EXIT.UNANSWERED;
    const paint = colours(!process.argv.includes("--no-color"), true)
      ? this.engine.ansi
      : this.engine.plain;
    const { visible } = this.engine;
    const { place, findings } = known;
    const where = place === undefined ? "" : `\n  at ${place.file}:${place.line}:${place.column}`;
    process.stderr.write(
      `${paint("red", `error[${known.code}]`)}: ${visible(known.message)}${visible(where).replace("\\n", "\n")}\n${paint("dim", "help:")} ${visible(known.help)}\n`,
    );
    for (const finding of findings.slice(1, 20)) {
      const at = `${finding.place.file}:${finding.place.line}:${finding.place.column}`;
      process.stderr.write(`  also ${visible(at)}: ${visible(finding.message)}\n`);
    }
    if (known.code === "BUG") process.stderr.write(`${error.stack ?? error.message}\n`);
    if (wantsJson()) process.stdout.write(`${toJson(this.engine.errorJson(known))}\n`);
  }

  /** Errors of the command line's own parser, and what nobody foresaw. */
  #translate(
    error: Error & { oclif?: { exit?: number }; parse?: unknown },
  ): InstanceType<typeof Engine.PhiwardError> {
    const { PhiwardError } = this.engine;
    if (error.oclif !== undefined || error.parse !== undefined) {
      return new PhiwardError("USAGE", usageMessage(error.message), {
        help: `see \`phiward ${this.id ?? ""} --help\``,
        cause: error,
      });
    }
    return new PhiwardError("BUG", error.message, { cause: error });
  }
}

/** Any other error is a question that could not be answered. */
const EXIT_OF: Partial<Record<Engine.ErrorCode, Exit>> = {
  BUG: EXIT.BUG,
  AUDIT_BROKEN: EXIT.UNTRUSTED,
  UNTRUSTED: EXIT.UNTRUSTED,
};

/** Before the flags are parsed an error must already know how it is to be written. */
function wantsJson(): boolean {
  const { argv } = process;
  return (
    argv.includes("--json") ||
    argv.includes("--format=json") ||
    argv[argv.indexOf("--format") + 1] === "json"
  );
}

/** oclif's words for a wrong command line, as one sentence: lower-case start, no full stop. */
function usageMessage(text: string): string {
  const said = text
    .replace(/^The following errors? occurred:/, "")
    .replace(/See more help with --help\s*$/, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("; ")
    .replaceAll(":; ", ": ");
  return said.charAt(0).toLowerCase() + said.slice(1);
}

function toJson(value: object | readonly object[]): string {
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(item)).join("\n");
  return JSON.stringify(value, null, 2);
}

/** NO_COLOR (no-color.org) wins; FORCE_COLOR is for logs that render colour. */
function colours(wanted: boolean, terminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (!wanted || (NO_COLOR !== undefined && NO_COLOR !== "")) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "0") return true;
  return terminal && process.stdout.isTTY === true && TERM !== "dumb";
}
