import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { Args, Flags } from "@oclif/core";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";

export default class Init extends PhiwardCommand<typeof Init> {
  static override summary =
    "Write the first files of a policy repository; they lint and test green.";
  static override description =
    "Seven small files: the project, a server and its lock, a policy, a grant, a test, and a workflow. Approvers come from --approver, from CODEOWNERS, or are asked for; nobody is made up.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> policies-repo --approver team:privacy-officers --approver login:m-chen",
  ];
  static override args = {
    dir: Args.string({ description: "folder to write to; it may exist", default: "." }),
  };
  static override flags = {
    name: Flags.string({
      description: "the bundle's name; the folder's name when absent",
      helpValue: "NAME",
    }),
    approver: Flags.string({
      description: "who may approve a change that widens access: team:NAME or login:NAME",
      helpValue: "WHO",
      multiple: true,
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine } = this;
    const dir = this.args.dir;
    const approvers = await this.#approvers(dir);
    const files = engine.initialFiles({
      name: bundleName(this.flags.name ?? basename(resolve(dir))),
      now: this.host.now(),
      approvers,
    });
    await this.#refuseToOverwrite(dir, Object.keys(files));
    for (const [path, text] of Object.entries(files)) {
      const target = join(dir, path);
      await mkdir(dirname(target), { recursive: true });
      // "wx": a file that appeared meanwhile is not overwritten either.
      await writeFile(target, text, { flag: "wx" }).catch((error) => {
        throw engine.unreadable(target, error);
      });
    }
    const at = dir === "." ? "" : ` ${dir}`;
    const next = [
      `phiward lint${at}`,
      `phiward test${at}`,
      `phiward explain${at} --call call.json`,
    ];
    return {
      exit: EXIT.YES,
      json: { schema: "phiward.init/1", dir, files: Object.keys(files), approvers, next },
      text: (paint) =>
        [
          ...Object.keys(files).map((path) => `${paint("green", "+")} ${join(dir, path)}`),
          "",
          ...(approvers.length === 0
            ? [
                paint(
                  "yellow",
                  "nobody can approve a change that widens access yet: name approvers in phiward.yaml",
                ),
                "",
              ]
            : []),
          "next:",
          ...next.map((command) => `  ${paint("bold", command)}`),
        ].join("\n"),
    };
  }

  async #refuseToOverwrite(dir: string, paths: readonly string[]): Promise<void> {
    const { engine } = this;
    const there = new Set(
      await readdir(dir, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return [];
        throw engine.unreadable(dir, error);
      }),
    );
    const taken = paths.filter((path) => there.has(path) || there.has(path.split("/").join("\\")));
    if (taken.length === 0) return;
    throw new engine.PhiwardError(
      "USAGE",
      `${taken.map((path) => `\`${path}\``).join(", ")} already exist${taken.length === 1 ? "s" : ""}`,
      {
        help: "init never overwrites; choose another folder",
      },
    );
  }

  /** Flags first, then CODEOWNERS, then the person at the terminal; otherwise none. */
  async #approvers(dir: string): Promise<string[]> {
    const { engine, flags } = this;
    if (flags.approver !== undefined) {
      for (const who of flags.approver) {
        if (/^(team|login):[A-Za-z0-9_.-]+$/.test(who)) continue;
        throw new engine.PhiwardError("USAGE", `\`${who.slice(0, 60)}\` is no approver`, {
          help: "write team:NAME or login:NAME",
        });
      }
      return flags.approver;
    }
    const owners = await codeOwners(dir);
    if (owners.length > 0) return owners;
    if (process.stdin.isTTY !== true || process.stderr.isTTY !== true || this.json) return [];
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const said = await terminal.question(
      "GitHub team that approves wider access (empty: decide later): ",
    );
    terminal.close();
    const team = said.trim().replace(/^@?([^/]+\/)?/, "");
    return /^[A-Za-z0-9_.-]+$/.test(team) ? [`team:${team}`] : [];
  }
}

/** The owners of everything, as CODEOWNERS names them: `* @org/team @login`. */
async function codeOwners(dir: string): Promise<string[]> {
  for (const path of [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"]) {
    const text = await readFile(join(dir, path), "utf8").catch(() => undefined);
    const line = text?.split("\n").find((line) => /^\*\s/.test(line));
    if (line === undefined) continue;
    return line
      .split(/\s+/)
      .slice(1)
      .flatMap((owner) => {
        const match = /^@(?:[^/\s]+\/)?([A-Za-z0-9_.-]+)$/.exec(owner);
        return match === null ? [] : [`${owner.includes("/") ? "team" : "login"}:${match[1]}`];
      });
  }
  return [];
}

function bundleName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 64);
  return name === "" ? "policies" : name;
}
