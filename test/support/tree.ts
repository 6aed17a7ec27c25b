/** A revision of a policy repository that stands in memory. */
import { belongs, type Tree, type TreeFile } from "../../engine/host/tree.ts";

/** Like the trees of a folder and of a revision, it lists only what belongs to a policy repository. */
export function memoryTree(
  files: Readonly<Record<string, string | Uint8Array>>,
  label = "memory",
): Tree {
  const bytes = new Map(
    Object.entries(files)
      .filter(([path]) => belongs(path))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, content]) => [
        path,
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      ]),
  );
  return {
    label,
    async list(): Promise<readonly TreeFile[]> {
      return [...bytes].map(([path, { length }]) => ({ path, bytes: length, link: false }));
    },
    async read(path: string): Promise<Uint8Array> {
      const content = bytes.get(path);
      if (content === undefined) throw new Error(`${path} is not in the tree`);
      return content;
    },
  };
}
