import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { dir, note, policyOf, record, reviewer, sign, trust } from "../../reviewing.ts";
import { withIndex } from "./shared.ts";

export default class AuditReport extends PhiwardCommand<typeof AuditReport> {
  static override summary = "What was done in a period, what stands out, and who has signed it.";
  static override description =
    "Counts by principal, tool, purpose and rule, each beside the period before; what a reviewer should look at, with the records that show it; and the signatures under it. docs/activity-review.md lists what is looked for, with the numbers from which it is reported. With --sign a person signs exactly what is shown: a record of it goes into the chain. Exit code 3: the log is not what was written.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --period 2026-10",
    "<%= config.bin %> <%= command.id %> --period 2026-Q4 --format html --output review.html",
    'PHIWARD_TOKEN=… <%= config.bin %> <%= command.id %> --period 2026-10 --dir policies --sign --note "the export of the 14th was agreed, ticket SEC-1300"',
  ];
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "html", "csv"),
    period: Flags.string({
      description: "a month or a quarter, such as 2026-10 or 2026-Q4",
      helpValue: "PERIOD",
      exclusive: ["from", "to"],
    }),
    from: Flags.string({ description: "or: the first day", helpValue: "DAY", dependsOn: ["to"] }),
    to: Flags.string({ description: "and the last", helpValue: "DAY", dependsOn: ["from"] }),
    sign,
    note,
    dir,
    trust,
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const period = this.#period();
    const folders = engine.auditState(flags.state);
    const loaded = await policyOf(engine, flags, host);
    const now = host.now();
    // Asked first: nobody waits for a long report to learn that their token has ended.
    const signer = flags.sign ? await reviewer(engine, flags.state, loaded, now) : undefined;
    if (signer !== undefined) this.#mustBeSignable(signer, period, now);
    const { report, signatures, words } = withIndex(engine, folders.log, (index) => {
      const log = { folder: folders.log, index };
      const report = engine.review.activityReport({
        ...log,
        period,
        now,
        loaded,
        changesOf: engine.bundle.recordedChanges(flags.state),
        reviewed: engine.review.reviewedOpenings(log),
      });
      const all = engine.review.activitySignatures(log);
      const words = signer === undefined ? undefined : this.#words(signer, report, folders, index);
      return { report, signatures: engine.review.signaturesUnder(report, all), words };
    });
    const signed =
      signer === undefined || words === undefined
        ? undefined
        : {
            by: signer.principal,
            own: engine.review.ownFindings(report, signer).map(({ id }) => id),
            ...(await record(engine, flags.state, words, host)),
          };
    const shown = {
      report,
      findings: engine.review.findingsOf(report),
      signatures,
      ...(signed === undefined ? {} : { signed }),
    };
    const damaged = shown.findings.some(({ rule }) => rule === "damaged-log");
    return {
      exit: damaged ? EXIT.UNTRUSTED : EXIT.YES,
      text: (paint) => engine.reportText(shown, paint),
      json: engine.reportJson(shown),
      html: () => engine.reportHtml(shown),
      others: { csv: () => engine.reportCsv(shown) },
    };
  }

  #period(): Engine.review.Period {
    const { engine, flags } = this;
    const { period, from, to } = flags;
    if (period !== undefined) return engine.review.parsePeriod(period);
    if (from !== undefined && to !== undefined) return engine.review.periodBetween(from, to);
    throw new engine.PhiwardError("USAGE", "which period?", {
      help: "name it with --period 2026-10, or its days with --from and --to",
    });
  }

  /** What may still change is not signed: nobody has seen all of it. */
  #mustBeSignable(signer: Engine.review.Reviewer, period: Engine.review.Period, now: number): void {
    const { engine } = this;
    engine.review.mustSign(signer);
    if (engine.review.endOf(period) <= now) return;
    throw new engine.PhiwardError("USAGE", "the period is not over yet", {
      help: "sign it when its last day (UTC) has passed, or an earlier part of it with --from and --to",
    });
  }

  #words(
    signer: Engine.review.Reviewer,
    report: Engine.review.ActivityReport,
    folders: ReturnType<typeof Engine.auditState>,
    index: Engine.Index,
  ): Engine.review.AdminWords {
    const { engine, flags } = this;
    const { review } = engine;
    const { from, to } = report.activity.period;
    return review.signActivity(signer, {
      from,
      to,
      report: report.digest,
      numbers: report.numbers,
      findings: review.findingsOf(report).length,
      note:
        flags.note === undefined
          ? undefined
          : review.cleanNote(flags.note, index, review.allPseudonyms(folders)),
    });
  }
}
