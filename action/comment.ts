/** One comment on a pull request, edited and not repeated. */
import type { Comment, GitHub } from "./github.ts";

/** What was done with it. */
export type Commented = "created" | "edited" | "unchanged" | "none";

export interface Wish {
  /** Stands in the comment's first line, to find it again. */
  readonly marker: string;
  readonly body: string;
  /** Whether a comment is wanted where there is none yet; one that is there is always brought up to date. */
  readonly create: boolean;
}

/** @throws PhiwardError GITHUB when GitHub refuses or does not answer. */
export async function comment(github: GitHub, number: number, wish: Wish): Promise<Commented> {
  const self = accountName(await github.self());
  const mine = (await github.comments(number)).find((each) => isMine(each, self, wish.marker));
  if (mine === undefined) {
    if (!wish.create) return "none";
    await github.createComment(number, wish.body);
    return "created";
  }
  if (mine.body === wish.body) return "unchanged";
  await github.editComment(mine.id, wish.body);
  return "edited";
}

/** The marker is public: somebody else's comment that bears it is left alone, and ours is still made. */
function isMine({ login, body }: Comment, self: string, marker: string): boolean {
  return accountName(login) === self && body.startsWith(marker);
}

/** GraphQL names an app without `[bot]`, REST with it. */
const accountName = (login: string): string => login.toLowerCase().replace(/\[bot\]$/, "");
