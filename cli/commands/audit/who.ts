import { Flags } from "@oclif/core";
import { readText, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { from, periodOf, to, withIndex } from "./shared.ts";

export default class AuditWho extends PhiwardCommand<typeof AuditWho> {
  static override summary =
    "Who accessed this patient's record: when, for what, under which authority.";
  static override description =
    "One entry for each recorded call that names the patient, or whose result does, allowed or denied. Apart from them stand the allowed calls that may have included the patient, because nobody can tell whom they touched. The id is looked up by its pseudonym under every key of the state folder; it is neither shown nor stored. Exit code 3: the log is not what was written.";
  static override examples = [
    "echo p-17 | <%= config.bin %> <%= command.id %> --patient -",
    "<%= config.bin %> <%= command.id %> --patient Patient/p-17 --from 2026-10-01 --to 2026-10-31 --format json",
  ];
  static override flags = {
    patient: Flags.string({
      description:
        "the patient's id, or - to read it from standard input, where no process list shows it",
      helpValue: "ID|-",
      required: true,
    }),
    from,
    to,
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const folders = engine.auditState(flags.state);
    const id = flags.patient === "-" ? (await readText(engine, "-")).trim() : flags.patient;
    const pseudonyms = engine.pseudonymsOf(id, folders);
    const origins = engine.bundle.recordedOrigins(flags.state);
    const period = periodOf(engine, flags, this.host);
    return withIndex(engine, folders.log, (index, report) => {
      const found = engine.who(folders.log, index, pseudonyms, period, origins);
      return {
        exit: found.problems.length === 0 ? EXIT.YES : EXIT.UNTRUSTED,
        text: (paint) => engine.whoText(found, paint),
        json: engine.whoJson(found, report),
      };
    });
  }
}
