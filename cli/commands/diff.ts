import { writeFile } from "node:fs/promises";
import { Args, Flags } from "@oclif/core";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Diff extends PhiwardCommand<typeof Diff> {
  static override summary =
    "Prove what a change does: is anything allowed now that was not before?";
  static override description =
    "Compares two revisions for all calls, not a sample, and shows a concrete call for everything that became wider. A name is a Git revision; a folder starts with ./ or /. The head is the work tree when absent. Exit code 1 when the change blocks, 2 when that is because something could not be proved.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> main",
    "<%= config.bin %> <%= command.id %> v1.4.0 v1.5.0 --dir policies-repo --format json",
    "<%= config.bin %> <%= command.id %> main --format html --output diff.html",
    "<%= config.bin %> <%= command.id %> main --write-tests tests/broadened.test.yaml",
  ];
  static override args = {
    base: Args.string({ description: "the revision or folder before", required: true }),
    head: Args.string({ description: "the revision or folder after; the work tree when absent" }),
  };
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "html"),
    dir: Flags.string({
      description: "folder of the policy repository",
      helpValue: "DIR",
      default: ".",
    }),
    scope: Flags.string({
      description: "which broadening blocks; the gate of base decides when absent",
      options: ["ephi", "all"],
    }),
    "write-tests": Flags.string({
      description: "write the calls that were found as test cases",
      helpValue: "FILE",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, args, host } = this;
    const started = performance.now();
    const base = await engine.loadWithGuards(await host.revision(flags.dir, args.base));
    const head = await engine.loadWithGuards(
      args.head === undefined ? host.folder(flags.dir) : await host.revision(flags.dir, args.head),
    );
    for (const side of [base, head]) engine.sound(side);
    const diff = engine.compare(base, head, {
      base: args.base,
      head: args.head ?? "work tree",
      ...(flags.scope === undefined ? {} : { scope: flags.scope as "ephi" | "all" }),
    });
    const ms = performance.now() - started;
    // Blocked by something that is broader, or only by what could not be proved.
    const proved = diff.changes.some(
      ({ verdict, ephi }) => verdict === "broader" && (diff.scope === "all" || ephi),
    );
    const written = flags["write-tests"];
    if (written !== undefined) await this.#writeTests(written, diff);
    return {
      exit: !diff.blocks ? EXIT.YES : proved ? EXIT.NO : EXIT.UNANSWERED,
      text: (paint) => engine.diffText(diff, ms, paint),
      json: engine.diffJson(diff, ms),
      html: () => engine.diffHtml(diff),
    };
  }

  async #writeTests(
    path: string,
    diff: Parameters<typeof this.engine.witnessTests>[0],
  ): Promise<void> {
    const text = this.engine.witnessTests(diff);
    if (text === undefined) return;
    await writeFile(path, text, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw this.engine.unreadable(path, error);
      throw new this.engine.PhiwardError("USAGE", `\`${path}\` already exists`, {
        help: "choose another file; tests are never overwritten",
      });
    });
  }
}
