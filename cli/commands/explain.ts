import { Args, Flags } from "@oclif/core";
import type * as Engine from "../../engine/index.ts";
import { readText } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";
import { believed, trustOf } from "../release.ts";
import { rulePage } from "../rule-page.ts";

export default class Explain extends PhiwardCommand<typeof Explain> {
  static override summary = "Decide one call and show each step; or explain a rule of lint.";
  static override description =
    `A call is {"grant","server","tool","args","at"?}, or {"policy","tool","args"} to ask one policy alone; several calls stand one a line. Quotas are taken as unused. Where a condition is undetermined, the line to paste is shown. With --release a signed release is asked instead of the folder, and the answer names the commit, pull request and approvers of the grant and of the rule.`;
  static override examples = [
    `echo '{"policy":"lookup","tool":"get_patient_record","args":{}}' | <%= config.bin %> <%= command.id %> --call -`,
    "<%= config.bin %> <%= command.id %> examples/hospital --call call.json --format json",
    "<%= config.bin %> <%= command.id %> deny-if-optional",
    "<%= config.bin %> <%= command.id %> --call call.json --release https://git.example.org/policies.git --trust trust.json",
  ];
  static override args = {
    dir: Args.string({
      description: "folder of the policy repository; without --call, the name of a rule",
      default: ".",
    }),
  };
  static override flags = {
    call: Flags.string({
      description: "file with the call, or - for standard input",
      helpValue: "FILE",
    }),
    release: Flags.string({
      description: "ask this release: a Git repository, a folder, or a file that was carried",
      helpValue: "SOURCE",
      dependsOn: ["trust"],
    }),
    trust: Flags.string({
      description: "what is trusted",
      helpValue: "FILE",
      dependsOn: ["release"],
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    // Without a call there is nothing to ask of a folder, so the argument is the name of a rule.
    if (flags.call === undefined) return this.#rule(this.args.dir);
    const text = await readText(engine, flags.call);
    const { loaded, origins } = await this.#asked();
    const repository = engine.prepare(engine.sound(loaded));
    const calls = engine.readCalls(
      flags.call === "-" ? "(stdin)" : flags.call,
      text,
      this.host.now(),
    );
    const answers = calls.map((call) => {
      engine.checkPolicy(repository, call);
      const explanation = engine.explain(repository, call);
      const { decision } = explanation;
      return {
        explanation,
        hint: engine.hint(repository, call, decision),
        origin: origins?.(call, decision),
      };
    });
    const json = answers.map(({ explanation, hint, origin }) =>
      engine.explainJson(explanation, hint, origin),
    );
    return {
      exit: answers.every(({ explanation }) => explanation.decision.verdict === "allow")
        ? EXIT.YES
        : EXIT.NO,
      text: (paint) =>
        answers
          .map(({ explanation, hint, origin }) =>
            engine.explainText(explanation, hint, paint, origin),
          )
          .join("\n\n"),
      json: json.length === 1 ? json[0]! : json,
    };
  }

  /** The folder; or a release, believed, with where its grants and rules come from. */
  async #asked(): Promise<{
    readonly loaded: Engine.LoadedRepository;
    readonly origins?: (call: Engine.Call, decision: Engine.Decision) => Engine.bundle.Origin;
  }> {
    const { engine, flags } = this;
    if (flags.release === undefined || flags.trust === undefined) {
      return { loaded: await this.load(this.args.dir) };
    }
    const { originOf, readSource } = engine.bundle;
    const trust = await trustOf(engine, flags.trust);
    const files = await readSource(flags.release);
    const { repository, provenance } = await believed(engine, files, trust, this.host.now());
    if (provenance === undefined) return { loaded: repository };
    return {
      loaded: repository,
      origins: ({ method, tool }, { grant, policy, rule }) =>
        originOf(provenance, { grant, policy: policy?.name ?? null, rule, method, tool }),
    };
  }

  #rule(id: string): Answer {
    const { engine } = this;
    if (id !== ".") return rulePage(engine, id);
    throw new engine.PhiwardError("USAGE", "neither a call nor a rule to explain", {
      help: "name a file with --call, or a rule such as `deny-if-optional`",
    });
  }
}
