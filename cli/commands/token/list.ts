import type * as Engine from "../../../engine/index.ts";
import { repository, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { storeFlags, withStores } from "../../store.ts";
import { grant } from "./flags.ts";

export default class TokenList extends PhiwardCommand<typeof TokenList> {
  static override summary = "The tokens that there are, and which of them are live.";
  static override description =
    "A token whose grant has been removed or changed is orphaned. A grant whose identity signs in at an issuer has no token here; where it is barred, it is listed. Where the folder holds no policy repository, only those are that the gateway has noted.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --grant triage-bot-7 --format json",
  ];
  static override flags = { grant, dir: repository, state, ...storeFlags };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const repository = await this.#repository();
    const isMeant = ({ grant }: { readonly grant: string }): boolean =>
      flags.grant === undefined || grant === flags.grant;
    const { tokens, bars } = await withStores(engine, flags, host, async (stores) => ({
      tokens: engine.listTokens(stores.tokens.list().filter(isMeant), repository, host.now()),
      bars: engine.listBars(stores.bars.list()).filter(isMeant),
    }));
    return {
      exit: EXIT.YES,
      text: (paint) => engine.tokenListText(tokens, bars, paint),
      json: engine.tokenListJson(tokens, bars),
    };
  }

  /** Where the engine runs there need be no checkout. */
  async #repository(): Promise<Engine.ir.Repository | undefined> {
    const { engine } = this;
    try {
      return engine.sound(await this.load(this.flags.dir));
    } catch (error) {
      if (error instanceof engine.PhiwardError && error.code === "NOT_A_REPOSITORY") {
        return undefined;
      }
      throw error;
    }
  }
}
