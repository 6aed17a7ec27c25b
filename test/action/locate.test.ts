/** GitHub's test merge lags behind: only the merge of this head with this tip of base is judged. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readInputs } from "../../action/inputs.ts";
import { locate, type Places } from "../../action/locate.ts";
import { openObjects } from "../../action/objects.ts";
import { connect } from "../../action/octokit.ts";
import { type FakeGitHub, REPOSITORY } from "../support/github.ts";
import { change, hospital, NARROWER } from "./change.ts";
import { TOKEN } from "./job.ts";

let github: FakeGitHub;
const folder = mkdtempSync(join(tmpdir(), "phiward-objects-"));
beforeAll(async () => {
  github = await hospital();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await github.close();
});

/** Time passes at once, and what happens meanwhile is up to the test. */
async function places(meanwhile: (waited: number) => void): Promise<Places> {
  let waited = 0;
  const clock = {
    now: () => 0,
    sleep: async (ms: number) => {
      waited += ms;
      meanwhile(waited);
    },
  };
  const url = `${github.server}/${REPOSITORY}`;
  return {
    github: connect({ url: github.api, token: TOKEN, repository: REPOSITORY }, clock),
    objects: await openObjects(folder, { url, token: TOKEN }),
    clock,
  };
}

const settings = readInputs({ token: TOKEN }, true);

test("a merge that is behind is waited for, and not judged", async () => {
  const pull = change(github, NARROWER, "behind");
  const head = github.headOf(pull);
  const before = await places(() => {});
  const occasion = { kind: "pull", number: pull.number, head } as const;
  const [first] = await locate(occasion, settings, before);
  // Base moves, and GitHub has not made the new merge yet.
  github.moveOn = false;
  const tip = github.push("main", "ines", { "README.md": "Moved" });
  const now = await places((waited) => {
    if (waited > 2_000) github.moveOn = true;
  });
  const [later] = await locate(occasion, settings, now);
  expect(later.base.commit).toBe(tip);
  expect(await now.objects.parents(later.head.commit)).toEqual([tip, head]);
  expect(later.head.commit).not.toBe(first.head.commit);
});

test("a merge that stays behind fails, in bounded time", async () => {
  const pull = change(github, NARROWER, "stays");
  const head = github.headOf(pull);
  let total = 0;
  const now = await places((waited) => {
    total = waited;
  });
  await locate({ kind: "pull", number: pull.number, head }, settings, now);
  github.moveOn = false;
  github.push("main", "ines", { "README.md": "Moved again" });
  await expect(
    locate({ kind: "pull", number: pull.number, head }, settings, now),
  ).rejects.toMatchObject({
    code: "NOT_MERGEABLE",
    message: expect.stringContaining("tip of `main`"),
  });
  github.moveOn = true;
  expect(total).toBeGreaterThan(10_000);
  expect(total).toBeLessThan(60_000);
});

test("a pull request whose merge GitHub is still working on is asked for again", async () => {
  const pull = change(github, NARROWER, "working");
  github.working = true;
  const now = await places(() => {
    github.working = false;
  });
  const occasion = { kind: "pull", number: pull.number, head: github.headOf(pull) } as const;
  await expect(locate(occasion, settings, now)).resolves.toHaveLength(1);
});
