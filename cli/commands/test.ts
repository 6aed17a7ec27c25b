import { Flags } from "@oclif/core";
import { directory, now, timeOf } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Test extends PhiwardCommand<typeof Test> {
  static override summary = "Run the expectations of tests/*.test.yaml.";
  static override description =
    "Every case is decided by the code that the gateway runs, in virtual time: a sequence uses up quotas without waiting.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> examples/hospital --only billing --verbose",
    "<%= config.bin %> <%= command.id %> --format junit --output junit.xml",
  ];
  static override args = { dir: directory };
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "junit", "github"),
    now,
    only: Flags.string({
      description: "only cases whose `suite: name` contains this text",
      helpValue: "TEXT",
    }),
    verbose: Flags.boolean({
      char: "v",
      description: "list the cases that passed, with the deciding rule",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const tree = this.host.folder(this.args.dir);
    const loaded = await engine.load(tree);
    const repository = engine.prepare(engine.sound(loaded, { tests: true }));
    const report = engine.runTests(repository, loaded.tests, {
      now: timeOf(engine, flags.now, this.host),
      ...(flags.only === undefined ? {} : { only: flags.only }),
    });
    if (report.cases.length === 0) {
      throw new engine.PhiwardError(
        "NO_TESTS",
        flags.only === undefined ? "the repository has no tests" : "no case matches --only",
      );
    }
    const dir = await this.standsAt(tree);
    return {
      exit: report.errors > 0 ? EXIT.UNANSWERED : report.failed > 0 ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.testText(report, { verbose: flags.verbose }, paint),
      json: engine.testJson(report),
      others: {
        junit: () => engine.testJunit(report),
        github: () =>
          engine.workflowCommands(engine.annotations(engine.testIssues(report), { dir })),
      },
    };
  }
}
