/** A policy repository on the fake GitHub, as `phiward init` makes it, and changes of it. */
import { initialFiles } from "../../engine/index.ts";
import { type FakeGitHub, type FakePull, fakeGitHub } from "../support/github.ts";
import type { Edit } from "../support/hosted.ts";
import { TOKEN } from "./job.ts";

const APPROVERS = ["team:privacy-officers", "team:security-officers"];

export const FILES: Readonly<Record<string, string>> = initialFiles({
  name: "policies",
  now: Date.now(),
  approvers: APPROVERS,
});

const POLICY = "policies/lookup.yaml";

/** The policy with another form of patient identifiers. */
const withIds = (form: string): Edit => ({
  [POLICY]: (FILES[POLICY] ?? "").replace("'[A-Za-z0-9-]{1,64}'", `'${form}'`),
});
export const BROADER = withIds("[A-Za-z0-9_-]{1,64}");
export const MORE_BROADER = withIds("[A-Za-z0-9_.-]{1,64}");
export const NARROWER = withIds("[A-Za-z0-9-]{1,32}");

/** In `privacy-officers`: ana, ben. In `security-officers`: carl. Nobody of them: eve, who writes changes.
 * The branch `empty` holds no policies. */
export async function hospital(): Promise<FakeGitHub> {
  const github = await fakeGitHub();
  github.teams.set("privacy-officers", ["ana", "ben"]);
  github.teams.set("security-officers", ["carl"]);
  github.tokens.set(TOKEN, { login: "phiward-gate[bot]", pulls: "write", members: true });
  github.rules = [
    {
      type: "workflows",
      parameters: { workflows: [{ path: ".github/workflows/gate.yml", repository_id: 7 }] },
    },
  ];
  const first = github.push("main", "ines", { "README.md": "Policies" });
  github.repository().move("refs/heads/empty", first);
  github.push("main", "ines", FILES);
  return github;
}

/** A pull request of eve's. */
export function change(github: FakeGitHub, edit: Edit, branch = "change"): FakePull {
  github.push(branch, "eve", edit);
  return github.open("eve", branch);
}
