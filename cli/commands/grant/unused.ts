import { Flags } from "@oclif/core";
import { directory, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { writeFiles } from "../../write-files.ts";
import { registryOf, since } from "./shared.ts";

export default class GrantUnused extends PhiwardCommand<typeof GrantUnused> {
  static override summary = "What was granted and never used, and the change that takes it away.";
  static override description =
    "By grant, server and tool, as far as the audit log goes; grants that are younger than --since and emergency access are left out. The change is proved: for every call there is it allows no more than now, and every tool that was called with success keeps its rules. Arguments are not in the log, so nothing finer is said. Exit code 1 when something is unused.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> policies-repo --since 90d --state /var/lib/phiward",
    "<%= config.bin %> <%= command.id %> --format patch | git apply",
    "<%= config.bin %> <%= command.id %> --write",
  ];
  static override args = { dir: directory };
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "patch"),
    since,
    write: Flags.boolean({ description: "make the changes in the files" }),
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, args, flags, host } = this;
    const { tree, loaded, log, rows, from } = await registryOf(engine, host, {
      dir: args.dir,
      ...flags,
    });
    if (log === undefined) {
      throw new engine.PhiwardError("NO_AUDIT_LOG", `there is no audit log in \`${flags.state}\``);
    }
    const report = await engine.review.unusedGrants({
      ...{ tree, loaded, rows },
      use: log.use,
      since: from,
    });
    const before = new Map<string, string>();
    for (const path of report.edits.keys()) {
      before.set(path, new TextDecoder().decode(await tree.read(path)));
    }
    if (flags.write) await writeFiles(engine, args.dir, report.edits);
    const texts = { report, before, written: flags.write };
    return {
      exit: report.unused.length === 0 ? EXIT.YES : EXIT.NO,
      text: (paint) => engine.unusedText(texts, paint),
      json: engine.unusedJson(report),
      others: { patch: () => engine.unusedPatch(texts) },
    };
  }
}
