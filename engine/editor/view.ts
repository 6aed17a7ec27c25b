/** A policy repository as an editor shows it: saved files, and texts that are not saved yet. */
import { PhiwardError } from "../errors.ts";
import { type Finding, sortFindings } from "../finding.ts";
import { type Tree, withTexts } from "../host/tree.ts";
import { lint } from "../lint/lint.ts";
import { emptyRepository, type LoadedRepository, load } from "../policy/load.ts";

export async function view(
  tree: Tree,
  unsaved: ReadonlyMap<string, string>,
): Promise<LoadedRepository> {
  return await load(withTexts(tree, unsaved)).catch((error: unknown) => {
    // A folder in which the first file is just being written.
    if (error instanceof PhiwardError && error.code === "NOT_A_REPOSITORY") {
      return emptyRepository(tree.label);
    }
    throw error;
  });
}

/**
 * Path → what is wrong with it; a file without findings is not in it. `now`, in epoch milliseconds, is
 * the time at which dates are judged.
 */
export function findingsByFile(
  loaded: LoadedRepository,
  now: number,
): ReadonlyMap<string, readonly Finding[]> {
  return Map.groupBy(sortFindings(lint(loaded, now).findings), ({ place }) => place.file);
}
