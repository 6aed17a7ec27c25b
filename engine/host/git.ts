/**
 * A tree of a Git revision, read from Git's objects without a checkout: the work tree may hold
 * anything, and judging a revision must not run what a checkout would run (hooks, filters).
 */
import { spawn } from "node:child_process";
import { type SimpleGit, simpleGit } from "simple-git";
import { PhiwardError } from "../errors.ts";
import { compareText } from "../finding.ts";
import { FOLDERS, PROJECT_FILES, type Tree, type TreeFile } from "./tree.ts";

/** Objects are as they were signed: a replacement ref would show another content under their name. */
const GLOBAL_ARGS = [
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
  const listing = await git.raw([
    ...GLOBAL_ARGS,
    "ls-tree",
    "-r",
    "-z",
    "-l",
    "--full-tree",
    commit.trim(),
    "--",
    ...[...FOLDERS, ...PROJECT_FILES].map((name) => prefix + name),
  ]);
  const objects = new Map<string, { object: string; bytes: number; link: boolean }>();
  for (const line of listing.split("\0")) {
    const match = /^([0-9]+) (\w+) ([0-9a-f]+) +([0-9-]+)\t(.*)$/s.exec(line);
    if (match === null) continue;
    const [, mode, , object, size, path] = match;
    objects.set(path!.slice(prefix.length), {
      object: object!,
      bytes: Number(size) || 0,
      link: mode !== "100644" && mode !== "100755",
    });
  }
  const files: TreeFile[] = [...objects]
    .map(([path, { bytes, link }]) => ({ path, bytes, link }))
    .sort((a, b) => compareText(a.path, b.path));
  let contents: Promise<Map<string, Uint8Array>> | undefined;
  return {
    label: revision,
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
  };
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
