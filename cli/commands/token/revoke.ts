import { state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { by, changeBy, chosen, grant, token } from "./flags.ts";

export default class TokenRevoke extends PhiwardCommand<typeof TokenRevoke> {
  static override summary = "End a token, or all tokens of a grant, at once.";
  static override description =
    "Stops the next message of whoever holds it. It needs no policy repository, so it works while that one is broken.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --token 0a1b2c3d4e5f",
    "<%= config.bin %> <%= command.id %> --grant triage-bot-7 --by person:m.chen",
  ];
  static override flags = { grant, token, state, by };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const plan = engine.revokeTokens(chosen(engine, flags), changeBy(engine, flags.by, host));
    const revoked = await engine.openTokenStore(flags.state).change(plan);
    return {
      exit: EXIT.YES,
      text: (paint) => engine.tokenRevokeText(revoked, paint),
      json: engine.tokenRevokeJson(revoked),
    };
  }
}
