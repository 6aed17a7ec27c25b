import type { Demand } from "./checks.ts";

/** The files of a release, wherever they stand. None of them is trusted. */
export interface ReleaseFiles {
  readonly bundle?: Uint8Array;
  /** The envelope. */
  readonly release?: Uint8Array;
  /** The envelope of the release before. */
  readonly previous?: Uint8Array;
  /** By version. */
  readonly roots: ReadonlyMap<number, Uint8Array>;
}

export const BUNDLE = "bundle.json";
export const RELEASE = "release.json";
export const PREVIOUS = "previous.json";
export const ROOT_FILE = /^root\/([1-9][0-9]{0,5})\.json$/;

export function rootFile(version: number): string {
  return `root/${version}.json`;
}

/** Paths and contents → the files of a release; others are left aside. */
export function releaseFiles(contents: ReadonlyMap<string, Uint8Array>): ReleaseFiles {
  const roots = new Map<number, Uint8Array>();
  for (const [path, bytes] of contents) {
    const version = ROOT_FILE.exec(path)?.[1];
    if (version !== undefined) roots.set(Number(version), bytes);
  }
  const [bundle, release, previous] = [BUNDLE, RELEASE, PREVIOUS].map((name) => contents.get(name));
  return {
    roots,
    ...(bundle === undefined ? {} : { bundle }),
    ...(release === undefined ? {} : { release }),
    ...(previous === undefined ? {} : { previous }),
  };
}

/** The envelope of the release. Throws Refused where there is none. */
export function releaseBytes({ release }: ReleaseFiles, demand: Demand): Uint8Array {
  demand("unsigned", release !== undefined, "there is no release");
  return release;
}
