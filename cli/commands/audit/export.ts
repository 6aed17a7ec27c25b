import { once } from "node:events";
import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { readText, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { record } from "../../reviewing.ts";
import { by } from "../token/flags.ts";
import { filters, periodOf, withIndex } from "./shared.ts";

const FORMATS = ["jsonl", "otlp", "ocsf", "csv"] as const;

export default class AuditExport extends PhiwardCommand<typeof AuditExport> {
  static override summary = "Send records to another system: a SIEM, a collector, a file.";
  static override description =
    "Records in the order of the log, each checked before it is sent, and nothing behind one that is not what was written. jsonl: the log's own lines. otlp: OpenTelemetry logs, one OTLP/HTTP JSON request a batch. ocsf: events of OCSF 1.3.0, class API Activity. csv: a table, in which no cell is run as a formula. Patients are in all of them by pseudonym alone. With --cursor a regular run goes on where the one before ended; a crash may send a batch twice, and never leaves one out. An export is itself recorded. Exit code 3: the log is not what was written.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --from 2026-10-01 --to 2026-10-31 --format csv --into october.csv",
    "<%= config.bin %> <%= command.id %> --format otlp --into https://collector.example.org/v1/logs --header Authorization=env:SIEM_TOKEN --cursor siem.cursor --follow",
    "<%= config.bin %> <%= command.id %> --verdict deny --format ocsf",
  ];
  static override flags = {
    ...PhiwardCommand.formats(...FORMATS, "json"),
    ...filters,
    into: Flags.string({
      description: "a file, to which it is added, or an https address; standard output otherwise",
      helpValue: "FILE|URL",
    }),
    header: Flags.string({
      description: "sent to the address: a header, and where its value is read from",
      helpValue: "NAME=env:VARIABLE|file:PATH",
      multiple: true,
      dependsOn: ["into"],
    }),
    cursor: Flags.string({
      description: "remembers in this file how far it came, and goes on there",
      helpValue: "FILE",
    }),
    follow: Flags.boolean({ description: "goes on with what is recorded until it is interrupted" }),
    by,
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const { principal, grant, server, tool, verdict, rule, kind } = flags;
    const { log } = engine.auditState(flags.state);
    const filter = {
      ...{ principal, grant, server, tool, verdict, rule, kind },
      ...periodOf(engine, flags, this.host),
    };
    const kept = flags.cursor === undefined ? undefined : engine.readExportCursor(flags.cursor);
    const from = kept ?? withIndex(engine, log, (index) => engine.placeBefore(index, filter.from));
    const name = this.#name();
    const format = engine.exportFormat(name);
    const { sink, into } = await this.#sink(format);
    let worth = 0;
    const exported =
      from === undefined
        ? NOTHING
        : await engine.exportLog({
            ...{ folder: log, from, format, sink },
            wanted: (one) => {
              const wanted = engine.matches(one, filter);
              if (wanted && isWorthTelling(one)) worth++;
              return wanted;
            },
            keep: (place) => {
              if (flags.cursor !== undefined) engine.keepExportCursor(flags.cursor, place);
            },
            follow: flags.follow ? interrupted() : undefined,
          });
    await sink.close();
    const told = worth > 0 ? await this.#tell(exported, into) : ("nothing to tell" as const);
    const report = { ...exported, into, format: name, told };
    return {
      exit: EXIT.YES,
      ...(flags.into === undefined ? { printed: true } : {}),
      text: (paint) => engine.exportText(report, paint),
      json: engine.exportJson(report),
    };
  }

  /** JSON is what is said of an export that went elsewhere; what went is then the log's own lines. */
  #name(): (typeof FORMATS)[number] {
    const { engine, flags } = this;
    if (this.json && flags.into === undefined) {
      throw new engine.PhiwardError("USAGE", "a report would stand among the records", {
        help: "name a file or an address with --into, or take --format jsonl",
      });
    }
    return FORMATS.find((one) => one === flags.format) ?? "jsonl";
  }

  async #tell({ records, first, last }: Engine.Exported, into: string) {
    const { flags } = this;
    const words = {
      action: ACTION,
      ...(flags.by === undefined ? {} : { by: flags.by }),
      details: { format: this.#name(), into, records, first: first!, last: last! },
    };
    return (await record(this.engine, flags.state, words, this.host)).told;
  }

  async #sink(
    format: Engine.ExportFormat,
  ): Promise<{ readonly sink: Engine.ExportSink; readonly into: string }> {
    const { engine, flags } = this;
    if (flags.into === undefined) return { sink: engine.functionSink(print), into: "output" };
    const url = urlIn(engine, flags.into);
    if (url === undefined) return { sink: engine.fileSink(flags.into), into: "file" };
    if (flags.format === "csv") {
      throw new engine.PhiwardError("USAGE", "a table is not sent to an address", {
        help: "write it to a file, or take --format jsonl, otlp or ocsf",
      });
    }
    const headers = await this.#headers();
    return { sink: engine.postSink({ url, type: format.type, headers }), into: url.origin };
  }

  /** Secrets are never flags: a process list shows flags. */
  async #headers(): Promise<Readonly<Record<string, string>>> {
    const { engine, flags } = this;
    const headers: Record<string, string> = {};
    for (const text of flags.header ?? []) {
      const [, name, from, where] = /^([A-Za-z0-9-]+)=(env|file):(.+)$/.exec(text) ?? [];
      const value =
        from === "file" ? (await readText(engine, where!)).trim() : process.env[where ?? ""];
      if (name === undefined || value === undefined || value === "") {
        throw new engine.PhiwardError("USAGE", "a header has no value that can be read", {
          help: "write --header Authorization=env:VARIABLE, and set the variable",
        });
      }
      headers[name] = value;
    }
    return headers;
  }
}

const ACTION = "audit.exported";
/** An export of nothing but what the one before recorded would tell of itself for ever. */
function isWorthTelling(one: Engine.AuditRecord): boolean {
  return one.kind !== "checkpoint" && !(one.kind === "admin" && one.action === ACTION);
}

const NOTHING = { records: 0, first: null, last: null };

/** undefined for what is a path. Throws USAGE for an address to which patient data may not go. */
function urlIn(engine: typeof Engine, text: string): URL | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const loopback = ["127.0.0.1", "[::1]", "localhost"].includes(url?.hostname ?? "");
  if (url?.protocol === "https:" || (url?.protocol === "http:" && loopback)) return url;
  throw new engine.PhiwardError("USAGE", "records are sent to https addresses only", {
    help: "write an https address, or http on loopback",
  });
}

async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Aborted by Ctrl-C, or by whoever stops the service. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => controller.abort());
  }
  return controller.signal;
}
