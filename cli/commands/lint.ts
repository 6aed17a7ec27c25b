import { Flags } from "@oclif/core";
import type * as Engine from "../../engine/index.ts";
import { directory, now, timeOf } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";
import { rulePage } from "../rule-page.ts";
import { writeFiles } from "../write-files.ts";

export default class Lint extends PhiwardCommand<typeof Lint> {
  static override summary = "Check every file: form, references, and rules of good policy.";
  static override description =
    "Lists every problem at once, each with file:line:column and what to do. Only errors give exit code 1; warnings and notes do not. With --fix it makes those changes that a proof shows to leave every decision as it is; comments and formatting stay.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> policies-repo --format json",
    "<%= config.bin %> <%= command.id %> --fix --dry-run   (shows the diff)",
    "<%= config.bin %> <%= command.id %> --explain deny-if-optional",
    "<%= config.bin %> <%= command.id %> --format sarif --output lint.sarif",
    "<%= config.bin %> <%= command.id %> --now 2026-10-01   (repeatable: expiry is judged as of that day)",
  ];
  static override args = { dir: directory };
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "sarif", "github", "junit"),
    now,
    fix: Flags.boolean({
      description: "mend what can be mended without changing a decision",
      exclusive: ["explain"],
    }),
    "dry-run": Flags.boolean({
      description: "with --fix: show the changes and write nothing",
      dependsOn: ["fix"],
    }),
    explain: Flags.string({
      description: "the page of one rule: what it finds, why, and examples",
      helpValue: "RULE",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { explain, fix } = this.flags;
    if (explain !== undefined) return rulePage(this.engine, explain);
    const at = timeOf(this.engine, this.flags.now, this.host);
    const tree = this.host.folder(this.args.dir);
    if (!fix) return await this.#lint(tree, await this.engine.load(tree), at);
    const fixed = await this.engine.fix(tree, { now: at, alsoSame: testsAgree(this.engine, at) });
    const written = !this.flags["dry-run"];
    if (written) {
      const texts = new Map([...fixed.files].map(([path, { after }]) => [path, after] as const));
      await writeFiles(this.engine, this.args.dir, texts);
    }
    const answer = await this.#lint(tree, fixed.loaded, at, fixed);
    const { engine } = this;
    return {
      ...answer,
      text: (paint) => `${engine.fixText(fixed, written, paint)}\n\n${answer.text(paint)}`,
      json: { ...answer.json, fix: engine.fixJson(fixed, written) },
    };
  }

  async #lint(
    tree: Engine.Tree,
    loaded: Engine.LoadedRepository,
    at: number,
    fixed?: Engine.FixReport,
  ): Promise<Answer> {
    const { engine } = this;
    const { files } = loaded;
    const linted = engine.lint(loaded, at);
    const fixtures = await engine.patientDataInFixtures(tree, loaded, at);
    const suppressed = linted.suppressed + fixtures.suppressed;
    const findings = engine.sortFindings([
      ...linted.findings,
      ...(await engine.checkFixtures(tree)),
      ...fixtures.findings,
    ]);
    const issues = engine.lintIssues(findings);
    const dir = await this.standsAt(tree);
    const fixable = fixed === undefined ? linted.proposals.length : 0;
    return {
      exit: engine.hasErrors(findings) ? EXIT.NO : EXIT.YES,
      text: (paint) =>
        engine.lintText(findings, suppressed, files, paint) +
        (fixable > 0
          ? `\n${paint("dim", `${fixable} of them: try \`phiward lint --fix --dry-run\``)}`
          : ""),
      json: engine.lintJson(findings, suppressed, files),
      others: {
        sarif: () =>
          JSON.stringify(engine.sarif(issues, { dir, rules: engine.ruleFacts() }), null, 2),
        github: () => engine.workflowCommands(engine.annotations(issues, { dir })),
        junit: () => engine.lintJunit(issues),
      },
    };
  }
}

/** A test may name the rule by which a call is denied, and a rule's number can change. */
function testsAgree(
  engine: typeof Engine,
  now: number,
): NonNullable<Engine.FixOptions["alsoSame"]> {
  const passing = (loaded: Engine.LoadedRepository): ReadonlySet<string> => {
    if (loaded.tests.length === 0) return new Set();
    const { cases } = engine.runTests(engine.prepare(loaded.repository), loaded.tests, { now });
    return new Set(
      cases
        .filter(({ status }) => status === "passed")
        .map(({ suite, name }) => JSON.stringify([suite, name])),
    );
  };
  return (before, after) => {
    const still = passing(after);
    return [...passing(before)].every((one) => still.has(one))
      ? undefined
      : "a test that passes would fail";
  };
}
