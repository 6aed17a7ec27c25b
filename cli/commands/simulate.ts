import { Flags } from "@oclif/core";
import { directory } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Simulate extends PhiwardCommand<typeof Simulate> {
  static override summary = "Replay recorded calls: what would change?";
  static override description =
    "Judges fixtures/**/*.jsonl by the work tree, or --head, and, with --base, by another revision or folder: which recorded calls are gained, which revoked. Without --base the recorded verdicts are compared with. Quotas run in recorded time. Files are read line by line, so a recording may be larger than memory. Exit code 1 when a call is gained.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --base main",
    "<%= config.bin %> <%= command.id %> --base v1.4.0 --head v1.5.0 --format json",
    "<%= config.bin %> <%= command.id %> examples/hospital --fixtures 'fixtures/medagentbench.jsonl' --base ./before",
  ];
  static override args = { dir: directory };
  static override flags = {
    fixtures: Flags.string({
      description: "which fixture files, relative to the folder",
      helpValue: "GLOB",
    }),
    head: Flags.string({
      description: "the revision, or the folder (./…), to judge; the work tree when absent",
      helpValue: "REV",
    }),
    base: Flags.string({
      description: "the revision, or the folder (./…), to compare with",
      helpValue: "REV",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const tree =
      flags.head === undefined
        ? host.folder(this.args.dir)
        : await host.revision(this.args.dir, flags.head);
    const head = engine.prepare(engine.sound(await engine.load(tree)));
    const base =
      flags.base === undefined
        ? undefined
        : engine.prepare(
            engine.sound(await engine.load(await host.revision(this.args.dir, flags.base))),
          );
    const running = engine.startSimulation(head, base);
    const progress = this.progress("recorded calls");
    let judged = 0;
    for await (const calls of engine.eachFixture(tree, flags.fixtures)) {
      running.judge(calls);
      judged += calls.length;
      progress(judged);
    }
    const report = running.report();
    return {
      exit: report.gainedTotal > 0 ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.simulateText(report, flags.base, paint),
      json: engine.simulateJson(report, flags.base),
    };
  }
}
