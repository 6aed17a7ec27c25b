import type { Demand } from "./checks.ts";

/** The files of a release, wherever they stand. None of them is trusted. */
export interface ReleaseFiles {
  readonly bundle?: Uint8Array;
  /** The envelope. */
  readonly release?: Uint8Array;
  /** The version under whose name it was asked for. */
  readonly asked?: number;
  /** The envelope of the release before. */
  readonly previous?: Uint8Array;
  /** Where the grants and rules of the release come from. */
  readonly provenance?: Uint8Array;
  /** The same of the release before; only where a release is made. */
  readonly previousProvenance?: Uint8Array;
  /** By version. */
  readonly roots: ReadonlyMap<number, Uint8Array>;
  readonly heartbeat?: Uint8Array;
  /** Emergency stops, by number. */
  readonly halts?: ReadonlyMap<number, Uint8Array>;
}

export const BUNDLE = "bundle.json";
export const RELEASE = "release.json";
export const PREVIOUS = "previous.json";
export const PROVENANCE = "provenance.json";
export const PREVIOUS_PROVENANCE = "previous-provenance.json";
export const HEARTBEAT = "heartbeat.json";
export const ROOT_FILE = /^root\/([1-9][0-9]{0,5})\.json$/;

export const HALT_FILE = /^halt\/([1-9][0-9]{0,5})\.json$/;

export function haltFile(sequence: number): string {
  return `halt/${sequence}.json`;
}

export function rootFile(version: number): string {
  return `root/${version}.json`;
}

/** Paths and contents → the files of a release; others are left aside. */
export function releaseFiles(contents: ReadonlyMap<string, Uint8Array>): ReleaseFiles {
  const roots = numbered(contents, ROOT_FILE);
  const halts = numbered(contents, HALT_FILE);
  const [bundle, release, previous] = [BUNDLE, RELEASE, PREVIOUS].map((name) => contents.get(name));
  const [provenance, previousProvenance, heartbeat] = [
    PROVENANCE,
    PREVIOUS_PROVENANCE,
    HEARTBEAT,
  ].map((name) => contents.get(name));
  return {
    roots,
    halts,
    ...(heartbeat === undefined ? {} : { heartbeat }),
    ...(bundle === undefined ? {} : { bundle }),
    ...(release === undefined ? {} : { release }),
    ...(previous === undefined ? {} : { previous }),
    ...(provenance === undefined ? {} : { provenance }),
    ...(previousProvenance === undefined ? {} : { previousProvenance }),
  };
}

function numbered(
  contents: ReadonlyMap<string, Uint8Array>,
  path: RegExp,
): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (const [name, bytes] of contents) {
    const number = path.exec(name)?.[1];
    if (number !== undefined) found.set(Number(number), bytes);
  }
  return found;
}

/** The files of a release → paths and contents, as they are published. */
export function releaseContents(files: ReleaseFiles): ReadonlyMap<string, Uint8Array> {
  const named: readonly (readonly [string, Uint8Array | undefined])[] = [
    [BUNDLE, files.bundle],
    [RELEASE, files.release],
    [PREVIOUS, files.previous],
    [PROVENANCE, files.provenance],
    [HEARTBEAT, files.heartbeat],
    ...[...files.roots].map(([version, bytes]) => [rootFile(version), bytes] as const),
    ...[...(files.halts ?? [])].map(([sequence, bytes]) => [haltFile(sequence), bytes] as const),
  ];
  return new Map(named.flatMap(([path, bytes]) => (bytes === undefined ? [] : [[path, bytes]])));
}

/** The envelope of the release. Throws Refused where there is none. */
export function releaseBytes({ release }: ReleaseFiles, demand: Demand): Uint8Array {
  demand("unsigned", release !== undefined, "there is no release");
  return release;
}
