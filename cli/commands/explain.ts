import { Flags } from "@oclif/core";
import { directory, readText } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Explain extends PhiwardCommand<typeof Explain> {
  static override summary = "Decide one call and show each step.";
  static override description =
    `A call is {"grant","server","tool","args","at"?}, or {"policy","tool","args"} to ask one policy alone; several calls stand one a line. Quotas are taken as unused. Where a condition is undetermined, the line to paste is shown.`;
  static override examples = [
    `echo '{"policy":"lookup","tool":"get_patient_record","args":{}}' | <%= config.bin %> <%= command.id %> --call -`,
    "<%= config.bin %> <%= command.id %> examples/hospital --call call.json --format json",
  ];
  static override args = { dir: directory };
  static override flags = {
    call: Flags.string({
      description: "file with the call, or - for standard input",
      helpValue: "FILE",
      required: true,
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const repository = engine.prepare(engine.sound(await this.load(this.args.dir)));
    const text = await readText(engine, flags.call);
    const calls = engine.readCalls(
      flags.call === "-" ? "(stdin)" : flags.call,
      text,
      this.host.now(),
    );
    const answers = calls.map((call) => {
      engine.checkPolicy(repository, call);
      const explanation = engine.explain(repository, call);
      return { explanation, hint: engine.hint(repository, call, explanation.decision) };
    });
    const json = answers.map(({ explanation, hint }) => engine.explainJson(explanation, hint));
    return {
      exit: answers.every(({ explanation }) => explanation.decision.verdict === "allow")
        ? EXIT.YES
        : EXIT.NO,
      text: (paint) =>
        answers
          .map(({ explanation, hint }) => engine.explainText(explanation, hint, paint))
          .join("\n\n"),
      json: json.length === 1 ? json[0]! : json,
    };
  }
}
