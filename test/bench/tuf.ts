/** A TUF repository that holds one file, and a client that asks it for changes; both in one process. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Key,
  Metadata,
  MetaFile,
  Root,
  Signature,
  Snapshot,
  TargetFile,
  Targets,
  Timestamp,
} from "@tufjs/models";
import { BaseFetcher, Updater } from "tuf-js";
// Only with this error does a client know that there is no next root; it is not in the index.
import { DownloadHTTPError } from "tuf-js/dist/error.js";

const BASE = "https://tuf.example.org";
const EXPIRES = "2036-01-01T00:00:00Z";

export interface TufRepository {
  readonly root: Metadata<Root>;
  /** The files of metadata, by name. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** The target's metadata, signed by three. */
  readonly targets: Buffer;
}

interface TufKey {
  readonly key: Key;
  readonly privateKey: KeyObject;
}

function newKey(id: string): TufKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const x = Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url").toString("hex");
  const keyVal = { public: x };
  const key = new Key({ keyID: id.repeat(64), keyType: "ed25519", scheme: "ed25519", keyVal });
  return { key, privateKey };
}

/** The nearest to a release of three signers: `targets`, with a threshold of three in one group. */
export function tufRepository(path: string, content: Buffer, sha256: string): TufRepository {
  const signers = ["a", "b", "c"].map(newKey);
  const online = newKey("d");
  const options = { version: 1, specVersion: "1.0.31", expires: EXPIRES };
  const root = new Root({ ...options, consistentSnapshot: false });
  for (const role of ["root", "targets"]) {
    for (const { key } of signers) root.addKey(key, role);
    Object.assign(root.roles[role]!, { threshold: 3 });
  }
  for (const role of ["snapshot", "timestamp"]) root.addKey(online.key, role);
  const targets = new Targets(options);
  targets.addTarget(new TargetFile({ path, length: content.length, hashes: { sha256 } }));
  const snapshot = new Snapshot({
    ...options,
    meta: { "targets.json": new MetaFile({ version: 1 }) },
  });
  const timestamp = new Timestamp({ ...options, snapshotMeta: new MetaFile({ version: 1 }) });
  const signed = {
    root: signedBy(new Metadata(root), signers),
    targets: signedBy(new Metadata(targets), signers),
    snapshot: signedBy(new Metadata(snapshot), [online]),
    timestamp: signedBy(new Metadata(timestamp), [online]),
  };
  const files = Object.entries(signed).map(
    ([name, metadata]) => [`${name}.json`, Buffer.from(JSON.stringify(metadata.toJSON()))] as const,
  );
  return {
    root: signed.root,
    files: new Map(files),
    targets: new Map<string, Buffer>(files).get("targets.json")!,
  };
}

function signedBy<T extends Root | Targets | Snapshot | Timestamp>(
  metadata: Metadata<T>,
  keys: readonly TufKey[],
): Metadata<T> {
  for (const { key, privateKey } of keys) {
    const signer = (data: Buffer): Signature =>
      new Signature({ keyID: key.keyID, sig: sign(null, data, privateKey).toString("hex") });
    metadata.sign(signer, true);
  }
  return metadata;
}

/** Of each file: read anew, and its three signatures counted. */
export function verifyTargets({ root, targets }: TufRepository): unknown {
  const metadata = Metadata.fromJSON("targets" as never, JSON.parse(targets.toString("utf8")));
  root.verifyDelegate("targets", metadata);
  return metadata;
}

class MemoryFetcher extends BaseFetcher {
  readonly #files: ReadonlyMap<string, Buffer>;
  constructor(files: ReadonlyMap<string, Buffer>) {
    super();
    this.#files = files;
  }
  override async fetch(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const bytes = this.#files.get(url.slice(BASE.length + 1));
    if (bytes === undefined) throw new DownloadHTTPError("there is none", 404);
    return new Blob([new Uint8Array(bytes)]).stream();
  }
}

/** A client that has everything already: `refresh`, and the file of before is still the one. */
export function tufClient(
  folder: string,
  { files }: TufRepository,
  path: string,
  content: Buffer,
): () => Promise<string | undefined> {
  mkdirSync(folder);
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  writeFileSync(join(folder, path), content);
  const fetcher = new MemoryFetcher(files);
  return async () => {
    const updater = new Updater({
      metadataDir: folder,
      metadataBaseUrl: BASE,
      targetDir: folder,
      targetBaseUrl: BASE,
      fetcher,
    });
    await updater.refresh();
    const target = await updater.getTargetInfo(path);
    return await updater.findCachedTarget(target!);
  };
}
