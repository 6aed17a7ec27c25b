/** Where a work tree was cloned from. */
import { simpleGit } from "simple-git";

/** The URL of the remote `origin`; undefined without one, or outside of a Git repository. */
export async function originUrl(folder: string): Promise<string | undefined> {
  try {
    const url = await simpleGit({ baseDir: folder }).raw(["remote", "get-url", "origin"]);
    return url.trim() === "" ? undefined : url.trim();
  } catch {
    return undefined;
  }
}
