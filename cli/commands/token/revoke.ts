import type * as Engine from "../../../engine/index.ts";
import { repository, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { storeFlags, withStores } from "../../store.ts";
import { by, changeBy, chosen, grant, notice, token } from "./flags.ts";

export default class TokenRevoke extends PhiwardCommand<typeof TokenRevoke> {
  static override summary = "End a token, or all tokens of a grant, at once.";
  static override description =
    "Stops the next message of whoever holds it. It needs no policy repository, so it works while that one is broken. Where the grant's identity signs in at an issuer, the identity is barred: none of its tokens is taken, old or new, until `token admit` or a grant that is issued anew.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --token 0a1b2c3d4e5f",
    "<%= config.bin %> <%= command.id %> --grant triage-bot-7 --by person:m.chen",
  ];
  static override flags = { grant, token, dir: repository, state, ...storeFlags, by };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const which = chosen(engine, flags);
    const change = changeBy(engine, flags.by, host);
    const { revoked, barred } = await withStores(engine, flags, host, async ({ tokens, bars }) => {
      const isHeld = tokens.list().some(which);
      const barred =
        flags.grant !== undefined && (await this.#isOfIssuer(flags.grant, isHeld))
          ? await bars.change(engine.barGrant(flags.grant, change))
          : undefined;
      // Without a token to revoke it says so, unless there is an identity that was barred.
      const revoked =
        isHeld || barred === undefined
          ? await tokens.change(engine.revokeTokens(which, change))
          : { revoked: [], already: [] };
      return { revoked, barred };
    });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.tokenRevokeText(revoked, barred, paint),
      json: engine.tokenRevokeJson(revoked, barred),
    };
  }

  /**
   * Whether the grant's identity signs in at an issuer. Where no repository says so, it does unless it
   * holds tokens: to bar a name that nobody has does no harm, to leave one out would.
   */
  async #isOfIssuer(id: string, isHeld: boolean): Promise<boolean> {
    const { engine, flags } = this;
    let grants: Engine.ir.Repository["grants"];
    try {
      ({ grants } = engine.sound(await this.load(flags.dir)));
    } catch (error) {
      if (!(error instanceof engine.PhiwardError)) throw error;
      if (!isHeld)
        notice(this.json, "no sound policy repository here says whether there is such a grant");
      return !isHeld;
    }
    return Object.hasOwn(grants, id) && grants[id]!.oidc !== undefined;
  }
}
