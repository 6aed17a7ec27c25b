/**
 * Looks at a source again and again: what it holds now, or that it holds what it held. No source is
 * trusted; the first that answers is taken, and what it says is checked.
 */
import { existsSync } from "node:fs";
import { request } from "undici";
import { PhiwardError } from "../../errors.ts";
import {
  BUNDLE,
  HEARTBEAT,
  haltFile,
  PROVENANCE,
  RELEASE,
  type ReleaseFiles,
  releaseFiles,
  rootFile,
} from "../files.ts";
import { MAX_BUNDLE_BYTES, MAX_RELEASE_BYTES, MAX_ROOTS } from "../limits.ts";
import { isFile, readCarried } from "./carried.ts";
import { readFolder } from "./folder.ts";
import { looks, readReleases, type Tips } from "./git.ts";

/** What is known already, and need not be read again. */
export interface Since {
  /** The first root that is not known. */
  readonly root: number;
  /** The first emergency stop that is not known. */
  readonly halt: number;
  /** A release that is to run and need not be the current one. */
  readonly pin?: number;
}

export interface Watched {
  readonly name: string;
  /** undefined: nothing there has changed since it was read last. Rejects when it cannot be read. */
  read(since: Since): Promise<ReleaseFiles | undefined>;
  /** The last files were not taken in whole: they are to be read again. */
  again(): void;
}

/** By its form: `https://…/` is a folder of files, another URL a Git repository, a path what stands there. */
export function watch(source: string, timeoutMs: number): Watched {
  if (isPlainHttps(source)) return watchHttps(source, timeoutMs);
  if (/^[a-z+]+:\/\//.test(source) || /^[^/]+@[^/]+:/.test(source))
    return watchGit(source, timeoutMs);
  return watchPath(source, timeoutMs);
}

export function isPlainHttps(source: string): boolean {
  return /^https?:\/\/.*\/$/.test(source);
}

/** Looked at each time: a release may be put there after the engine has started. */
function watchPath(path: string, timeoutMs: number): Watched {
  const git = watchGit(path, timeoutMs);
  return {
    ...git,
    async read(since) {
      if (isFile(path)) return await readCarried(path);
      if (existsSync(`${path}/${RELEASE}`)) return readFolder(path);
      return await git.read(since);
    },
  };
}

function watchGit(url: string, timeoutMs: number): Watched {
  let seen: Tips | undefined;
  return {
    name: url,
    async read({ pin }) {
      const tips = await looks(url, timeoutMs);
      if (
        seen !== undefined &&
        seen.current === tips.current &&
        seen.heartbeat === tips.heartbeat
      ) {
        return undefined;
      }
      const files = await readReleases(url, tips, pin, timeoutMs);
      seen = tips;
      return files;
    },
    again() {
      seen = undefined;
    },
  };
}

/** Plain files over HTTPS, each with its ETag (RFC 9110 §8.8.3). */
function watchHttps(base: string, timeoutMs: number): Watched {
  const { protocol, hostname } = new URL(base);
  if (protocol === "http:" && !/^(127\.|\[::1\]$|localhost$)/.test(hostname)) {
    throw new PhiwardError("INVALID_INPUT", "releases over plain HTTP beyond loopback", {
      help: "nothing is trusted for its transport, but who may call is nobody else's business: use https",
    });
  }
  let tags: ReadonlyMap<string, string> = new Map();
  const get = async (
    path: string,
    total: Total,
    seen: Map<string, string>,
  ): Promise<Uint8Array | "same" | undefined> => {
    const known = tags.get(path);
    const { statusCode, headers, body } = await request(new URL(path, base), {
      // A redirect to another place is not followed: undici follows none by itself.
      headers: known === undefined ? {} : { "if-none-match": known },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (statusCode !== 200) {
      await body.dump();
      if (statusCode === 304) return "same";
      if (statusCode === 404) return undefined;
      throw new PhiwardError("UNREADABLE", `\`${base}\` answers ${statusCode}`);
    }
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of body) {
      length += (part as Buffer).length;
      total.left -= (part as Buffer).length;
      if (length > MAX_BUNDLE_BYTES || total.left < 0) {
        body.destroy();
        throw new PhiwardError("UNREADABLE", `\`${base}\` sends more than a release may hold`);
      }
      parts.push(part as Buffer);
    }
    const tag = headers.etag;
    if (typeof tag === "string") seen.set(path, tag);
    return Buffer.concat(parts);
  };
  return {
    name: base,
    async read({ root, halt }) {
      const total = { left: MAX_RELEASE_BYTES };
      const contents = new Map<string, Uint8Array>();
      // Kept only when all of it came: what was lost on the way must not count as seen.
      const seen = new Map(tags);
      const take = async (path: string): Promise<boolean> => {
        const bytes = await get(path, total, seen);
        if (bytes instanceof Uint8Array) contents.set(path, bytes);
        return bytes instanceof Uint8Array;
      };
      const numbered = async (from: number, name: (n: number) => string): Promise<void> => {
        for (let n = from; n < from + MAX_ROOTS && (await take(name(n))); n++);
      };
      await numbered(root, rootFile);
      await numbered(halt, haltFile);
      await take(HEARTBEAT);
      if (await take(RELEASE)) {
        await take(BUNDLE);
        await take(PROVENANCE);
      }
      // These two are asked for with their release only, and then in full.
      for (const path of [BUNDLE, PROVENANCE]) seen.delete(path);
      tags = seen;
      return contents.size === 0 ? undefined : releaseFiles(contents);
    },
    again() {
      tags = new Map();
    },
  };
}

interface Total {
  left: number;
}
