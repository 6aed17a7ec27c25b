/** Signatures of every kind of SSH key, and what ssh-keygen says of bytes. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PublicKey } from "../../engine/bundle/keys.ts";
import { readPublicKey } from "../../engine/bundle/signer/key-file.ts";
import { unarmour, verifySshsig } from "../../engine/bundle/sshsig.ts";
import { newSshKey, SSH_TYPES, type SshType, sshSignature } from "./ssh-signer.ts";

export const SPACE = "phiward-release";
export const MESSAGE = Buffer.from("what is signed");

export interface Signed {
  readonly name: string;
  readonly type: SshType;
  readonly key: PublicKey;
  readonly signature: Buffer;
}

/** By ssh-keygen itself; it has no security key at hand. */
export function byKeygen(folder: string, kind: "ed25519" | "ecdsa"): Signed {
  const path = join(folder, kind);
  const message = `${path}.message`;
  execFileSync("ssh-keygen", ["-q", "-t", kind, "-N", "", "-C", "a b", "-f", path]);
  writeFileSync(message, MESSAGE);
  const args = ["-Y", "sign", "-n", SPACE, "-f", path, message];
  execFileSync("ssh-keygen", args, { stdio: "ignore" });
  const signature = unarmour(readFileSync(`${message}.sig`, "utf8"))!;
  const type = kind === "ecdsa" ? "ecdsa-sha2-nistp256" : "ssh-ed25519";
  return { name: `${type} of ssh-keygen`, type, key: readPublicKey(path), signature };
}

export function byHand(type: SshType): Signed {
  const key = newSshKey(type);
  const signature = sshSignature(key, MESSAGE, SPACE);
  return { name: `${type} made here`, type, key: key.publicKey, signature };
}

export function everyKind(folder: string): readonly Signed[] {
  return [byKeygen(folder, "ed25519"), byKeygen(folder, "ecdsa"), ...SSH_TYPES.map(byHand)];
}

export function accepts({ key }: Signed, signature: Buffer): boolean {
  return verifySshsig(signature, key, SPACE, MESSAGE, true) === "good";
}

/** What ssh-keygen says of the same bytes. */
export function sshKeygenAccepts(folder: string, one: Signed, signature: Buffer): boolean {
  const [allowed, file] = [join(folder, "allowed"), join(folder, "tried")];
  writeFileSync(allowed, `somebody ${one.type} ${one.key.wire!.toString("base64")}\n`);
  const body = signature.toString("base64").replace(/.{70}/g, "$&\n");
  writeFileSync(file, `-----BEGIN SSH SIGNATURE-----\n${body}\n-----END SSH SIGNATURE-----\n`);
  const args = ["-Y", "verify", "-f", allowed, "-I", "somebody", "-n", SPACE, "-s", file];
  return spawnSync("ssh-keygen", args, { input: MESSAGE }).status === 0;
}

export function flipped(signature: Buffer, bit: number): Buffer {
  const copy = Buffer.from(signature);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}
