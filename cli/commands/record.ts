import { Flags } from "@oclif/core";
import type { Recording, RunningRecorder } from "../../engine/record/index.ts";
import { directory } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

/** As many as `simulate` judges within a minute. */
const MAX_CALLS = 100_000;

export default class Record extends PhiwardCommand<typeof Record> {
  static override summary = "Record real tool calls as fixtures, without patient data.";
  static override description =
    "Stands between an MCP client and its server, changes nothing, and writes one line for each call that a policy judges. Values are replaced by synthetic ones of the same form; a call is written only when it has the same verdict as before, under the policy in the folder. With a command after `--` it speaks MCP on standard input and output; with --http it listens on loopback. It runs until its client is gone or it is interrupted. With --from-audit it makes fixtures of an audit log, of which only the keys are real.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --server ehr --grant triage-bot-7 -- npx fhir-mcp-server --fhir-url http://127.0.0.1:8080/fhir",
    "<%= config.bin %> <%= command.id %> policies-repo --server ehr --url https://ehr.example.org/mcp --http 8421 --config engine.yaml",
    "<%= config.bin %> <%= command.id %> --server ehr --from-audit ./state",
  ];
  static override args = { dir: directory };
  static override flags = {
    server: Flags.string({
      description: "id of the server, in the repository",
      helpValue: "ID",
      required: true,
    }),
    grant: Flags.string({
      description: "whose calls they are; may be left out where one grant reaches the server",
      helpValue: "ID",
    }),
    url: Flags.string({ description: "the server, over HTTP", helpValue: "URL" }),
    http: Flags.integer({
      description: "listen on this port of 127.0.0.1; 0 takes a free one",
      helpValue: "PORT",
      min: 0,
      max: 65_535,
    }),
    config: Flags.string({
      description: "the host's engine.yaml: what it adds to the server's requests or environment",
      helpValue: "FILE",
    }),
    state: Flags.string({
      description:
        "folder for the key under which values are replaced, so that they are the same the next time; without it the key is gone at the end",
      helpValue: "DIR",
    }),
    raw: Flags.boolean({
      description: "write the values as they were sent: patient data, which lint refuses",
    }),
    "from-audit": Flags.string({
      description: "make fixtures of the audit log in a gateway's state folder",
      helpValue: "STATE",
      exclusive: ["url", "http", "raw", "config"],
    }),
    "max-calls": Flags.integer({
      description: "calls after so many are only counted",
      helpValue: "N",
      min: 1,
      default: MAX_CALLS,
    }),
  };

  #command: readonly string[] = [];

  /** What follows `--` is the server's command line, and no flag of ours. */
  override async run(): Promise<void> {
    const end = this.argv.indexOf("--");
    if (end !== -1) {
      this.#command = this.argv.slice(end + 1);
      this.argv = this.argv.slice(0, end);
    }
    await super.run();
  }

  protected override async answer(): Promise<Answer> {
    const { flags, host } = this;
    const { server, grant, output, state } = flags;
    const { fixturesFromAudit, startRecorder } = await import("../../engine/record/index.ts");
    const folder = this.args.dir;
    const maxCalls = flags["max-calls"];
    const common = { folder, server, grant, output, state, maxCalls, host };
    const audit = flags["from-audit"];
    if (audit !== undefined) return this.#told(await fixturesFromAudit({ ...common, audit }));
    const { raw, config } = flags;
    const target = this.#target();
    const running = await startRecorder({ ...common, target, raw, config });
    try {
      if (flags.http === undefined) await this.#stdio(running);
      else await this.#http(running, flags.http);
    } finally {
      await running.stop();
    }
    const told = this.#told(await running.stop());
    if (flags.http !== undefined) return told;
    // Standard output belonged to the protocol, so what people read goes to standard error.
    if (!flags.quiet) {
      const text = this.json
        ? JSON.stringify(told.json)
        : told.text(process.stderr.isTTY ? this.paint : this.engine.plain);
      process.stderr.write(`${text}\n`);
    }
    return { ...told, printed: true };
  }

  #target(): { readonly command: readonly string[] } | { readonly url: string } {
    const { url } = this.flags;
    const command = this.#command;
    if ((url === undefined) === (command.length === 0)) {
      throw new this.engine.PhiwardError("USAGE", "say which one server to stand in front of", {
        help: "give its command line after `--`, or its address with --url",
      });
    }
    if (url === undefined) return { command };
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
      throw new this.engine.PhiwardError("USAGE", "the server's address is no URL of HTTP", {
        help: "write it like https://ehr.example.org/mcp",
      });
    }
    return { url };
  }

  async #stdio(running: RunningRecorder): Promise<void> {
    await Promise.race([running.serveStdio(process.stdin, process.stdout), interrupted()]);
    process.stdin.destroy();
  }

  async #http(running: RunningRecorder, port: number): Promise<void> {
    const url = await running.listen(port);
    process.stdout.write(`${JSON.stringify({ ready: true, url, file: running.file })}\n`);
    await interrupted();
  }

  #told(recording: Recording): Answer {
    const { engine } = this;
    return {
      exit: EXIT.YES,
      wrote: true,
      text: (paint) => engine.recordText(recording, paint),
      json: engine.recordJson(recording),
    };
  }
}

function interrupted(): Promise<void> {
  return new Promise((done) => {
    process.once("SIGINT", done);
    process.once("SIGTERM", done);
  });
}
