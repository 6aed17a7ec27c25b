import { join } from "node:path";
import { Flags } from "@oclif/core";
import type { StoreSettings } from "../../../engine/postgres/index.ts";
import { readText, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { placeOf, storeFlags } from "../../store.ts";
import { archive, from, periodOf, to, withIndex } from "./shared.ts";

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
    archive,
    state,
    ...storeFlags,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const place = await placeOf(flags, this.host);
    if (place.store !== undefined) return await this.#onAll(place.store, place.state);
    // The keys of patients stay in the state folder: an archive names nobody.
    const { log } = engine.auditState(flags.archive ?? place.state);
    const folders = { log, keys: join(place.state, "keys") };
    const pseudonyms = engine.pseudonymsOf(await this.#patient(), folders);
    const origins = engine.bundle.recordedOrigins(place.state);
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

  async #patient(): Promise<string> {
    const { patient } = this.flags;
    return patient === "-" ? (await readText(this.engine, "-")).trim() : patient;
  }

  /** The records of all nodes; the keys of patients are those of this one's state folder. */
  async #onAll(store: StoreSettings, state: string): Promise<Answer> {
    const { engine, flags } = this;
    const { recordsIn, whoOnAll, withClient } = await import("../../../engine/postgres/index.ts");
    const folders = { log: join(state, "audit"), keys: join(state, "keys") };
    const pseudonyms = engine.pseudonymsOf(await this.#patient(), folders);
    const origins = engine.bundle.recordedOrigins(state);
    const period = periodOf(engine, flags, this.host);
    const { found, records } = await withClient(store, async (client) => ({
      found: await whoOnAll(client, pseudonyms, period, origins),
      records: await recordsIn(client),
    }));
    return {
      exit: found.problems.length === 0 ? EXIT.YES : EXIT.UNTRUSTED,
      text: (paint) => engine.whoText(found, paint),
      json: engine.whoJson(found, { records, lag: 0 }),
    };
  }
}
