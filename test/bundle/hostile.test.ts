/** The bundle is a function of the commit: the same bytes, whatever stands around Git's objects. */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, lchownSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { buildBundle } from "../../engine/bundle/bundle.ts";
import { readGit } from "../../engine/bundle/store/git.ts";
import { initialFiles } from "../../engine/catalog/init.ts";
import { gitTree } from "../../engine/host/git.ts";
import { commit, emptyFolder, git, repository, write } from "../host/repository.ts";
import { commitRelease, layRelease } from "./attacks/attack.ts";
import { NOW, release } from "./world.ts";

const SOURCES = initialFiles({ name: "ehr", now: NOW, approvers: [] });
const LOOKUP = "policies/lookup.yaml";

/** Everything that Git can do to a file on its way to a work tree. */
const ATTRIBUTES = `*.yaml text eol=crlf ident filter=evil export-subst
servers/*.yaml working-tree-encoding=UTF-16
grants/*.yaml export-ignore
`;

const original = repository(SOURCES);
write(original, { ".gitattributes": ATTRIBUTES });
git(original, "add", ".gitattributes");
git(original, "commit", "--quiet", "-m", "What Git does to files");
const name = git(original, "rev-parse", "HEAD");
const digestIn = async (folder: string): Promise<string> =>
  (await buildBundle(await gitTree(folder, name))).digest;
const expected = await digestIn(original);

function clone(...args: string[]): string {
  const folder = emptyFolder();
  git(folder, "clone", "--quiet", ...args, `file://${original}`, "copy");
  return join(folder, "copy");
}

function configured(...settings: readonly (readonly [string, string])[]): string {
  const folder = clone();
  for (const [key, value] of settings) git(folder, "config", key, value);
  return folder;
}

/** A program that leaves a mark when somebody runs it. */
function trap(): { readonly program: string; readonly mark: string } {
  const folder = emptyFolder();
  const [program, mark] = [join(folder, "trap.sh"), join(folder, "mark")];
  writeFileSync(program, `#!/bin/sh\ntouch ${mark}\ncat\n`);
  chmodSync(program, 0o755);
  return { program, mark };
}

function dirty(folder: string): string {
  write(folder, { [LOOKUP]: "changed", "policies/new.yaml": "new" });
  git(folder, "add", "--all");
  write(folder, { [LOOKUP]: "changed again" });
  return folder;
}

/** Another commit, in which a limit is another. */
function otherCommit(folder: string): string {
  write(folder, { [LOOKUP]: SOURCES[LOOKUP]!.replace("20", "99"), ".gitattributes": "" });
  return commit(folder);
}

const CHECKOUTS: readonly (readonly [name: string, folder: () => string])[] = [
  [
    "a clone that turns line ends",
    () => clone("-c", "core.autocrlf=true", "-c", "core.eol=crlf", "-c", "core.safecrlf=false"),
  ],
  [
    "a clone with filters of its own",
    () => clone("-c", "filter.evil.smudge=sed s/20/99/", "-c", "filter.evil.clean=sed s/20/99/"),
  ],
  ["a shallow clone", () => clone("--depth=1")],
  ["a bare clone", () => clone("--bare")],
  ["a mirror", () => clone("--mirror")],
  ["a partial clone, which fetches what it lacks", () => partialClone("--filter=blob:none")],
  ["a clone without a checkout", () => clone("--no-checkout")],
  [
    "a sparse checkout",
    () => {
      const folder = clone("--no-checkout");
      git(folder, "sparse-checkout", "set", "--no-cone", "tests");
      git(folder, "checkout", "--quiet");
      return folder;
    },
  ],
  ["a clone that borrows its objects", () => clone("--reference", original)],
  [
    "a second work tree",
    () => {
      const folder = join(emptyFolder(), "second");
      git(clone(), "worktree", "add", "--quiet", "--detach", folder);
      return folder;
    },
  ],
  [
    "a clone whose objects stand elsewhere",
    () => clone(`--separate-git-dir=${join(emptyFolder(), "elsewhere")}`),
  ],
  ["a work tree and an index with changes", () => dirty(clone())],
  [
    "an empty work tree",
    () => {
      const folder = clone();
      git(folder, "rm", "--quiet", "-r", "--force", ".");
      return folder;
    },
  ],
  [
    "a commit that is replaced by another",
    () => {
      const folder = clone();
      git(folder, "replace", name, otherCommit(folder));
      return folder;
    },
  ],
  [
    "a file that is replaced by another",
    () => {
      const folder = clone();
      const other = otherCommit(folder);
      git(folder, "replace", `${name}:${LOOKUP}`, `${other}:${LOOKUP}`);
      return folder;
    },
  ],
  [
    "a tree that is replaced by another",
    () => {
      const folder = clone();
      const other = otherCommit(folder);
      git(folder, "replace", `${name}^{tree}`, `${other}^{tree}`);
      return folder;
    },
  ],
  [
    "a graft, which gives a commit other parents",
    () => {
      const folder = clone();
      writeFileSync(join(folder, ".git/info/grafts"), `${name} ${otherCommit(folder)}\n`);
      return folder;
    },
  ],
  [
    "a branch that is called as the commit",
    () => {
      const folder = clone();
      git(folder, "update-ref", `refs/heads/${name}`, otherCommit(folder));
      return folder;
    },
  ],
  [
    "packed objects",
    () => {
      const folder = clone();
      git(folder, "gc", "--quiet", "--aggressive");
      return folder;
    },
  ],
  [
    "a repository that ignores its files",
    () => {
      const folder = configured(["core.excludesFile", "all"], ["core.ignoreCase", "true"]);
      write(folder, { ".git/info/exclude": "*\n", ".git/info/attributes": "* text eol=crlf\n" });
      return folder;
    },
  ],
  [
    "a repository that writes names in its own way",
    () =>
      configured(
        ["core.quotePath", "true"],
        ["core.precomposeUnicode", "true"],
        ["core.abbrev", "5"],
        ["color.ui", "always"],
        ["i18n.logOutputEncoding", "UTF-16"],
        ["log.showSignature", "true"],
      ),
  ],
];

function partialClone(filter: string): string {
  git(original, "config", "uploadpack.allowFilter", "true");
  git(original, "config", "uploadpack.allowAnySHA1InWant", "true");
  return clone(filter, "--no-checkout");
}

describe("the same commit gives the same bytes", () => {
  test.each(CHECKOUTS)("%s", async (_, folder) => {
    expect(await digestIn(folder())).toBe(expected);
  });
});

/** The digest that another process sees; undefined when it gives none. */
function digestWith(env: Readonly<Record<string, string>>, folder = original, umask?: string) {
  const script = resolve(import.meta.dirname, "hostile-build.ts");
  const build = [process.execPath, script, folder, name];
  const shell = ["-c", `umask ${umask ?? "022"}; exec "$@"`, "sh", ...build];
  const { status, stdout } = spawnSync("/bin/sh", shell, {
    encoding: "utf8",
    env: { PATH: process.env.PATH!, HOME: emptyFolder(), ...env },
  });
  return status === 0 ? stdout : undefined;
}

const gitConfig = (key: string, value: string) => ({
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: key,
  GIT_CONFIG_VALUE_0: value,
});

describe("the same commit gives the same bytes in a process", () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    [
      "of another language and time",
      { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", TZ: "Asia/Kathmandu" },
    ],
    ["without a language", { LC_ALL: "C" }],
    ["that is told to turn line ends", gitConfig("core.autocrlf", "true")],
    ["that is told where replacements stand", { GIT_REPLACE_REF_BASE: "refs/heads/" }],
    ["that takes names by a pattern", { GIT_ICASE_PATHSPECS: "1", GIT_GLOB_PATHSPECS: "1" }],
    ["that is asked to say what it does", { GIT_TRACE: "1", GIT_TRACE2_EVENT: "1" }],
  ])("%s", (_, env) => {
    expect(digestWith(env)).toBe(expected);
  });

  test.each(["000", "077", "777"])("that makes files with the mask %s", (umask) => {
    expect(digestWith({}, original, umask)).toBe(expected);
  });

  // Git says no to some of these; what it must never give is other bytes.
  test.each<[string, () => Readonly<Record<string, string>>]>([
    ["whose repository is another", () => ({ GIT_DIR: join(clone(), ".git") })],
    ["whose repository is an empty one", () => ({ GIT_DIR: join(repository(), ".git") })],
    [
      "whose objects are others",
      () => ({ GIT_OBJECT_DIRECTORY: join(repository(), ".git/objects") }),
    ],
    ["whose work tree is another", () => ({ GIT_WORK_TREE: emptyFolder() })],
    ["whose namespace is another", () => ({ GIT_NAMESPACE: "evil" })],
    ["whose index is another", () => ({ GIT_INDEX_FILE: join(emptyFolder(), "none") })],
  ])("%s, or no bytes", (_, env) => {
    expect([expected, undefined]).toContain(digestWith(env()));
  });

  test.runIf(process.getuid?.() === 0)("in a folder of somebody else, or no bytes", () => {
    const folder = clone();
    for (const path of ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })]) {
      lchownSync(join(folder, path), 12_345, 12_345);
    }
    expect([expected, undefined]).toContain(digestWith({}, folder));
  });
});

describe("nothing in a repository is run", () => {
  test.each<[string, (program: string) => readonly (readonly [string, string])[]]>([
    ["hooks in a folder of its own", () => []],
    [
      "a watcher of files",
      (p) => [
        ["core.fsmonitor", p],
        ["core.fsmonitorHookVersion", "2"],
      ],
    ],
    [
      "filters",
      (p) => [
        ["filter.evil.smudge", p],
        ["filter.evil.clean", p],
        ["filter.evil.process", p],
      ],
    ],
    [
      "text converters",
      (p) => [
        ["diff.external", p],
        ["diff.evil.textconv", p],
      ],
    ],
    [
      "a pager, an editor, and a way to ask",
      (p) => [
        ["core.pager", p],
        ["core.editor", p],
        ["core.askPass", p],
      ],
    ],
    [
      "other names for commands",
      (p) => [
        ["alias.ls-tree", `!${p}`],
        ["alias.cat-file", `!${p}`],
        ["alias.rev-parse", `!${p}`],
      ],
    ],
    [
      "a credential helper",
      (p) => [
        ["credential.helper", p],
        ["core.sshCommand", p],
      ],
    ],
    [
      "a program for signatures",
      (p) => [
        ["gpg.program", p],
        ["log.showSignature", "true"],
      ],
    ],
  ])("when a bundle is built: %s", async (_, settings) => {
    const { program, mark } = trap();
    const folder = configured(["core.hooksPath", hooks(program)], ...settings(program));
    expect(await digestIn(folder)).toBe(expected);
    expect(existsSync(mark)).toBe(false);
  });

  test("and a checkout would have run it", () => {
    const { program, mark } = trap();
    const folder = configured(["core.hooksPath", hooks(program)]);
    git(folder, "checkout", "--quiet", "--detach");
    expect(existsSync(mark)).toBe(true);
  });

  test("when a release is fetched", async () => {
    const { program, mark } = trap();
    const folder = emptyFolder();
    const files = await release();
    layRelease(folder, { files });
    commitRelease(folder);
    const bare = join(folder, "release.git");
    cpSync(hooks(program), join(bare, "hooks"), { recursive: true });
    for (const key of ["core.fsmonitor", "uploadpack.packObjectsHook", "core.pager"]) {
      git(bare, "config", key, program);
    }
    git(bare, "config", "core.hooksPath", hooks(program));
    expect((await readGit(bare)).release).toEqual(files.release);
    expect(existsSync(mark)).toBe(false);
  });
});

/** Every hook that Git knows. */
function hooks(program: string): string {
  const folder = emptyFolder();
  const names = ["post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"];
  for (const hook of [...names, "fsmonitor-watchman", "post-merge", "pre-push", "pre-commit"]) {
    cpSync(program, join(folder, hook));
  }
  return folder;
}
