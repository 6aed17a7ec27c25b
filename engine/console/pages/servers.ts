/** Servers, and the agreements under which they are run. */
import { withIndex } from "../books.ts";
import { servers } from "../models/servers.ts";
import type { Page } from "../page.ts";
import { serversBody } from "../views/servers.ts";

export const showServers: Page = async ({ books, at }) => {
  const { repository, loaded } = await books.policy.current();
  return {
    title: "Servers",
    body: serversBody(withIndex(books, (index) => servers(loaded, repository, index, at))),
    seen: "nothing",
  };
};
