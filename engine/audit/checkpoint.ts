/**
 * Checkpoints: the chain so far, signed. A chain alone cannot show that its end was cut off, or that
 * its keeper wrote all of it anew; a signed note that has left the machine can.
 *
 * A checkpoint is a signed note (C2SP signed-note and tlog-checkpoint), with an Ed25519 signature:
 *
 *     gw-1/0123456789abcdef                      origin: node, and the first 16 digits of its genesis
 *     1000                                       how many records the chain has
 *     <base64 of 32 bytes>                       the hash of the last of them
 *                                                (a blank line)
 *     — gw-1/0123456789abcdef <base64>           key name; 4 bytes of key id, then the signature
 *
 * The signature is over the text up to and with the line end before the blank line. The third line is
 * the head of a hash chain, not the root of a Merkle tree.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PhiwardError } from "../errors.ts";
import type { Head } from "./log.ts";
import type { CheckpointEntry, Hex64 } from "./record.ts";

/** The head that a checkpoint signs. */
export interface Checkpoint {
  readonly origin: string;
  readonly count: number;
  readonly root: Hex64;
}

/** The name under which a chain signs. */
export function originOf(node: string, genesis: Hex64): string {
  return `${node}/${genesis.slice(0, 16)}`;
}

/** The first 4 bytes of SHA-256(name, line end, 0x01, public key), as C2SP signed-note has it: 8 hex digits. */
export function keyId(name: string, key: KeyObject): string {
  return createHash("sha256")
    .update(`${name}\n\u0001`)
    .update(rawPublicKey(key))
    .digest("hex")
    .slice(0, 8);
}

function rawPublicKey(key: KeyObject): Buffer {
  const { x } = (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
  return Buffer.from(x!, "base64url");
}

function textOf({ origin, count, root }: Checkpoint): string {
  return `${origin}\n${count}\n${Buffer.from(root, "hex").toString("base64")}\n`;
}

/** The signed note. */
export function signCheckpoint(checkpoint: Checkpoint, key: KeyObject): string {
  const text = textOf(checkpoint);
  const signature = Buffer.concat([
    Buffer.from(keyId(checkpoint.origin, key), "hex"),
    sign(null, Buffer.from(text), key),
  ]);
  return `${text}\n— ${checkpoint.origin} ${signature.toString("base64")}\n`;
}

/** The entry that puts the signed head into its own chain. */
export function checkpointEntry(
  origin: string,
  { seq, hash }: Head,
  key: KeyObject,
  at: number,
): CheckpointEntry {
  const checkpoint = { origin, count: seq, root: hash };
  const note = signCheckpoint(checkpoint, key);
  return { kind: "checkpoint", at, ...checkpoint, keyId: keyId(origin, key), note };
}

export type OpenedCheckpoint =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  /** Nothing in the note is trusted, and nothing of it is returned. */
  | { readonly ok: false; readonly says: string };

const NOTE =
  /^(?<text>(?<origin>[^\n\s]{1,200})\n(?<count>[1-9][0-9]{0,15})\n(?<root>[A-Za-z0-9+/]{43}=)\n)\n(?<signatures>(?:— [^\n]+\n)+)$/;

/** What a note says of itself. Nothing is checked; undefined when it is not of the form of a note. */
export function claimOf(note: string): Checkpoint | undefined {
  const parts = NOTE.exec(note)?.groups;
  if (parts === undefined) return undefined;
  const root = Buffer.from(parts.root!, "base64").toString("hex");
  return { origin: parts.origin!, count: Number(parts.count), root };
}

/** Reads a note and checks its signature with the public key. */
export function openCheckpoint(note: string, key: KeyObject): OpenedCheckpoint {
  const checkpoint = claimOf(note);
  if (checkpoint === undefined)
    return { ok: false, says: "it is not of the form of a signed note" };
  const { text, signatures } = NOTE.exec(note)!.groups as Record<"text" | "signatures", string>;
  const { origin } = checkpoint;
  const id = keyId(origin, key);
  for (const line of signatures.trimEnd().split("\n")) {
    const [, name, encoded] = line.split(" ");
    const bytes = Buffer.from(encoded ?? "", "base64");
    // Others may sign the same note (witnesses); what their keys say is not asked here.
    if (name !== origin || bytes.subarray(0, 4).toString("hex") !== id) continue;
    return verify(null, Buffer.from(text), key, bytes.subarray(4))
      ? { ok: true, checkpoint }
      : { ok: false, says: "its signature does not fit: it was changed, or never signed" };
  }
  return { ok: false, says: "it is signed with another key" };
}

export interface CheckpointKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * The signing key in a PEM file; where there is none, a new one (mode 0600), and its public key beside
 * it as `<path>.pub`.
 */
export function loadOrCreateCheckpointKey(path: string): CheckpointKey {
  if (!existsSync(path)) {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, privateKey.export({ type: "pkcs8", format: "pem" }), {
      mode: 0o600,
      flag: "wx",
    });
    writeFileSync(`${path}.pub`, publicKey.export({ type: "spki", format: "pem" }));
  }
  refuseExposed(path);
  const privateKey = createPrivateKey(readFileSync(path));
  if (privateKey.asymmetricKeyType !== "ed25519") {
    throw new PhiwardError("INVALID_INPUT", `\`${path}\` is no Ed25519 key`, {
      help: "make one with `openssl genpkey -algorithm ed25519`",
    });
  }
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** A secret that others on the machine can read is none. */
export function refuseExposed(path: string): void {
  if ((statSync(path).mode & 0o077) === 0) return;
  throw new PhiwardError("EXPOSED_KEY", `\`${path}\` may be read by others`, {
    help: `run \`chmod 600 ${path}\`, and make a new key if somebody may have read it`,
  });
}
