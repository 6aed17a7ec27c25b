/** The history of the policy. */
import { withIndex } from "../books.ts";
import { releases } from "../models/releases.ts";
import type { Page } from "../page.ts";
import { releasesBody } from "../views/releases.ts";

export const showReleases: Page = async ({ books, asked }) => {
  const policy = await books.policy.current();
  const after = asked.query.get("after") ?? "";
  const cursor = /^[1-9][0-9]{0,15}$/.test(after) ? Number(after) : undefined;
  return {
    title: "Releases",
    body: releasesBody(withIndex(books, (index) => releases(books, policy, index, cursor))),
    seen: "nothing",
  };
};
