/** Files of a repository as they would be, to be loaded and judged before anybody writes them. */
import { type Tree, withTexts } from "../../host/tree.ts";

/** Path → text; null: the file is gone. */
export type Edits = ReadonlyMap<string, string | null>;

export function editedTree(tree: Tree, edits: Edits): Tree {
  const texts = new Map([...edits].filter((edit): edit is [string, string] => edit[1] !== null));
  const written = withTexts(tree, texts);
  const isGone = (path: string): boolean => edits.get(path) === null;
  return {
    ...written,
    list: async () => (await written.list()).filter(({ path }) => !isGone(path)),
    read: (path) => written.read(path),
  };
}

export async function textOf(tree: Tree, path: string): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await tree.read(path));
}
