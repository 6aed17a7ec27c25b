import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { clientOf, grant, url } from "./flags.ts";

export default class EmergencyClose extends PhiwardCommand<typeof EmergencyClose> {
  static override summary = "Close an emergency grant before its time is over.";
  static override description =
    "Any of its openers may. What is under way under the grant ends within a second. The opening still waits for its review.";
  static override examples = [
    "PHIWARD_TOKEN=phw_… <%= config.bin %> <%= command.id %> er-assist-1 --url https://gateway.example.org:8420",
  ];
  static override args = { grant };
  static override flags = { url };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, args } = this;
    const { closeEmergency } = await import("../../../engine/gateway/index.ts");
    const answer = await closeEmergency(clientOf(engine, flags.url), args.grant);
    return {
      exit: "refused" in answer ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.emergencyText(answer, paint),
      json: engine.emergencyJson(answer),
    };
  }
}
