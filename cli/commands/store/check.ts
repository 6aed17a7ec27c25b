import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { storeFlags, storeIn } from "../../store.ts";

export default class StoreCheck extends PhiwardCommand<typeof StoreCheck> {
  static override summary =
    "Look at the database that several gateways share: its tables, settings and nodes.";
  static override description =
    "Says which nodes have records there, and what makes the database less durable or less safe than it has to be. Exit code 1: something does.";
  static override examples = ["<%= config.bin %> <%= command.id %> --config engine.yaml"];
  static override flags = storeFlags;

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const { checkStore, withClient } = await import("../../../engine/postgres/index.ts");
    const report = await withClient(await storeIn(engine, flags, host), checkStore);
    return {
      exit: report.problems.length === 0 ? EXIT.YES : EXIT.NO,
      text: (paint) => engine.storeCheckText(report, paint),
      json: engine.storeCheckJson(report),
    };
  }
}
