import { Flags } from "@oclif/core";
import { directory } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Simulate extends PhiwardCommand<typeof Simulate> {
  static override summary = "Replay recorded calls: what would change?";
  static override description =
    "Judges fixtures/**/*.jsonl by the work tree and, with --base, by another revision or folder: which recorded calls are gained, which revoked. Without --base the recorded verdicts are compared with. Quotas run in recorded time. Exit code 1 when a call is gained.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --base main",
    "<%= config.bin %> <%= command.id %> examples/hospital --fixtures 'fixtures/medagentbench.jsonl' --base ./before",
  ];
  static override args = { dir: directory };
  static override flags = {
    fixtures: Flags.string({
      description: "which fixture files, relative to the folder",
      helpValue: "GLOB",
    }),
    base: Flags.string({
      description: "the revision, or the folder (./…), to compare with",
      helpValue: "REV",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const tree = host.folder(this.args.dir);
    const head = engine.prepare(engine.sound(await engine.load(tree)));
    const base =
      flags.base === undefined
        ? undefined
        : engine.prepare(
            engine.sound(await engine.load(await host.revision(this.args.dir, flags.base))),
          );
    const calls = await engine.loadFixtures(tree, flags.fixtures);
    const report = engine.simulate(calls, head, base);
    return {
      exit: report.gained.length > 0 ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.simulateText(report, flags.base, paint),
      json: engine.simulateJson(report, flags.base),
    };
  }
}
