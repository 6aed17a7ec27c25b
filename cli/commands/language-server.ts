import { Flags } from "@oclif/core";
import { repository } from "../arguments.ts";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";
import { serve } from "../language-server/serve.ts";

export default class LanguageServer extends PhiwardCommand<typeof LanguageServer> {
  static override summary =
    "Answer an editor: findings, what a rule does, where a tool is defined.";
  static override description =
    "Speaks the Language Server Protocol on standard input and output; an editor starts it. It reads the repository's files and the texts that the editor has open, and changes nothing. docs/editors.md shows how to set up an editor.";
  static override examples = ["<%= config.bin %> <%= command.id %> --stdio"];
  static override flags = {
    // No argument: the parser would look for one on standard input, which is the editor's.
    dir: repository,
    // Editors pass it, whether or not there is a choice.
    stdio: Flags.boolean({ description: "on standard input and output, as always", default: true }),
  };

  protected override async answer(): Promise<Answer> {
    const { createConnection } = await this.#protocol();
    const connection = createConnection(process.stdin, process.stdout);
    await serve(connection, { engine: this.engine, host: this.host, folder: this.flags.dir });
    return { exit: EXIT.YES, printed: true, text: () => "", json: {} };
  }

  /** Not installed with phiward: who has no use for an editor's server need not have it. */
  async #protocol(): Promise<typeof import("vscode-languageserver/node")> {
    try {
      return await import("vscode-languageserver/node");
    } catch (error) {
      throw new this.engine.PhiwardError(
        "USAGE",
        "the language server needs the package `vscode-languageserver`",
        { help: "npm i -D vscode-languageserver@11", cause: error },
      );
    }
  }
}
