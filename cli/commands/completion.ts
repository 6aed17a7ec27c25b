import { Args } from "@oclif/core";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { bashScript } from "../completion/bash.ts";
import { commandFacts } from "../completion/facts.ts";
import { fishScript } from "../completion/fish.ts";
import { zshScript } from "../completion/zsh.ts";
import { EXIT } from "../exit.ts";

const SCRIPTS = { bash: bashScript, fish: fishScript, zsh: zshScript } as const;
type Shell = keyof typeof SCRIPTS;

export default class Completion extends PhiwardCommand<typeof Completion> {
  static override summary = "Print a script by which a shell completes commands and flags.";
  static override description =
    "The script holds all it knows, so that completing starts no program. Print it anew after an update.";
  static override examples = [
    `eval "$(<%= config.bin %> <%= command.id %> bash)"   (in ~/.bashrc)`,
    `eval "$(<%= config.bin %> <%= command.id %> zsh)"    (in ~/.zshrc, after compinit)`,
    "<%= config.bin %> <%= command.id %> fish > ~/.config/fish/completions/<%= config.bin %>.fish",
  ];
  static override args = {
    shell: Args.string({
      description: "which shell",
      options: Object.keys(SCRIPTS),
      required: true,
    }),
  };

  protected override async answer(): Promise<Answer> {
    const rules = this.engine.ruleFacts().map(({ id }) => id);
    const commands = commandFacts(this.config, { "lint --explain": rules });
    const shell = this.args.shell as Shell;
    const script = SCRIPTS[shell](this.config.bin, commands).trimEnd();
    return {
      exit: EXIT.YES,
      text: () => script,
      json: { schema: "phiward.completion/1", shell, script },
    };
  }
}
