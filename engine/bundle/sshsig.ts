/**
 * Signatures of `ssh-keygen -Y sign` (OpenSSH, PROTOCOL.sshsig):
 *
 *     "SSHSIG"  uint32 1  string key  string namespace  string ""  string hash name  string signature
 *
 * over "SSHSIG", string namespace, string "", string hash name, string H(message). Stricter than
 * ssh-keygen: the version, the namespace and the key are compared here, nothing may follow, and a
 * security key must say that it was touched.
 */
import { createHash, verify } from "node:crypto";
import type { Curve, PublicKey } from "./keys.ts";
import { type WireReader, wireReader, wireString } from "./ssh-wire.ts";

const MAGIC = Buffer.from("SSHSIG");
const HASHES = ["sha512", "sha256"];
const ARMOUR =
  /^-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]{1,76}\n)+)-----END SSH SIGNATURE-----\n?$/;

/** The bytes between the lines that ssh-keygen writes. */
export function unarmour(text: string): Buffer | undefined {
  const body = ARMOUR.exec(text.replaceAll("\r\n", "\n"))?.[1];
  return body === undefined ? undefined : Buffer.from(body.replaceAll("\n", ""), "base64");
}

export type SshVerdict = "good" | "bad" | "other-namespace" | "no-touch";

export function verifySshsig(
  signature: Buffer,
  key: PublicKey,
  namespace: string,
  message: Buffer,
  mustTouch: boolean,
): SshVerdict {
  const parts = readParts(signature);
  // The key inside is compared and never used: trusting it would let anybody sign.
  if (parts === undefined || key.wire === undefined || !parts.key.equals(key.wire)) return "bad";
  if (parts.namespace.toString("latin1") !== namespace) return "other-namespace";
  const signed = Buffer.concat([
    MAGIC,
    wireString(parts.namespace),
    wireString(""),
    wireString(parts.hash),
    wireString(createHash(parts.hash).update(message).digest()),
  ]);
  return verifyInner(parts.signature, key, signed, mustTouch);
}

interface Parts {
  readonly key: Buffer;
  readonly namespace: Buffer;
  readonly hash: string;
  readonly signature: Buffer;
}

function readParts(bytes: Buffer): Parts | undefined {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const reader = wireReader(bytes.subarray(MAGIC.length));
  if (reader.uint32() !== 1) return undefined;
  const key = reader.string();
  const namespace = reader.string();
  const reserved = reader.string();
  const hash = reader.string()?.toString("latin1");
  const signature = reader.string();
  if (key === undefined || namespace === undefined || signature === undefined) return undefined;
  if (reserved?.length !== 0 || hash === undefined || !HASHES.includes(hash)) return undefined;
  return reader.atEnd() ? { key, namespace, hash, signature } : undefined;
}

/** The first string of a key's wire form and of its signatures is the same name. */
function verifyInner(
  signature: Buffer,
  { key, wire, curve, application }: PublicKey,
  signed: Buffer,
  mustTouch: boolean,
): SshVerdict {
  const reader = wireReader(signature);
  const type = reader.string();
  if (type === undefined || !wireReader(wire!).string()!.equals(type)) return "bad";
  const raw = rawSignature(curve, reader.string());
  if (raw === undefined) return "bad";
  const fido = application === undefined ? undefined : fidoParts(reader, application, signed);
  if (!reader.atEnd() || (application !== undefined && fido === undefined)) return "bad";
  const good =
    curve === "ed25519"
      ? verify(null, fido?.signed ?? signed, key, raw)
      : verify("sha256", fido?.signed ?? signed, { key, dsaEncoding: "ieee-p1363" }, raw);
  if (!good) return "bad";
  return mustTouch && fido?.touched === false ? "no-touch" : "good";
}

const TOUCHED = 0x01;

/** What a security key signs: H(application), flags, a counter, and H(what is to be signed). */
function fidoParts(
  reader: WireReader,
  application: Buffer,
  signed: Buffer,
): { readonly signed: Buffer; readonly touched: boolean } | undefined {
  const flags = reader.byte();
  const counter = reader.uint32();
  if (flags === undefined || counter === undefined) return undefined;
  const tail = Buffer.alloc(5);
  tail[0] = flags;
  tail.writeUInt32BE(counter, 1);
  const hash = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();
  return {
    signed: Buffer.concat([hash(application), tail, hash(signed)]),
    touched: (flags & TOUCHED) !== 0,
  };
}

/** 64 bytes for either curve; ECDSA's two numbers are written as mpints (RFC 4251 §5). */
function rawSignature(curve: Curve, bytes: Buffer | undefined): Buffer | undefined {
  if (bytes === undefined) return undefined;
  if (curve === "ed25519") return bytes.length === 64 ? bytes : undefined;
  const reader = wireReader(bytes);
  const r = fixedInteger(reader.string());
  const s = fixedInteger(reader.string());
  return r === undefined || s === undefined || !reader.atEnd() ? undefined : Buffer.concat([r, s]);
}

/** A positive mpint in its one shortest form → 32 bytes. */
function fixedInteger(mpint: Buffer | undefined): Buffer | undefined {
  if (mpint === undefined || mpint.length === 0 || mpint[0]! >= 0x80) return undefined;
  if (mpint[0] === 0 && (mpint.length === 1 || mpint[1]! < 0x80)) return undefined;
  const digits = mpint[0] === 0 ? mpint.subarray(1) : mpint;
  if (digits.length > 32) return undefined;
  return Buffer.concat([Buffer.alloc(32 - digits.length), digits]);
}
