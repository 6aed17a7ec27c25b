import { Flags } from "@oclif/core";
import { repository, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { storeFlags, withStores } from "../../store.ts";
import { by, changeBy, endOf, expires, mustBeShown, notice } from "./flags.ts";

export default class TokenIssue extends PhiwardCommand<typeof TokenIssue> {
  static override summary = "Make a token for a grant. It is shown once.";
  static override description =
    "The token proves to the gateway who is calling: give it to that one agent or person. Only its hash is kept. It dies when its grant is removed, issued anew, or given to another principal.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --grant triage-bot-7",
    "<%= config.bin %> <%= command.id %> --grant triage-bot-7 --expires 30d --by person:m.chen --output token.txt",
  ];
  static override flags = {
    grant: Flags.string({ description: "the grant's id", helpValue: "ID", required: true }),
    dir: repository,
    state,
    ...storeFlags,
    expires,
    by,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    mustBeShown(engine, flags);
    const grant = engine.grantNamed(engine.sound(await this.load(flags.dir)), flags.grant);
    const end = endOf(engine, flags.expires, host);
    const change = changeBy(engine, flags.by, host);
    const plan = engine.issueToken(grant, end, change);
    const issued = await withStores(engine, flags, host, ({ tokens }) => tokens.change(plan));
    notice(this.json, engine.tokenNotice(issued));
    return {
      exit: EXIT.YES,
      secret: true,
      text: () => issued.token,
      json: engine.tokenIssueJson(issued),
    };
  }
}
