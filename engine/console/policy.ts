/**
 * The policy that says who may be here and who may do what. It is looked at before every request, and
 * read again only when it has changed.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { lastRun } from "../bundle/store/last-run.ts";
import type { VerifiedRelease } from "../bundle/store.ts";
import type { Tree } from "../host/tree.ts";
import type { Repository } from "../policy/ir.ts";
import { type LoadedRepository, load, sound } from "../policy/load.ts";
import type { ProvenanceFile, TrustFile } from "../schema/types.ts";

export interface Policy {
  readonly loaded: LoadedRepository;
  readonly repository: Repository;
  /** Absent for the work tree of a repository, which nobody signed. */
  readonly release?: VerifiedRelease;
  readonly provenance?: ProvenanceFile;
}

export interface PolicyReader {
  /** Rejects when there is none that may be believed: then nobody is let in. */
  current(): Promise<Policy>;
}

/** The work tree of an unsigned repository, for a development gateway's log. */
export function treePolicy(tree: Tree): PolicyReader {
  return rereading(
    async () => {
      const files = await tree.list();
      return JSON.stringify(files.map(({ path, bytes, modified }) => [path, bytes, modified ?? 0]));
    },
    async () => {
      const loaded = await load(tree);
      return { loaded, repository: sound(loaded) };
    },
  );
}

/** The release that the engine of a state folder ran last, checked once more as the engine checks it. */
export function releasePolicy(state: string, trust: TrustFile, now: () => number): PolicyReader {
  return rereading(
    async () => {
      const stat = statSync(join(state, "bundle", "state.json"), {
        bigint: true,
        throwIfNoEntry: false,
      });
      return stat === undefined ? "absent" : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
    },
    async () => {
      const { release, provenance } = await lastRun(state, trust, now());
      const loaded = release.repository;
      return {
        loaded,
        repository: sound(loaded),
        release,
        ...(provenance === undefined ? {} : { provenance }),
      };
    },
  );
}

function rereading(stampOf: () => Promise<string>, read: () => Promise<Policy>): PolicyReader {
  let known: { readonly stamp: string; readonly policy: Promise<Policy> } | undefined;
  return {
    async current() {
      const stamp = await stampOf();
      if (known?.stamp !== stamp) {
        const policy = read();
        known = { stamp, policy };
        // What could not be read is tried again at the next request.
        policy.catch(() => {
          known = undefined;
        });
      }
      return await known.policy;
    },
  };
}
