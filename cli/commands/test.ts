import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Flags } from "@oclif/core";
import type {
  CoverageReport,
  LoadedRepository,
  MutateOptions,
  MutationReport,
  TestReport,
  Tree,
} from "../../engine/index.ts";
import { directory, now, timeOf } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";
import { progressBar } from "../progress-bar.ts";

interface Measured {
  readonly coverage?: CoverageReport;
  readonly mutation?: MutationReport;
}

export default class Test extends PhiwardCommand<typeof Test> {
  static override summary = "Run the expectations of tests/*.test.yaml.";
  static override description =
    "Every case is decided by the code that the gateway runs, in virtual time: a sequence uses up quotas without waiting. --coverage says which rules and conditions the cases exercise, --mutation which small mistakes none of them would notice.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> examples/hospital --only billing --verbose",
    "<%= config.bin %> <%= command.id %> --format junit --output junit.xml",
    "<%= config.bin %> <%= command.id %> --coverage --min 90 --lcov lcov.info",
    "<%= config.bin %> <%= command.id %> --format html --output coverage.html",
    "<%= config.bin %> <%= command.id %> --mutation --changed-since main",
    "<%= config.bin %> <%= command.id %> --write-tests",
  ];
  static override args = { dir: directory };
  static override flags = {
    ...PhiwardCommand.formats("text", "json", "junit", "github", "html"),
    now,
    only: Flags.string({
      description: "only cases whose `suite: name` contains this text",
      helpValue: "TEXT",
    }),
    verbose: Flags.boolean({
      char: "v",
      description: "list the cases that passed, with the deciding rule",
    }),
    coverage: Flags.boolean({
      description: "say which rules decide and which values of conditions are seen",
    }),
    lcov: Flags.string({
      description: "write the coverage in LCOV's form; implies --coverage",
      helpValue: "FILE",
    }),
    mutation: Flags.boolean({
      description:
        "make small mistakes in policies, grants and labels, and see whether a case fails",
    }),
    "write-tests": Flags.boolean({
      description: "add a case for each mutant that survives to tests/; implies --mutation",
    }),
    min: Flags.integer({
      description:
        "exit code 1 when coverage, or the mutation score, is below this; per cent of what was asked for",
      helpValue: "N",
      min: 0,
      max: 100,
    }),
    "changed-since": Flags.string({
      description: "measure only what differs from this revision, or folder (./…)",
      helpValue: "REV",
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const tree = this.host.folder(this.args.dir);
    const loaded = await engine.load(tree);
    engine.sound(loaded, { tests: true });
    const options = await this.#options(loaded);
    const { test, coverage } = this.#run(loaded, options);
    if (test.cases.length === 0) {
      throw new engine.PhiwardError(
        "NO_TESTS",
        flags.only === undefined ? "the repository has no tests" : "no case matches --only",
      );
    }
    const failed = test.failed + test.errors > 0;
    // A case that fails already would notice everything.
    const mutation = failed ? undefined : await this.#mutation(tree, loaded, options);
    const measured: Measured = {
      ...(coverage === undefined ? {} : { coverage }),
      ...(mutation === undefined ? {} : { mutation }),
    };
    if (flags.lcov !== undefined) await this.#write(flags.lcov, engine.lcov(coverage!));
    const sources = flags.format === "html" ? await this.#sources(tree, loaded) : new Map();
    const dir = await this.standsAt(tree);
    return {
      exit:
        test.errors > 0 ? EXIT.UNANSWERED : failed || this.#below(measured) ? EXIT.NO : EXIT.YES,
      text: (paint) => this.#text(test, measured, failed, paint),
      json: engine.testJson(test, measured),
      html: () => engine.coverageHtml(coverage!, sources),
      others: {
        junit: () => engine.testJunit(test),
        github: () => engine.workflowCommands(engine.annotations(engine.testIssues(test), { dir })),
      },
    };
  }

  get #covers(): boolean {
    const { coverage, lcov, format, min } = this.flags;
    const asked = coverage || lcov !== undefined || format === "html";
    return asked || (min !== undefined && !this.#mutates);
  }

  get #mutates(): boolean {
    return this.flags.mutation || this.flags["write-tests"];
  }

  async #options(loaded: LoadedRepository): Promise<MutateOptions> {
    const { engine, flags, host } = this;
    const since = flags["changed-since"];
    const base =
      since === undefined
        ? undefined
        : await engine.load(await host.revision(this.args.dir, since));
    return {
      now: timeOf(engine, flags.now, host),
      ...(flags.only === undefined ? {} : { only: flags.only }),
      ...(base === undefined ? {} : { touches: engine.touchedSince(base, loaded) }),
    };
  }

  #run(
    loaded: LoadedRepository,
    options: MutateOptions,
  ): { test: TestReport; coverage?: CoverageReport } {
    const { engine } = this;
    if (this.#covers) return engine.cover(loaded, options);
    return { test: engine.runTests(engine.prepare(loaded.repository), loaded.tests, options) };
  }

  async #mutation(
    tree: Tree,
    loaded: LoadedRepository,
    options: MutateOptions,
  ): Promise<MutationReport | undefined> {
    if (!this.#mutates) return undefined;
    const watched = { ...options, onProgress: progressBar("mutants", this.flags.quiet) };
    if (!this.flags["write-tests"]) return this.engine.mutate(loaded, watched);
    const texts = await this.#texts(
      tree,
      loaded.tests.map(({ file }) => file),
    );
    const written = this.engine.writeTests(loaded, texts, watched);
    for (const [file, text] of written.files) await this.#write(join(this.args.dir, file), text);
    return written.report;
  }

  #below({ coverage, mutation }: Measured): boolean {
    const { min = 0 } = this.flags;
    const measured = [coverage?.rules, coverage?.conditions, mutation?.score];
    return measured.some((percent) => percent !== undefined && percent < min);
  }

  #text(
    test: TestReport,
    { coverage, mutation }: Measured,
    failed: boolean,
    paint: Parameters<Answer["text"]>[0],
  ): string {
    const { engine, flags } = this;
    return [
      engine.testText(test, { verbose: flags.verbose }, paint),
      ...(coverage === undefined ? [] : ["", engine.coverageText(coverage, paint)]),
      ...(mutation === undefined ? [] : ["", engine.mutationText(mutation, paint)]),
      ...(this.#mutates && failed ? ["", "no mutant was tried: mend the failing cases first"] : []),
    ].join("\n");
  }

  async #sources(tree: Tree, { policies }: LoadedRepository): Promise<ReadonlyMap<string, string>> {
    return this.#texts(
      tree,
      [...policies.values()].map(({ located }) => located.file),
    );
  }

  async #texts(tree: Tree, files: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return new Map(
      await Promise.all(
        files.map(async (file) => [file, decoder.decode(await tree.read(file))] as const),
      ),
    );
  }

  async #write(path: string, text: string): Promise<void> {
    await writeFile(path, text).catch((error) => {
      throw this.engine.unreadable(path, error);
    });
  }
}
