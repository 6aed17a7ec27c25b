import { Flags } from "@oclif/core";
import { repository, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { storeFlags, withStores } from "../../store.ts";
import {
  by,
  changeBy,
  chosen,
  durationOf,
  endOf,
  expires,
  grant,
  mustBeShown,
  notice,
  token,
} from "./flags.ts";

export default class TokenRotate extends PhiwardCommand<typeof TokenRotate> {
  static override summary = "Replace a token by a new one; the old one goes on for a while.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --grant triage-bot-7",
    "<%= config.bin %> <%= command.id %> --token 0a1b2c3d4e5f --overlap 10m",
  ];
  static override flags = {
    grant,
    token,
    overlap: Flags.string({
      description: "how long the old token is still valid",
      helpValue: "1h",
      default: "1h",
    }),
    dir: repository,
    state,
    ...storeFlags,
    expires,
    by,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    mustBeShown(engine, flags);
    const which = chosen(engine, flags);
    const times = {
      expiresAt: endOf(engine, flags.expires, host),
      overlapMs: durationOf(engine, flags.overlap),
    };
    const repository = engine.sound(await this.load(flags.dir));
    const change = changeBy(engine, flags.by, host);
    const plan = engine.rotateToken(which, repository, times, change);
    const rotated = await withStores(engine, flags, host, ({ tokens }) => tokens.change(plan));
    notice(this.json, engine.tokenNotice(rotated));
    return {
      exit: EXIT.YES,
      secret: true,
      text: () => rotated.token,
      json: engine.tokenRotateJson(rotated),
    };
  }
}
