/**
 * A tree of a Git revision, read from Git's objects without a checkout: the work tree may hold
 * anything, and judging a revision must not run what a checkout would run (hooks, filters).
 */
import { spawn } from "node:child_process";
import { type SimpleGit, simpleGit } from "simple-git";
import { PhiwardError } from "../errors.ts";
import { compareText } from "../finding.ts";
import {
  type Guards,
  guardFile,
  isInstalled,
  isPublicKey,
  ROOT_PLACES,
  TRUST_PLACES,
} from "./guards.ts";
import { FOLDERS, PROJECT_FILES, type Tree, type TreeFile } from "./tree.ts";

/** Objects are as they were signed: a replacement ref would show another content under their name. */
export const GLOBAL_ARGS = [
  "--no-replace-objects",
  // A folder may be called `:x` or `*`.
  "--literal-pathspecs",
  "-c",
  "core.quotePath=false",
];

/** `folder` is the policy repository's folder in the work tree; `revision` any name Git knows. */
export async function gitTree(folder: string, revision: string): Promise<Tree> {
  const unknown = (cause: unknown): PhiwardError =>
    new PhiwardError(
      "UNKNOWN_REVISION",
      `Git does not know the revision \`${revision.slice(0, 100)}\``,
      { cause },
    );
  const outside = (cause: unknown): never => {
    throw new PhiwardError("UNKNOWN_REVISION", `\`${folder}\` is not in a Git repository`, {
      cause,
    });
  };
  let git: SimpleGit;
  try {
    git = simpleGit({ baseDir: folder });
  } catch (cause) {
    // It throws at once for a folder that does not exist.
    return outside(cause);
  }
  // Git says where the folder is: its own path may go through a link to the work tree.
  const prefix = (await git.raw(["rev-parse", "--show-prefix"]).catch(outside)).replace(/\n$/, "");
  // After --end-of-options a revision such as `--output=x` is a name and no option.
  const commit = await git
    .raw([...GLOBAL_ARGS, "rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`])
    .catch((cause) => {
      throw unknown(cause);
    });
  const name = commit.trim();
  const inFolder = (path: string): string => prefix + path;
  const objects = new Map(
    (await listed(git, name, [...FOLDERS, ...PROJECT_FILES].map(inFolder))).map(
      ({ path, ...object }) => [path.slice(prefix.length), object],
    ),
  );
  const files: TreeFile[] = [...objects]
    .map(([path, { bytes, link }]) => ({ path, bytes, link }))
    .sort((a, b) => compareText(a.path, b.path));
  let contents: Promise<Map<string, Uint8Array>> | undefined;
  let guards: Promise<Guards> | undefined;
  return {
    label: revision,
    commit: name,
    list: async () => files,
    async read(path) {
      const entry = objects.get(path);
      if (entry === undefined)
        throw new PhiwardError("UNREADABLE", `\`${path}\` does not exist at \`${revision}\``);
      contents ??= catFiles(
        folder,
        [...objects.values()]
          .filter((o) => !o.link && o.bytes <= MAX_PREFETCH)
          .map((o) => o.object),
      );
      const found =
        (await contents).get(entry.object) ??
        (await catFiles(folder, [entry.object])).get(entry.object);
      if (found === undefined)
        throw new PhiwardError("GIT", `Git does not hold the content of \`${path}\``);
      return found;
    },
    async *stream(path) {
      const entry = objects.get(path);
      if (entry === undefined)
        throw new PhiwardError("UNREADABLE", `\`${path}\` does not exist at \`${revision}\``);
      yield* streamed(folder, entry.object);
    },
    guards: () => {
      guards ??= guardsOf(folder, git, name, prefix);
      return guards;
    },
  };
}

async function guardsOf(
  folder: string,
  git: SimpleGit,
  commit: string,
  prefix: string,
): Promise<Guards> {
  const inFolder = (path: string): string => prefix + path;
  const beside = await listed(git, commit, prefix === "" ? [] : [prefix], { deep: false });
  const keys = beside.map(({ path }) => path).filter(isPublicKey);
  const trust = await listed(git, commit, [...TRUST_PLACES.map(inFolder), ...keys]);
  const atRoot = await listed(git, commit, ROOT_PLACES);
  const entries = [
    ...trust.map((entry) => ({ ...entry, path: entry.path.slice(prefix.length) })),
    ...atRoot.map((entry) => ({ ...entry, path: `/${entry.path}` })),
  ].filter(({ path }) => !isInstalled(path));
  const contents = await catFiles(
    folder,
    entries.map(({ object }) => object),
  );
  const files = entries
    .map(({ path, object }) =>
      // A submodule has no content here; its commit stands for it.
      guardFile(path, contents.get(object) ?? Buffer.from(object)),
    )
    .sort((a, b) => compareText(a.path, b.path));
  return { at: prefix.replace(/\/$/, ""), files };
}

interface Listed {
  /** From the root of the Git repository. */
  readonly path: string;
  readonly object: string;
  readonly bytes: number;
  readonly link: boolean;
}

/** What a commit holds at these places: every file below them, or what stands directly there. */
async function listed(
  git: SimpleGit,
  commit: string,
  places: readonly string[],
  { deep }: { readonly deep: boolean } = { deep: true },
): Promise<Listed[]> {
  const listing = await git.raw([
    ...GLOBAL_ARGS,
    "ls-tree",
    ...(deep ? ["-r"] : []),
    "-z",
    "-l",
    "--full-tree",
    commit,
    "--",
    ...places,
  ]);
  return listing.split("\0").flatMap((line) => {
    const match = /^([0-9]+) (\w+) ([0-9a-f]+) +([0-9-]+)\t(.*)$/s.exec(line);
    if (match === null) return [];
    const [, mode, , object, size, path] = match;
    const link = mode !== "100644" && mode !== "100755";
    return [{ path: path!, object: object!, bytes: Number(size) || 0, link }];
  });
}

/** Objects up to this size are read in one go; a larger one (a fixture file) when it is asked for. */
const MAX_PREFETCH = 8 * 1024 * 1024;

/** The contents of blobs, by object name, through one `git cat-file --batch`. */
async function catFiles(
  folder: string,
  objects: readonly string[],
): Promise<Map<string, Uint8Array>> {
  const wanted = [...new Set(objects)];
  const child = spawn("git", [...GLOBAL_ARGS, "cat-file", "--batch"], {
    cwd: folder,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((fulfil, reject) => {
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (cause) =>
      reject(new PhiwardError("GIT", "Git cannot be run", { help: "install git", cause })),
    );
    child.on("close", (code) => {
      if (code === 0) fulfil(Buffer.concat(chunks));
      else reject(new PhiwardError("GIT", `git cat-file ended with ${code}`));
    });
  });
  child.stdin.on("error", () => {
    // Reported by "close": the child went away before it had read everything.
  });
  child.stdin.end(wanted.map((object) => `${object}\n`).join(""));
  return parseBatch(await done);
}

/** The content of one blob, as it comes. */
async function* streamed(folder: string, object: string): AsyncGenerator<Uint8Array> {
  const child = spawn("git", [...GLOBAL_ARGS, "cat-file", "blob", object], {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<void>((fulfil, reject) => {
    child.on("error", (cause) =>
      reject(new PhiwardError("GIT", "Git cannot be run", { help: "install git", cause })),
    );
    child.on("close", (code) => {
      if (code === 0) fulfil();
      else reject(new PhiwardError("GIT", `git cat-file ended with ${code}`));
    });
  });
  // Awaited below; one that comes sooner must not end the process.
  ended.catch(() => {});
  try {
    yield* child.stdout;
    // A truncated file would be a shorter one: it ends well only if Git says so.
    await ended;
  } finally {
    child.kill();
  }
}

/** `<object> blob <size>\n<bytes>\n`, again and again; `<object> missing\n` for one that is not there. */
function parseBatch(output: Buffer): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf(0x0a, at);
    if (end === -1) break;
    const [object, type, size] = output.toString("latin1", at, end).split(" ");
    at = end + 1;
    if (type === "missing" || size === undefined) continue;
    contents.set(object!, output.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return contents;
}
