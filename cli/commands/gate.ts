import { Flags } from "@oclif/core";
import { directory, now, readText, timeOf } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";

export default class Gate extends PhiwardCommand<typeof Gate> {
  static override summary =
    "May this change be merged? Lint, test, simulate and diff in one verdict.";
  static override description =
    "Judges the work tree, or --head, against --base, by the gate that base's phiward.yaml describes. A change that lets more happen passes only with the approvals that base asks for; on GitHub the Action asks for them, elsewhere --approvals gives them. Exit code 0: it may be merged; 1: it may not; 2: that could not be answered. With an approved broadening the exit code is 0 and the verdict stays `broader`.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --base main",
    "<%= config.bin %> <%= command.id %> --base origin/main --head HEAD policies-repo --format json",
    "<%= config.bin %> <%= command.id %> --base main --format html --output gate.html",
    "<%= config.bin %> <%= command.id %> --base main --head HEAD --approvals approvals.json",
  ];
  static override args = { dir: directory };
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "sarif", "junit", "github", "markdown", "html"),
    base: Flags.string({
      description: "the revision, or the folder (./…), that the change goes to",
      helpValue: "REV",
      required: true,
    }),
    head: Flags.string({
      description: "the revision, or the folder (./…), to judge; the work tree when absent",
      helpValue: "REV",
    }),
    approvals: Flags.string({
      description: "who approved, as JSON: {satisfied, commit, groups, problems}; needs --head",
      helpValue: "FILE",
    }),
    "pull-request": Flags.integer({
      description: "its number, for the report",
      helpValue: "N",
      min: 1,
    }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const { dir } = this.args;
    const approvals = await this.#approvals();
    const report = await engine.gate(
      {
        base: await host.revision(dir, flags.base),
        head: flags.head === undefined ? host.folder(dir) : await host.revision(dir, flags.head),
        now: timeOf(engine, flags.now, host),
        ...(approvals === undefined ? {} : { approvals: async () => approvals }),
      },
      {
        names: { base: flags.base, head: flags.head ?? "work tree" },
        onProgress: this.progress("recorded calls"),
        ...(flags["pull-request"] === undefined
          ? {}
          : { change: { pullRequest: flags["pull-request"] } }),
      },
    );
    return {
      exit: report.exit,
      text: (paint) => engine.gateText(report, paint),
      json: engine.gateJson(report),
      html: () => engine.gateHtml(report),
      others: {
        sarif: () => JSON.stringify(engine.gateSarif(report), null, 2),
        junit: () => engine.gateJunit(report),
        github: () => engine.gateGithub(report),
        markdown: () => engine.gateMarkdown(report, { kind: "summary" }),
      },
    };
  }

  async #approvals(): Promise<ReturnType<typeof this.engine.readApprovals> | undefined> {
    const { approvals: file, head } = this.flags;
    if (file === undefined) return undefined;
    if (head === undefined) {
      throw new this.engine.PhiwardError("USAGE", "--approvals needs --head", {
        help: "an approval is for one commit; name it with `--head REV`",
      });
    }
    return this.engine.readApprovals(file, await readText(this.engine, file));
  }
}
