import { Flags } from "@oclif/core";
import { state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { storeFlags, withStores } from "../../store.ts";
import { by, changeBy } from "./flags.ts";

export default class TokenAdmit extends PhiwardCommand<typeof TokenAdmit> {
  static override summary = "Let the identity of a barred grant in again.";
  static override description =
    "Lifts what `token revoke --grant` did to a grant whose identity signs in at an issuer. Only tokens that the issuer gives out from now on are taken: an older one stays refused, whoever holds it.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --grant triage-bot-7 --by person:m.chen",
  ];
  static override flags = {
    grant: Flags.string({ description: "the grant's id", helpValue: "ID", required: true }),
    state,
    ...storeFlags,
    by,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const plan = engine.admitGrant(flags.grant, changeBy(engine, flags.by, host));
    const bar = await withStores(engine, flags, host, ({ bars }) => bars.change(plan));
    return {
      exit: EXIT.YES,
      text: (paint) => engine.tokenAdmitText(bar, paint),
      json: engine.tokenAdmitJson(bar),
    };
  }
}
