import { Args } from "@oclif/core";
import { state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { dir, note, policyOf, record, reviewer, sign, trust } from "../../reviewing.ts";
import { withIndex } from "../audit/shared.ts";

export default class EmergencyReview extends PhiwardCommand<typeof EmergencyReview> {
  static override summary = "What was done under an opening of emergency access, and its review.";
  static override description =
    "Shows who opened it, why, and every call under it. With --sign the person who holds the token in PHIWARD_TOKEN signs that they have looked at it: a record goes into the chain, and the opening waits no longer. Exit code 1 while nobody has signed.";
  static override examples = [
    "<%= config.bin %> emergency list --state /var/lib/phiward",
    '<%= config.bin %> <%= command.id %> 01a0bcd8-7ee0-7000-8000-000000000177 --dir policies-repo --sign --note "the patient arrived unconscious, ticket INC-12"',
  ];
  static override args = {
    opening: Args.string({ description: "the opening's id", required: true }),
  };
  static override flags = { sign, note, dir, trust, state };

  protected override async answer(): Promise<Answer> {
    const { engine, args, flags, host } = this;
    const { review } = engine;
    const folders = engine.auditState(flags.state);
    const now = host.now();
    const signer = flags.sign
      ? await reviewer(engine, flags.state, await policyOf(engine, flags, host), now)
      : undefined;
    if (signer !== undefined) review.mustSign(signer);
    const { opening, clean } = withIndex(engine, folders.log, (index) => ({
      opening: review.openingToReview({ folder: folders.log, index }, args.opening),
      clean:
        flags.note === undefined
          ? undefined
          : review.cleanNote(flags.note, index, review.allPseudonyms(folders)),
    }));
    if (opening === undefined) {
      throw new engine.PhiwardError("UNKNOWN_NAME", "there is no such opening in the log", {
        help: "see `phiward emergency list`",
      });
    }
    const signed =
      signer === undefined
        ? undefined
        : {
            by: signer.principal,
            own: signer.principal === opening.openedBy,
            ...(await record(
              engine,
              flags.state,
              review.signEmergency(signer, {
                opening: opening.id,
                grant: opening.grant,
                note: clean,
              }),
              host,
            )),
          };
    if (signed !== undefined) {
      await engine
        .openEmergencyStore(flags.state)
        .change(engine.reviewOpening(opening.id, { at: now, by: signed.by }));
    }
    const shown = { opening, ...(signed === undefined ? {} : { signed }) };
    const isSigned = signed !== undefined || opening.signatures.length > 0;
    return {
      exit: isSigned ? EXIT.YES : EXIT.NO,
      text: (paint) => engine.emergencyReviewText(shown, paint),
      json: engine.emergencyReviewJson(shown),
    };
  }
}
