/**
 * SSH keys and signatures made in memory, right ones and wrong ones: what no ssh-keygen would write, and
 * what a security key writes, without the hardware.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type PublicKey, readSshKey } from "../../engine/bundle/keys.ts";
import { wireString } from "../../engine/bundle/ssh-wire.ts";

export const SSH_TYPES = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
] as const;
export type SshType = (typeof SSH_TYPES)[number];

export interface SshKey {
  readonly type: SshType;
  readonly privateKey: KeyObject;
  readonly publicKey: PublicKey;
}

const APPLICATION = "ssh:";
const isFido = (type: SshType): boolean => type.startsWith("sk-");
const isEcdsa = (type: SshType): boolean => type.includes("ecdsa");

export function newSshKey(type: SshType): SshKey {
  const { privateKey, publicKey } = isEcdsa(type)
    ? generateKeyPairSync("ec", { namedCurve: "P-256" })
    : generateKeyPairSync("ed25519");
  const { x, y } = publicKey.export({ format: "jwk" });
  const [first, second] = [x, y ?? ""].map((part) => Buffer.from(part!, "base64url"));
  const point = isEcdsa(type) ? Buffer.concat([Buffer.from([4]), first!, second!]) : first!;
  const parts = [
    type,
    ...(isEcdsa(type) ? ["nistp256"] : []),
    point,
    ...(isFido(type) ? [APPLICATION] : []),
  ];
  const wire = Buffer.concat(parts.map(wireString));
  return { type, privateKey, publicKey: readSshKey(wire)! };
}

/** What to do otherwise than PROTOCOL.sshsig says. */
export interface Oddity {
  readonly version?: number;
  readonly namespace?: string;
  readonly hash?: string;
  readonly reserved?: string;
  /** What is shown in the reserved field, in place of what was signed. */
  readonly shownReserved?: string;
  /** Bytes after the signature proper: of a security key, its flags and its counter. */
  readonly tail?: Buffer;
  /** The key inside the signature. */
  readonly wire?: Buffer;
  readonly type?: string;
  readonly application?: string;
  /** 1: touched. */
  readonly flags?: number;
  /** Changes the two numbers of ECDSA, or the 64 bytes of Ed25519, as they are written. */
  readonly raw?: (raw: Buffer) => Buffer;
  /** Of a security key. */
  readonly counter?: number;
  /** A security key signs as a plain one does, without a word of itself. */
  readonly plain?: boolean;
  /** Signs the message itself, and not what PROTOCOL.sshsig makes of it. */
  readonly bare?: boolean;
}

export function sshSignature(
  { type, privateKey, publicKey }: SshKey,
  message: Buffer,
  namespace: string,
  odd: Oddity = {},
): Buffer {
  const hash = odd.hash ?? "sha512";
  const space = odd.namespace ?? namespace;
  const signed = Buffer.concat([
    Buffer.from("SSHSIG"),
    ...[space, odd.reserved ?? "", hash, digest(hash, message)].map(wireString),
  ]);
  const tail = isFido(type)
    ? Buffer.from([odd.flags ?? 1, 0, 0, 0, odd.counter ?? 7])
    : Buffer.alloc(0);
  const application = digest("sha256", Buffer.from(odd.application ?? APPLICATION));
  const presence = Buffer.concat([application, tail, digest("sha256", signed)]);
  const text = odd.bare ? message : isFido(type) && !odd.plain ? presence : signed;
  const written = isEcdsa(type)
    ? ecdsa(privateKey, text)
    : Buffer.concat([sign(null, text, privateKey)]);
  const inner = [
    wireString(odd.type ?? type),
    wireString((odd.raw ?? same)(written)),
    odd.tail ?? tail,
  ];
  const version = Buffer.alloc(4);
  version.writeUInt32BE(odd.version ?? 1);
  return Buffer.concat([
    Buffer.from("SSHSIG"),
    version,
    ...[
      odd.wire ?? publicKey.wire!,
      space,
      odd.shownReserved ?? odd.reserved ?? "",
      hash,
      Buffer.concat(inner),
    ].map(wireString),
  ]);
}

const same = (raw: Buffer): Buffer => raw;

function digest(hash: string, bytes: Buffer): Buffer {
  return createHash(hash).update(bytes).digest();
}

function ecdsa(privateKey: KeyObject, text: Buffer): Buffer {
  const raw = sign("sha256", text, { key: privateKey, dsaEncoding: "ieee-p1363" });
  return Buffer.concat(
    [raw.subarray(0, 32), raw.subarray(32)].map((part) => wireString(mpint(part))),
  );
}

/** A positive number in its shortest form (RFC 4251 §5). */
export function mpint(bytes: Buffer): Buffer {
  let from = 0;
  while (from < bytes.length && bytes[from] === 0) from++;
  const digits = bytes.subarray(from);
  return (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), digits]) : digits;
}
