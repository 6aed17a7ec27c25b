import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { directory, state } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { note, record, reviewer, sign } from "../../reviewing.ts";
import { writeFiles } from "../../write-files.ts";
import { withIndex } from "../audit/shared.ts";
import { registryOf, since } from "./shared.ts";

const ids = (what: string) =>
  Flags.string({ description: what, helpValue: "GRANT", multiple: true, default: [] });

export default class GrantReview extends PhiwardCommand<typeof GrantReview> {
  static override summary = "Review who has access: the sheet, and the signature.";
  static override description =
    "Without --sign it writes the sheet of a review: every grant with its effective access, its use, and what has changed since access was last signed. With --sign the person who holds the token in PHIWARD_TOKEN decides: kept grants get `lastReview` in their files, which are then to be committed; what is to be narrowed or revoked is recorded and stays until a pull request changes it. The signature goes into the chain with the commit that was reviewed. 45 CFR 164.308(a)(4)(ii)(C).";
  static override examples = [
    "<%= config.bin %> <%= command.id %> policies-repo --format html --output sheet.html",
    "PHIWARD_TOKEN=… <%= config.bin %> <%= command.id %> policies-repo --sign --all --revoke cohort-export-1",
  ];
  static override args = { dir: directory };
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "csv", "markdown", "html"),
    start: Flags.boolean({
      description: "the sheet; what happens without --sign",
      exclusive: ["sign"],
    }),
    sign,
    all: Flags.boolean({ description: "keep every grant that is not named", dependsOn: ["sign"] }),
    keep: ids("keep this grant; several times for several"),
    narrow: ids("this grant is to become less"),
    revoke: ids("this grant is to go"),
    note,
    since,
    state,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, args, flags, host } = this;
    const question = await registryOf(engine, host, { dir: args.dir, ...flags });
    const { registry } = question;
    const reviewed = flags.sign ? await this.#sign(question) : undefined;
    return {
      exit: EXIT.YES,
      text: (paint) =>
        reviewed === undefined
          ? engine.grantListText(registry, paint)
          : engine.grantReviewText(reviewed, paint),
      json: engine.grantReviewJson(registry, reviewed),
      html: () => engine.reviewSheetHtml(registry),
      others: {
        csv: () => engine.reviewSheetCsv(registry),
        markdown: () => engine.reviewSheetMarkdown(registry),
      },
    };
  }

  async #sign({ tree, loaded, now, registry }: Awaited<ReturnType<typeof registryOf>>) {
    const { engine, args, flags, host } = this;
    const { review } = engine;
    const signer = await reviewer(engine, flags.state, loaded, now);
    review.mustSign(signer);
    const decisions = this.#decisions(registry.rows.map(({ grant }) => grant));
    const commit = await this.#commit(loaded);
    const folders = engine.auditState(flags.state);
    const clean = withIndex(engine, folders.log, (index) =>
      flags.note === undefined
        ? undefined
        : review.cleanNote(flags.note, index, review.allPseudonyms(folders)),
    );
    const words = review.accessReview({
      reviewer: signer,
      decisions,
      rows: registry.rows,
      commit,
      note: clean,
    });
    const on = registry.at.slice(0, 10);
    const { texts } = await review.dated(tree, loaded, decisions.keep, {
      on,
      by: signer.principal,
    });
    await writeFiles(engine, args.dir, texts);
    const { event, told } = await record(engine, flags.state, words, host);
    return {
      ...{ by: signer.principal, commit, event, told },
      ...{ kept: decisions.keep, narrow: decisions.narrow, revoke: decisions.revoke },
      files: [...texts.keys()],
    };
  }

  #decisions(grants: readonly string[]): Engine.review.Decisions {
    const { engine, flags } = this;
    const { keep, narrow, revoke, all } = flags;
    const named = new Set([...keep, ...narrow, ...revoke]);
    const decisions = {
      keep: all ? [...keep, ...grants.filter((id) => !named.has(id))] : keep,
      ...{ narrow, revoke },
    };
    if (decisions.keep.length + narrow.length + revoke.length === 0) {
      throw new engine.PhiwardError("USAGE", "which grants were reviewed?", {
        help: "decide each with --keep, --narrow or --revoke, or keep the rest with --all",
      });
    }
    engine.review.checkDecisions(decisions, grants);
    return decisions;
  }

  /** What is signed must be what others can look at: the folder is what its last commit has. */
  async #commit(loaded: Engine.LoadedRepository): Promise<string> {
    const { engine, args, host } = this;
    const head = await host.revision(args.dir, "HEAD");
    const committed = engine.sound(await engine.load(head));
    if (head.commit !== undefined && committed.digest === loaded.repository.digest) {
      return head.commit;
    }
    throw new engine.PhiwardError("USAGE", "the policies in the folder are in no commit", {
      help: "commit them or put them back, then review what the commit has",
    });
  }
}
