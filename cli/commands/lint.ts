import { directory, now, timeOf } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Lint extends PhiwardCommand<typeof Lint> {
  static override summary = "Check every file: form, references, and rules of good policy.";
  static override description =
    "Lists every problem at once, each with file:line:column and what to do. Only errors give exit code 1; warnings and notes do not.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> policies-repo --format json",
    "<%= config.bin %> <%= command.id %> --format sarif --output lint.sarif",
    "<%= config.bin %> <%= command.id %> --now 2026-10-01   (repeatable: expiry is judged as of that day)",
  ];
  static override args = { dir: directory };
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "sarif", "github", "junit"),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine } = this;
    const tree = this.host.folder(this.args.dir);
    const loaded = await engine.load(tree);
    const { files } = loaded;
    const linted = engine.lint(loaded, timeOf(engine, this.flags.now, this.host));
    const { suppressed } = linted;
    const findings = engine.sortFindings([
      ...linted.findings,
      ...(await engine.checkFixtures(tree)),
    ]);
    const issues = engine.lintIssues(findings);
    const dir = await this.standsAt(tree);
    return {
      exit: engine.hasErrors(findings) ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.lintText(findings, suppressed, files, paint),
      json: engine.lintJson(findings, suppressed, files),
      others: {
        sarif: () => JSON.stringify(engine.sarif(issues, { dir }), null, 2),
        github: () => engine.workflowCommands(engine.annotations(issues, { dir })),
        junit: () => engine.lintJunit(issues),
      },
    };
  }
}
