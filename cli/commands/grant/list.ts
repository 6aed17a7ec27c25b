import { directory, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { registryOf, since } from "./shared.ts";

export default class GrantList extends PhiwardCommand<typeof GrantList> {
  static override summary =
    "The registry of grants: who has which access, until when, and uses it.";
  static override description =
    "Each grant with the access that it really gives, its dates, who reviewed it and whether the chain has their signature, its tokens, and its use as the audit log of the state folder has it. Where the log knows which commit was signed last, what has changed since.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> policies-repo --state /var/lib/phiward",
    "<%= config.bin %> <%= command.id %> --format csv --output grants.csv",
  ];
  static override args = { dir: directory };
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "csv"),
    since,
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, args, flags, host } = this;
    const { registry } = await registryOf(engine, host, { dir: args.dir, ...flags });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.grantListText(registry, paint),
      json: engine.grantListJson(registry),
      others: { csv: () => engine.grantListCsv(registry) },
    };
  }
}
