/** Key files: SSH keys, and PEM. A private key is read only to sign, and never leaves this folder. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { PhiwardError } from "../../errors.ts";
import { curveOf, type PublicKey, readKey, readSshKey } from "../keys.ts";
import { pemSigner } from "./pem.ts";
import type { Signer } from "./signer.ts";
import { sshSigner } from "./ssh-keygen.ts";

const SSH_LINE = /^(?:sk-)?(?:ssh|ecdsa)[a-z0-9@.-]* ([A-Za-z0-9+/]+={0,2})(?: [^\n]*)?\n?$/;

/** The public key in a file, or beside it as `<file>.pub`. */
export function readPublicKey(path: string): PublicKey {
  const beside = path.endsWith(".pub") ? path : `${path}.pub`;
  const text = read(existsSync(beside) ? beside : path);
  const ssh = SSH_LINE.exec(text)?.[1];
  const key = ssh === undefined ? spkiOf(text) : readSshKey(Buffer.from(ssh, "base64"));
  if (key !== undefined) return key;
  throw new PhiwardError("INVALID_INPUT", `\`${path}\` is no public key that phiward can use`, {
    help: "use an SSH key of the kind ed25519 or ecdsa-sha2-nistp256 (security keys too), or a PEM key of Ed25519 or P-256",
  });
}

function spkiOf(pem: string): PublicKey | undefined {
  try {
    const key = createPublicKey(pem);
    const scheme = curveOf(key) === "ed25519" ? "ed25519" : "ecdsa-p256-sha256";
    const der = key.export({ format: "der", type: "spki" });
    return readKey({ scheme, public: der.toString("base64") });
  } catch {
    return undefined;
  }
}

/** An SSH key signs through ssh-keygen, which knows agents, passphrases and security keys. */
export function openSigner(path: string): Signer {
  const key = readPublicKey(path);
  if (key.scheme === "sshsig") return sshSigner(path, key);
  refuseExposed(path);
  return pemSigner(createPrivateKey(read(path)), key);
}

/** A new Ed25519 key for a machine: the private one with mode 0600, the public one as `<path>.pub`. */
export function newMachineKey(path: string): PublicKey {
  if (existsSync(path)) {
    throw new PhiwardError("USAGE", `\`${path}\` already exists`, {
      help: "choose another file; a key is never overwritten",
    });
  }
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(path, pem, { mode: 0o600, flag: "wx" });
  writeFileSync(`${path}.pub`, publicKey.export({ type: "spki", format: "pem" }));
  return readPublicKey(path);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new PhiwardError("UNREADABLE", `\`${path}\` cannot be read`, { cause });
  }
}

function refuseExposed(path: string): void {
  if ((statSync(path).mode & 0o077) === 0) return;
  throw new PhiwardError("EXPOSED_KEY", `\`${path}\` may be read by others`, {
    help: `run \`chmod 600 ${path}\`, and make a new key if somebody may have read it`,
  });
}
