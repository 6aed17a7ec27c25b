/**
 * Public keys as the root lists them. A key's id is the digest of the key, so that no key can stand
 * under another's name.
 */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { strictBase64 } from "./read.ts";
import { wireReader } from "./ssh-wire.ts";

export type Scheme = "sshsig" | "ed25519" | "ecdsa-p256-sha256";

/** As the root writes it: base64 of the SSH wire form, or of the SPKI in DER. */
export interface WrittenKey {
  readonly scheme: Scheme;
  readonly public: string;
}

export type Curve = "ed25519" | "p256";

export interface PublicKey {
  readonly id: string;
  readonly scheme: Scheme;
  readonly curve: Curve;
  readonly key: KeyObject;
  /** The same for one key, in whatever scheme it is written. */
  readonly raw: string;
  /** The SSH wire form, for `sshsig`. */
  readonly wire?: Buffer;
  /** Of a FIDO security key: the name that its signatures are bound to. */
  readonly application?: Buffer;
}

/** undefined: it is no key of its scheme. */
export function readKey(written: WrittenKey): PublicKey | undefined {
  const bytes = strictBase64(written.public);
  if (bytes === undefined) return undefined;
  return written.scheme === "sshsig" ? readSshKey(bytes) : readSpki(written.scheme, bytes);
}

function readSpki(scheme: Exclude<Scheme, "sshsig">, der: Buffer): PublicKey | undefined {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: der, format: "der", type: "spki" });
  } catch {
    return undefined;
  }
  const curve = curveOf(key);
  if (curve !== (scheme === "ed25519" ? "ed25519" : "p256")) return undefined;
  if (isSmallOrder(curve, key)) return undefined;
  // Another encoding of the same key would be a second id for it.
  if (!key.export({ format: "der", type: "spki" }).equals(der)) return undefined;
  return {
    id: createHash("sha256").update(der).digest("hex"),
    scheme,
    curve,
    key,
    raw: rawOf(curve, key),
  };
}

/** What kind of key phiward can use; undefined for any other. */
export function curveOf(key: KeyObject): Curve | undefined {
  if (key.asymmetricKeyType === "ed25519") return "ed25519";
  const p256 = key.asymmetricKeyDetails?.namedCurve === "prime256v1";
  return key.asymmetricKeyType === "ec" && p256 ? "p256" : undefined;
}

function rawOf(curve: Curve, key: KeyObject): string {
  const { x, y } = key.export({ format: "jwk" });
  return `${curve}:${x}:${y ?? ""}`;
}

/**
 * The eight points of Ed25519 whose order divides 8, by their y, and the two ways to write y beyond
 * the field (Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs", 2020, table 1).
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/** Under such a key one signature fits many messages: who has it listed as theirs lets anybody sign. */
function isSmallOrder(curve: Curve, key: KeyObject): boolean {
  if (curve !== "ed25519") return false;
  const point = Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
  // The highest bit is the sign of x, which the order does not depend on.
  point[31]! &= 0x7f;
  return SMALL_ORDER.has(point.toString("hex"));
}

const KINDS: Readonly<Record<string, { readonly curve: Curve; readonly fido: boolean }>> = {
  "ssh-ed25519": { curve: "ed25519", fido: false },
  "ecdsa-sha2-nistp256": { curve: "p256", fido: false },
  "sk-ssh-ed25519@openssh.com": { curve: "ed25519", fido: true },
  "sk-ecdsa-sha2-nistp256@openssh.com": { curve: "p256", fido: true },
};

/** RFC 8709 §4, RFC 5656 §3.1, and OpenSSH's PROTOCOL.u2f for security keys. */
export function readSshKey(wire: Buffer): PublicKey | undefined {
  const reader = wireReader(wire);
  const type = reader.string()?.toString("latin1") ?? "";
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kind === undefined) return undefined;
  if (kind.curve === "p256" && reader.string()?.toString("latin1") !== "nistp256") return undefined;
  const key = sshPoint(kind.curve, reader.string());
  const application = kind.fido ? reader.string() : undefined;
  if (key === undefined || !reader.atEnd() || (kind.fido && application === undefined)) {
    return undefined;
  }
  if (isSmallOrder(kind.curve, key)) return undefined;
  return {
    id: `SHA256:${createHash("sha256").update(wire).digest("base64").replace(/=+$/, "")}`,
    scheme: "sshsig",
    curve: kind.curve,
    key,
    raw: rawOf(kind.curve, key),
    wire,
    ...(application === undefined ? {} : { application }),
  };
}

function sshPoint(curve: Curve, point: Buffer | undefined): KeyObject | undefined {
  const ed25519 = curve === "ed25519";
  // 0x04: an uncompressed point.
  if (point?.length !== (ed25519 ? 32 : 65) || (!ed25519 && point[0] !== 4)) return undefined;
  const part = (from: number, to: number): string => point.toString("base64url", from, to);
  try {
    return createPublicKey({
      format: "jwk",
      key: ed25519
        ? { kty: "OKP", crv: "Ed25519", x: part(0, 32) }
        : { kty: "EC", crv: "P-256", x: part(1, 33), y: part(33, 65) },
    });
  } catch {
    return undefined;
  }
}

export function writeKey({ scheme, key, wire }: PublicKey): WrittenKey {
  const bytes = wire ?? key.export({ format: "der", type: "spki" });
  return { scheme, public: bytes.toString("base64") };
}
