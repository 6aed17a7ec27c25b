import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { newestRoot, releaseFolder } from "../../release.ts";

export default class RootShow extends PhiwardCommand<typeof RootShow> {
  static override summary = "Show the newest root in a release's folder: who may sign what.";
  static override description =
    "Shows what the root says, signed or not. `phiward bundle verify` says whether to believe it.";
  static override examples = ["<%= config.bin %> <%= command.id %> --release ./release"];
  static override flags = { release: releaseFolder };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const { root } = await newestRoot(engine, flags.release);
    return {
      exit: EXIT.YES,
      text: (paint) => engine.rootText(root, paint),
      json: engine.rootJson(root),
    };
  }
}
