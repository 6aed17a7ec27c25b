/**
 * The bundle: the sources of one commit as one canonical JSON text. One text and no archive: there are
 * no links, no paths that lead out of a folder, and no second member of the same name.
 */
import { PhiwardError } from "../errors.ts";
import { compareText } from "../finding.ts";
import type { Tree } from "../host/tree.ts";
import { canonical, type Digest, type Json, sha256 } from "../json/value.ts";
import { SEMANTICS } from "../policy/ir.ts";
import { type LoadedRepository, load, sound } from "../policy/load.ts";
import type { BundleFile } from "../schema/types.ts";
import { type Demand, Refused } from "./checks.ts";
import { MAX_BUNDLE_BYTES } from "./limits.ts";
import { readSigned } from "./read.ts";

export interface BuiltBundle {
  /** The whole file. */
  readonly text: string;
  readonly digest: Digest;
  readonly bytes: number;
  readonly loaded: LoadedRepository;
}

const PATH = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/**
 * The bundle of a tree: the same files give the same bytes, on every machine. Recorded calls stay out:
 * an engine has no use for them. Rejects for a repository with errors.
 */
export async function buildBundle(tree: Tree): Promise<BuiltBundle> {
  const loaded = await load(tree);
  sound(loaded);
  const listed = (await tree.list()).filter(({ path }) => !path.startsWith("fixtures/"));
  const names = new Set<string>();
  const files: BundleFile["files"] = [];
  for (const { path, link } of [...listed].sort((a, b) => compareText(a.path, b.path))) {
    // Where names are compared without case, one of two files would hide the other.
    const folded = path.toLowerCase();
    if (link || !PATH.test(path) || names.has(folded)) throw unfit(path);
    names.add(folded);
    files.push({ path, text: decodeText(path, await tree.read(path)) });
  }
  const file: BundleFile = { type: "phiward.bundle/1", semantics: SEMANTICS, files };
  const text = canonical(file as unknown as Json);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BUNDLE_BYTES) {
    throw new PhiwardError("INVALID_INPUT", `the bundle is larger than ${MAX_BUNDLE_BYTES} bytes`, {
      help: "engines refuse it; split the policy repository",
    });
  }
  return { text, digest: sha256(text), bytes, loaded };
}

function unfit(path: string): PhiwardError {
  return new PhiwardError("INVALID_INPUT", `\`${path.slice(0, 100)}\` cannot be in a release`, {
    help: "a file is no link, has a plain name, and none beside it differs only in case",
  });
}

function decodeText(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new PhiwardError("INVALID_INPUT", `\`${path}\` is not valid UTF-8`, { cause });
  }
}

/** Throws Refused. The digest is compared before anything is read. */
export async function openBundle(
  bytes: Uint8Array,
  digest: string,
  label: string,
  demand: Demand,
): Promise<LoadedRepository> {
  demand("size", bytes.length <= MAX_BUNDLE_BYTES, "the bundle is too large");
  const text = Buffer.from(bytes).toString("utf8");
  demand("bundle", sha256(text) === digest, "the bundle is not the one that was signed");
  const file = readSigned("bundle", "the bundle", bytes, MAX_BUNDLE_BYTES, demand);
  const mine = file.semantics === SEMANTICS;
  demand("semantics", mine, "the bundle is written for another version of the policy language");
  const paths = file.files.map(({ path }) => path);
  const sorted = paths.every((path, i) => i === 0 || compareText(paths[i - 1]!, path) < 0);
  demand("form", sorted, "the files of the bundle are not in order");
  const loaded = await load(bundleTree(file, label)).catch(() => undefined);
  const compiles = loaded?.findings.every(({ severity }) => severity !== "error") ?? false;
  demand("compile", compiles, "the bundle does not compile");
  return loaded!;
}

function bundleTree({ files }: BundleFile, label: string): Tree {
  const contents = new Map(files.map(({ path, text }) => [path, Buffer.from(text, "utf8")]));
  return {
    label,
    list: async () =>
      [...contents].map(([path, bytes]) => ({ path, bytes: bytes.length, link: false })),
    async read(path) {
      const bytes = contents.get(path);
      if (bytes === undefined) throw new Refused("compile", "the bundle lacks a file");
      return bytes;
    },
  };
}
