import { Flags } from "@oclif/core";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { issueHeartbeat, publishedAt } from "../../published.ts";
import { keyFile, lifeOf, trustOf } from "../../release.ts";

export default class HeartbeatIssue extends PhiwardCommand<typeof HeartbeatIssue> {
  static override summary = "Tell the engines that the published release is still the newest.";
  static override description =
    "For a scheduled job of the builder. Verifies the published release, and signs that it is the current one, for a day. Without a heartbeat engines go on for as long as the release's grace lasts, say in every record that they are stale, and then deny what touches patient data. The key can allow nothing: it can only point at a release that others signed.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --trust trust.json --key builder.key --to https://git.example.org/policies.git",
  ];
  static override flags = {
    key: keyFile,
    trust: Flags.string({ description: "what is trusted", helpValue: "FILE", required: true }),
    to: Flags.string({
      description: "the Git repository of the releases, or the folder of one",
      helpValue: "URL",
      required: true,
    }),
    life: Flags.string({
      description: "for how long it holds, a week at the most",
      helpValue: "DURATION",
      default: "24h",
    }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const trust = await trustOf(engine, flags.trust);
    const place = await publishedAt(engine, flags.to);
    const beat = await issueHeartbeat(engine, place.files, {
      trust,
      now: timeOf(engine, flags.now, host),
      key: flags.key,
      lifeMs: lifeOf(engine, flags.life),
    });
    await place.beat(beat.text);
    return {
      exit: EXIT.YES,
      text: (paint) => engine.heartbeatText(beat.file, paint),
      json: engine.heartbeatJson(beat.file),
    };
  }
}
