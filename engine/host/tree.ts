/** The files of one revision of a policy repository, wherever they stand. */
import type { Guards } from "./guards.ts";

export interface TreeFile {
  /** Relative to the repository's folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** A link is listed but never followed: what it names may differ between a work tree and Git. */
  readonly link: boolean;
  /** Where it can change under its name: when it last did, in epoch milliseconds. */
  readonly modified?: number;
}

export interface Tree {
  /** What a person calls it: a folder, or a revision. */
  readonly label: string;
  /**
   * The files below the folders of a policy repository, sorted by path. An implementation lists every
   * file there, hidden ones too, and nothing else.
   */
  list(): Promise<readonly TreeFile[]>;
  /** The bytes of a listed file. Rejects when it cannot be read. */
  read(path: string): Promise<Uint8Array>;
  /** The same bytes in pieces, for a file that is too large to hold; `read` stands in where it is absent. */
  stream?(path: string): AsyncIterable<Uint8Array>;
  /** Files that decide about policies without being any; see guards.ts. */
  guards?(): Promise<Guards>;
  /** The full name of the commit that the files are of; absent where they may be changed under it. */
  readonly commit?: string;
}

/** The folders and files at the root that belong to a policy repository. */
export const FOLDERS = ["servers", "policies", "grants", "fixtures", "tests"] as const;
export const PROJECT_FILES = ["phiward.yaml", "phiward.json"] as const;

/** Also a file or link that stands where one of the folders should: left out, it would go unnoticed. */
export function belongs(path: string): boolean {
  return (
    (PROJECT_FILES as readonly string[]).includes(path) ||
    FOLDERS.some((folder) => path === folder || path.startsWith(`${folder}/`))
  );
}

/** A commit on the line that a branch went, as `git log --first-parent` shows it. */
export interface Step {
  /** In full. */
  readonly commit: string;
  /** The first line of its message. */
  readonly subject: string;
}

/** How the policy folder came to be what it is at a commit. */
export interface History {
  /** The commits that touched it, newest first; of a merge the merge alone. */
  readonly steps: readonly Step[];
  /** What stood there before them: nothing, the commit that was asked back to, or nobody knows. */
  readonly before: "nothing" | "since" | "cut";
}

/** The same revision with some of its texts changed: what an editor holds, or what a fix would write. */
export function withTexts(tree: Tree, texts: ReadonlyMap<string, string>): Tree {
  if (texts.size === 0) return tree;
  const bytes = new Map(
    [...texts].map(([path, text]) => [path, new TextEncoder().encode(text)] as const),
  );
  return {
    label: tree.label,
    async list() {
      const there = await tree.list();
      const listed = new Set(there.map(({ path }) => path));
      const added = [...bytes.keys()]
        .filter((path) => belongs(path) && !listed.has(path))
        .map((path): TreeFile => ({ path, bytes: 0, link: false }));
      return [...there, ...added]
        .map((file) => ({ ...file, bytes: bytes.get(file.path)?.length ?? file.bytes }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    read: async (path) => bytes.get(path) ?? (await tree.read(path)),
  };
}
