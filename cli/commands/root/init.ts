import { join } from "node:path";
import { Flags } from "@oclif/core";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { beginTrust, lifeOf, personOf, releaseFolder, seatFlags, seatsOf } from "../../release.ts";

export default class RootInit extends PhiwardCommand<typeof RootInit> {
  static override summary = "Begin: who may sign releases, and what engines are to trust.";
  static override description =
    "Writes root/1.json, which its people then sign, and trust.json, which goes to the hosts of the engines. A release needs one builder and one person of every other group; what is broader needs two of each group that has two. One builder and one officer are enough to begin; add a second officer as soon as there is one.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --domain hospital --stream ehr --repository https://git.example.org/policies.git --person builder:ci=builder.key.pub --person privacy:m.chen=$HOME/.ssh/id_ed25519.pub",
  ];
  static override flags = {
    domain: Flags.string({ description: "your organisation", helpValue: "NAME", required: true }),
    stream: Flags.string({
      description: "what is released, such as ehr",
      helpValue: "NAME",
      required: true,
    }),
    repository: Flags.string({
      description: "the policy repository that releases come from",
      helpValue: "URL",
      required: true,
    }),
    person: Flags.string({
      description: "who may sign; the group `builder` is for machines",
      helpValue: "GROUP:NAME=KEYFILE",
      multiple: true,
      required: true,
    }),
    ...seatFlags,
    expires: Flags.string({
      description: "how long it is valid",
      helpValue: "DURATION",
      default: "365d",
    }),
    release: releaseFolder,
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const { readFolder, rootFile, writeFolder } = engine.bundle;
    if (readFolder(flags.release).roots.size > 0) {
      throw new engine.PhiwardError("USAGE", `\`${flags.release}\` has a root already`, {
        help: "change it with `phiward root propose`",
      });
    }
    const { root, files } = await beginTrust(engine, {
      domain: flags.domain,
      stream: flags.stream,
      repository: flags.repository,
      people: flags.person.map((text) => personOf(engine, text)),
      now: timeOf(engine, flags.now, host),
      lifeMs: lifeOf(engine, flags.expires),
      seats: seatsOf(engine, flags),
    });
    writeFolder(flags.release, files);
    const written = join(flags.release, rootFile(1));
    return {
      exit: EXIT.YES,
      text: (paint) =>
        `${engine.rootText(root, paint)}\n\nwritten: ${written}\nnext: phiward root sign --release ${flags.release} --key KEY`,
      json: engine.rootJson(root),
    };
  }
}
