import { Args, Flags } from "@oclif/core";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { trustOf } from "../../release.ts";

export default class HaltList extends PhiwardCommand<typeof HaltList> {
  static override summary = "Which emergency stops there are, and which of them are in force.";
  static override description =
    "Each with what it denies, who made it, and why. Exit code 1 while one is in force.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> https://git.example.org/policies.git --trust trust.json",
  ];
  static override args = {
    source: Args.string({ description: "a Git repository, or a release's folder", required: true }),
  };
  static override flags = {
    trust: Flags.string({ description: "what is trusted", helpValue: "FILE", required: true }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, args, host } = this;
    const { believing, followRoots, readSource, takeHalts, verifyRelease } = engine.bundle;
    const trust = await trustOf(engine, flags.trust);
    const { heartbeat: _, ...files } = await readSource(args.source);
    const at = timeOf(engine, flags.now, host);
    const { halts } = await believing((demand) =>
      takeHalts(followRoots(files, { trust, now: at }, demand), files, demand),
    );
    // A release that is not believed lifts nothing.
    const { release } = await verifyRelease(files, { trust, now: at });
    const lifted = release?.predicate.haltsCleared ?? 0;
    const listed = halts.map((halt) => ({ halt, inForce: halt.file.sequence > lifted }));
    return {
      exit: listed.some(({ inForce }) => inForce) ? EXIT.NO : EXIT.YES,
      text: (paint) => engine.haltListText(listed, paint),
      json: engine.haltListJson(listed),
    };
  }
}
