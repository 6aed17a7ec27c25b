import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { Args, Flags } from "@oclif/core";
import { type Answer, PhiwardCommand } from "../base-command.ts";
import { EXIT } from "../exit.ts";
import { progressBar } from "../progress-bar.ts";
import { beginTrust, lifeOf, personOf } from "../release.ts";

export default class Init extends PhiwardCommand<typeof Init> {
  static override summary =
    "Write the first files of a policy repository; they lint and test green.";
  static override description =
    "Seven small files: the project, a server and its lock, a policy, a grant, a test, and a workflow. Approvers come from --approver, from CODEOWNERS, or are asked for; nobody is made up. With --signing also what signed releases need: who may sign, what engines trust, a key for the builder (outside of the repository), and the workflows; in a repository that is there already, only these.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --signing --officer privacy:m.chen=$HOME/.ssh/id_ed25519.pub --repository https://git.example.org/policies.git",
    "<%= config.bin %> <%= command.id %> --from-scan --recorded 'fixtures/recorded/*.jsonl' --responsible person:j.rivera",
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
    "from-scan": Flags.boolean({
      description: "least-privilege policies from the servers that `scan` wrote to the folder",
      exclusive: ["signing"],
    }),
    recorded: Flags.string({
      description:
        "with --from-scan: recorded calls of the folder's fixtures; the policies let through these and nothing else",
      helpValue: "GLOB",
      dependsOn: ["from-scan"],
    }),
    responsible: Flags.string({
      description:
        "with --from-scan: the person who answers for the agents, such as person:j.rivera",
      helpValue: "PERSON",
      dependsOn: ["from-scan"],
    }),
    signing: Flags.boolean({ description: "also what signed releases need" }),
    officer: Flags.string({
      description: "with --signing: who may sign, by the SSH key that they have",
      helpValue: "GROUP:NAME=KEYFILE",
      multiple: true,
      dependsOn: ["signing"],
    }),
    repository: Flags.string({
      description: "with --signing: the URL of this repository, as engines read it",
      helpValue: "URL",
      dependsOn: ["signing"],
    }),
    domain: Flags.string({
      description: "with --signing: your organisation; the bundle's name when absent",
      helpValue: "NAME",
      dependsOn: ["signing"],
    }),
    "builder-key": Flags.string({
      description: "with --signing: where the builder's key is made; beside the folder when absent",
      helpValue: "FILE",
      dependsOn: ["signing"],
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags } = this;
    const dir = this.args.dir;
    if (flags["from-scan"]) return await this.#fromScan(dir);
    const name = bundleName(flags.name ?? basename(resolve(dir)));
    const there = flags.signing && existsSync(join(dir, "phiward.yaml"));
    const approvers = there ? [] : await this.#approvers(dir);
    const policies = there ? {} : engine.initialFiles({ name, now: this.host.now(), approvers });
    const signing = flags.signing
      ? await this.#signing(dir, name, Object.keys(policies))
      : undefined;
    const files = { ...policies, ...signing?.files };
    if (signing === undefined) await this.#refuseToOverwrite(dir, Object.keys(files));
    await this.#write(dir, files);
    const at = dir === "." ? "" : ` ${dir}`;
    const next = [
      `phiward lint${at}`,
      `phiward test${at}`,
      ...(signing?.next ?? [`phiward explain${at} --call call.json`]),
    ];
    const unnamed = !there && approvers.length === 0;
    return {
      exit: EXIT.YES,
      json: {
        schema: "phiward.init/1",
        dir,
        files: Object.keys(files),
        approvers,
        ...(signing === undefined ? {} : { builderKey: signing.builderKey }),
        next,
      },
      text: (paint) =>
        [
          ...Object.keys(files).map((path) => `${paint("green", "+")} ${join(dir, path)}`),
          ...(signing === undefined ? [] : [`${paint("green", "+")} ${signing.builderKey}`]),
          "",
          ...(unnamed
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
          ...(signing === undefined ? [] : ["", ...signing.advice]),
        ].join("\n"),
    };
  }

  async #write(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      const target = join(dir, path);
      await mkdir(dirname(target), { recursive: true });
      // "wx": a file that appeared meanwhile is not overwritten either.
      await writeFile(target, text, { flag: "wx" }).catch((error) => {
        throw this.engine.unreadable(target, error);
      });
    }
  }

  async #fromScan(dir: string): Promise<Answer> {
    const { engine, flags } = this;
    const { responsible, recorded } = flags;
    if (responsible === undefined || !/^person:\S+$/.test(responsible)) {
      throw new engine.PhiwardError("USAGE", "who answers for the agents?", {
        help: "name a person with --responsible, such as --responsible person:j.rivera",
      });
    }
    const there = existsSync(join(dir, "phiward.yaml"));
    const approvers = there ? [] : await this.#approvers(dir);
    const beside = there ? {} : this.#project(dir, approvers);
    const starter = await engine.starterFiles(this.host.folder(dir), {
      now: this.host.now(),
      responsible,
      beside,
      ...(recorded === undefined ? {} : { recorded }),
      onProgress: progressBar("mutants", flags.quiet),
    });
    const files = { ...beside, ...starter.files };
    await this.#refuseToOverwrite(dir, Object.keys(files));
    await this.#write(dir, files);
    const at = dir === "." ? "" : ` ${dir}`;
    const next = [`phiward lint${at}`, `phiward test${at} --mutation`, `phiward access${at}`];
    const answer = { dir, files: Object.keys(files), approvers, next };
    return {
      exit: EXIT.YES,
      json: engine.starterJson(starter, answer),
      text: (paint) => engine.starterText(starter, answer, paint),
    };
  }

  #project(dir: string, approvers: readonly string[]): Record<string, string> {
    const name = bundleName(this.flags.name ?? basename(resolve(dir)));
    const { "phiward.yaml": project } = this.engine.initialFiles({
      name,
      now: this.host.now(),
      approvers,
    });
    return { "phiward.yaml": project! };
  }

  /** Who may sign, what engines trust, the builder's key, the workflows; and what to do next. */
  async #signing(dir: string, name: string, policies: readonly string[]): Promise<Signing> {
    const { engine, flags, config } = this;
    const named = flags.officer ?? [];
    if (named.length === 0) {
      throw new engine.PhiwardError("USAGE", "who may sign releases?", {
        help: "name one person with an SSH key: --officer privacy:NAME=KEYFILE, such as privacy:m.chen=$HOME/.ssh/id_ed25519.pub",
      });
    }
    const repository = flags.repository ?? (await engine.originUrl(dir));
    if (repository === undefined) {
      throw new engine.PhiwardError("USAGE", "where will engines read the releases?", {
        help: "name the URL of the repository with --repository URL; without it, the remote `origin` is taken",
      });
    }
    const officers = named.map((text) => personOf(engine, text));
    const workflows = engine.releaseWorkflows(config.version);
    const trusted = ["release/root/1.json", "release/trust.json"];
    await this.#refuseToOverwrite(dir, [...policies, ...trusted, ...Object.keys(workflows)]);
    const builderKey = flags["builder-key"] ?? join(dir, "..", `${name}-builder.key`);
    const key = engine.bundle.newMachineKey(builderKey);
    const { files } = await beginTrust(engine, {
      domain: flags.domain ?? name,
      stream: name,
      repository,
      people: [{ name: "ci", group: "builder", key }, ...officers],
      now: this.host.now(),
      lifeMs: lifeOf(engine, "365d"),
    });
    const inRelease = Object.entries(files).map(([path, text]) => [`release/${path}`, text]);
    const release = join(dir, "release");
    const officerKey = /=(.+?)(?:\.pub)?$/.exec(named[0]!)![1]!;
    return {
      files: { ...Object.fromEntries(inRelease), ...workflows },
      builderKey,
      next: [
        ...officers.map(
          (_, i) => `phiward root sign --release ${release} --key ${i === 0 ? officerKey : "KEY"}`,
        ),
        `git add . && git commit -m "Sign releases"`,
        `phiward bundle build ${dir} --commit HEAD --release ${release}`,
        `phiward bundle sign --dir ${dir} --release ${release} --key ${builderKey}`,
        `phiward bundle sign --dir ${dir} --release ${release} --key ${officerKey}`,
        `phiward bundle publish --release ${release} --key ${builderKey} --to ${repository}`,
      ],
      advice: [
        `On GitHub: put the text of ${builderKey} into the secret PHIWARD_BUILDER_KEY of an environment`,
        "phiward-release that only the branch main may use, and delete the file.",
        `Give ${join(release, "trust.json")} to the hosts of your engines, as you give them other configuration.`,
        "Grow: with one officer that person decides alone. Add a second one with `phiward root propose`, and",
        "then keys that may change who signs, which stay offline; docs/releases.md shows how.",
      ],
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

interface Signing {
  readonly files: Readonly<Record<string, string>>;
  readonly builderKey: string;
  readonly next: readonly string[];
  readonly advice: readonly string[];
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
