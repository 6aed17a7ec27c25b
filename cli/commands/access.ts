import { Flags } from "@oclif/core";
import { directory, now, timeOf } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Access extends PhiwardCommand<typeof Access> {
  static override summary =
    "Who can reach what: every grant on every tool, and under which conditions.";
  static override description =
    "`none` and `all` are proved for every call that the tool's pinned schema accepts; everything else is `conditional`, with the conditions in words. Quotas are taken as unused, and break-glass as openable. A constant of a grant is shown by its name.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> examples/hospital --tool fhir_create",
    "<%= config.bin %> <%= command.id %> --ephi --format csv --output access.csv",
  ];
  static override args = { dir: directory };
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "csv"),
    grant: Flags.string({ description: "only this grant", helpValue: "ID" }),
    tool: Flags.string({
      description: "only this tool or method, also where it is denied",
      helpValue: "NAME",
    }),
    ephi: Flags.boolean({ description: "only what may touch patient data" }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const repository = engine.sound(await this.load(this.args.dir));
    const { grant, tool, ephi } = flags;
    const report = engine.access(repository, timeOf(engine, flags.now, this.host), {
      grant,
      tool,
      ephi,
    });
    const named = tool !== undefined;
    return {
      exit: EXIT.YES,
      text: (paint) =>
        flags.format === "csv"
          ? engine.accessCsv(report)
          : engine.accessText(report, { named }, paint),
      json: engine.accessJson(report),
    };
  }
}
