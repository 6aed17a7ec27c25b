import { Flags } from "@oclif/core";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { clientOf, grant, url } from "./flags.ts";

export default class EmergencyOpen extends PhiwardCommand<typeof EmergencyOpen> {
  static override summary = "Open an emergency grant, for a reason and a time.";
  static override description =
    "An emergency grant is dormant until one of its openers, a person with a token of their own, opens it. The opening is recorded before it is in force, announced, marked in the record of every call, ends by itself, and waits for a person's review. The reason must not name a patient.";
  static override examples = [
    'PHIWARD_TOKEN=phw_… <%= config.bin %> <%= command.id %> er-assist-1 --url https://gateway.example.org:8420 --reason "record server is the only source tonight, INC-7" --for 30m',
  ];
  static override args = { grant };
  static override flags = {
    url,
    reason: Flags.string({
      description: "why, in 10 to 500 characters, without a patient's name or number",
      required: true,
    }),
    for: Flags.string({
      description: "how long, such as 30m or 2h; at most what the grant allows",
      helpValue: "TIME",
      required: true,
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, args } = this;
    // Here too: what is of a patient should not travel first.
    const problem = engine.reasonProblem(flags.reason);
    if (problem !== undefined) {
      throw new engine.PhiwardError("USAGE", `the reason is not accepted: ${problem}`, {
        help: "say what happened to whom or what in general, and name the ticket, such as INC-7",
      });
    }
    const { openEmergency } = await import("../../../engine/gateway/index.ts");
    const wish = { reason: flags.reason, for: flags.for };
    const answer = await openEmergency(clientOf(engine, flags.url), args.grant, wish);
    return {
      exit: "refused" in answer ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.emergencyText(answer, paint),
      json: engine.emergencyJson(answer),
    };
  }
}
