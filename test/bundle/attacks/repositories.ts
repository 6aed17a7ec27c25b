/** Git repositories that are not what they seem. Git moves the bytes and vouches for nothing. */

import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { writeEnvelope } from "../../../engine/bundle/dsse.ts";
import { ALL, draftOf, NEXT_COMMIT, NOW, release, saying, signedBy } from "../world.ts";
import {
  commitRelease,
  type Family,
  family,
  type Given,
  git,
  layRelease,
  layRepository,
  write,
  writeCase,
} from "./attack.ts";
import { nothingSigned, OTHER_DIGEST, textOf } from "./forge.ts";

/** What stands in the repository in place of a file, as `git update-index --cacheinfo` takes it. */
interface Planted {
  readonly path: string;
  readonly mode: string;
}

async function layPlanted(folder: string, { path, mode }: Planted): Promise<void> {
  layRelease(folder, { files: await release() });
  commitRelease(folder);
  const blob = git(folder, "rev-parse", `HEAD:${path}`);
  const object = mode === "160000" ? git(folder, "rev-parse", "HEAD") : blob;
  git(folder, "rm", "--quiet", "--cached", path);
  git(folder, "update-index", "--add", "--cacheinfo", `${mode},${object},${path}`);
  git(folder, "commit", "--quiet", "-m", "A file that is none");
  writeCase(folder, { kind: "verify", now: NOW, source: "release.git" });
}

/** Replacement objects show another content under a signed name to those who ask Git kindly. */
async function layReplaced(folder: string, { files }: Given): Promise<void> {
  const changed = textOf(files.bundle).replace("max: 20", "max: 99");
  layRelease(folder, { files: { ...files, bundle: Buffer.from(changed) } });
  commitRelease(folder);
  const evil = git(folder, "rev-parse", "HEAD:bundle.json");
  write(folder, "release/bundle.json", files.bundle!);
  const good = git(folder, "hash-object", "-w", "--no-filters", `${folder}/release/bundle.json`);
  // Whoever looks at this repository with plain Git sees the good bundle.
  git(folder, "replace", evil, good);
  writeCase(folder, { kind: "verify", now: NOW, source: "release.git" });
}

/** Version 2 under the tag of version 1. */
async function layMovedTag(folder: string, tag: string): Promise<void> {
  const first = await release();
  const draft = await draftOf(NEXT_COMMIT, first.release);
  const second = {
    ...first,
    bundle: Buffer.from(draft.bundle.text),
    release: Buffer.from(writeEnvelope(await signedBy(draft.envelope, ALL))),
  };
  layRelease(folder, { files: second });
  commitRelease(folder);
  git(folder, "tag", tag, "HEAD");
  writeCase(folder, { kind: "verify", now: NOW, source: "release.git", version: 1 });
}

// biome-ignore format: one row a line is a table
const CONTENTS = family("", layRepository, [
  ["publishes a draft", "unsigned", async () => ({ files: await release([]) })],
  ["publishes what the builder alone signed", "too-few", async () => ({ files: await release(["ci"]) })],
  ["pushes a changed bundle over the branch", "bundle", async () => {
    const files = await release();
    return { files: { ...files, bundle: Buffer.from(textOf(files.bundle).replace("max: 20", "max: 99")) } };
  }],
  ["pushes a branch without a release", "unsigned", async () => ({ files: await nothingSigned() })],
  ["pushes the release of another repository", "repository", async () => ({ files: await saying((p) => { p.source = { ...(p.source as object), repository: "https://git.example.org/fork.git" } }) })],
  ["pushes an old release over the pinned one", "pin", async () => ({ files: await release(), trust: { pin: { version: 2, digest: OTHER_DIGEST } } })],
  ["pushes a bundle without end", "size", async () => ({ files: { ...(await release()), bundle: Buffer.alloc(16 * 1024 * 1024 + 1, 32) } })],
  ["has Git turn the line ends of a signed file", "canonical", async () => {
    const files = await release();
    return { files: { ...files, release: Buffer.from(`${textOf(files.release)}\r\n`) }, more: { ".gitattributes": "*.json text eol=lf\n" } };
  }],
]);

// biome-ignore format: one row a line is a table
const PLANTED = family("", layPlanted, [
  ["puts a link in the release's place", "unsigned", () => ({ path: "release.json", mode: "120000" })],
  ["puts a program in the bundle's place", "bundle", () => ({ path: "bundle.json", mode: "100755" })],
  ["puts a submodule in the root's place", "root-pin", () => ({ path: "root/1.json", mode: "160000" })],
]);

const REPLACED = family("", layReplaced, [
  [
    "shows the signed bundle to Git, and serves another",
    "bundle",
    async () => ({ files: await release() }),
  ],
]);

/** A folder in which something else than a file stands. */
async function layLinked(folder: string, [path, target]: readonly [string, string]): Promise<void> {
  layRelease(folder, { files: await release() });
  rmSync(join(folder, "release", path));
  symlinkSync(target, join(folder, "release", path));
}

// biome-ignore format: one row a line is a table
const LINKED = family<readonly [string, string]>("", layLinked, [
  ["puts a device without end in the release's place", "unsigned", () => ["release.json", "/dev/zero"]],
  ["puts a folder in the bundle's place", "bundle", () => ["bundle.json", "/"]],
  ["puts a link to nothing in the root's place", "root-pin", () => ["root/1.json", "nowhere"]],
]);

const TAGS = family("", layMovedTag, [
  ["moves the tag of one version to another", "pin", () => "policy/v1"],
]);

export const REPOSITORIES: Family = {
  name: "repositories",
  attacks: [CONTENTS, PLANTED, REPLACED, LINKED, TAGS].flatMap(({ attacks }) => attacks),
};
