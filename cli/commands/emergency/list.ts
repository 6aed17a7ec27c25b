import { Flags } from "@oclif/core";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { clientOf, url } from "./flags.ts";

export default class EmergencyList extends PhiwardCommand<typeof EmergencyList> {
  static override summary =
    "Show emergency grants: which are open, and which openings wait for a review.";
  static override description =
    "Asks a gateway, with --url, for the grants that the caller may open; or reads the state folder of one, with --state, for all of them, whether it runs or not.";
  static override examples = [
    "PHIWARD_TOKEN=phw_… <%= config.bin %> <%= command.id %> --url https://gateway.example.org:8420",
    "<%= config.bin %> <%= command.id %> --state ./state",
  ];
  static override flags = {
    url,
    state: Flags.string({
      description: "read the state folder of the engine instead",
      helpValue: "DIR",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const list =
      flags.state === undefined
        ? await this.#asked()
        : engine.listOpenings(engine.openEmergencyStore(flags.state).list(), host.now());
    return {
      exit: "refused" in list ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.emergencyListText(list, paint),
      json: engine.emergencyListJson(list),
    };
  }

  async #asked() {
    const { listEmergencies } = await import("../../../engine/gateway/index.ts");
    return await listEmergencies(clientOf(this.engine, this.flags.url));
  }
}
