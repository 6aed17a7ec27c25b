/** SSH signatures, beside the real ssh-keygen: phiward accepts nothing that ssh-keygen refuses. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type PublicKey, readSshKey } from "../../engine/bundle/keys.ts";
import { readPublicKey } from "../../engine/bundle/signer/key-file.ts";
import { wireString } from "../../engine/bundle/ssh-wire.ts";
import { unarmour, verifySshsig } from "../../engine/bundle/sshsig.ts";

const folder = mkdtempSync(join(tmpdir(), "phiward-sshsig-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SPACE = "phiward-release";
const MESSAGE = Buffer.from("what is signed");

interface Case {
  readonly path: string;
  readonly key: PublicKey;
  readonly signature: Buffer;
}

function made(type: "ed25519" | "ecdsa"): Case {
  const path = join(folder, type);
  const message = `${path}.message`;
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "a b", "-f", path]);
  writeFileSync(message, MESSAGE);
  const args = ["-Y", "sign", "-n", SPACE, "-f", path, message];
  execFileSync("ssh-keygen", args, { stdio: "ignore" });
  const signature = unarmour(readFileSync(`${message}.sig`, "utf8"))!;
  return { path, key: readPublicKey(path), signature };
}

const CASES = { ed25519: made("ed25519"), ecdsa: made("ecdsa") };
const TYPES = Object.keys(CASES) as (keyof typeof CASES)[];

/** What ssh-keygen says of the same bytes. */
function sshKeygenAccepts({ path }: Case, signature: Buffer): boolean {
  const [allowed, file] = [`${path}.allowed`, `${path}.tried`];
  writeFileSync(allowed, `somebody ${readFileSync(`${path}.pub`, "utf8")}`);
  const body = signature.toString("base64").replace(/.{70}/g, "$&\n");
  writeFileSync(file, `-----BEGIN SSH SIGNATURE-----\n${body}\n-----END SSH SIGNATURE-----\n`);
  const args = ["-Y", "verify", "-f", allowed, "-I", "somebody", "-n", SPACE, "-s", file];
  return spawnSync("ssh-keygen", args, { input: MESSAGE }).status === 0;
}

const accepts = ({ key }: Case, signature: Buffer): boolean =>
  verifySshsig(signature, key, SPACE, MESSAGE, true) === "good";

describe.each(TYPES)("a signature of an %s key", (type) => {
  const each = CASES[type];

  test("is accepted, and its key has the id that ssh-keygen prints", () => {
    expect(accepts(each, each.signature)).toBe(true);
    expect(sshKeygenAccepts(each, each.signature)).toBe(true);
    const printed = execFileSync("ssh-keygen", ["-l", "-f", `${each.path}.pub`], {
      encoding: "utf8",
    });
    expect(printed).toContain(each.key.id);
  });

  test("is refused for another message, and for another purpose", () => {
    const verify = (space: string, message: Buffer) =>
      verifySshsig(each.signature, each.key, space, message, true);
    expect(verify(SPACE, Buffer.from("another"))).toBe("bad");
    expect(verify("phiward-root", MESSAGE)).toBe("other-namespace");
  });

  test("is refused with any one bit flipped, cut short anywhere, or with a byte more", () => {
    for (let bit = 0; bit < each.signature.length * 8; bit++) {
      const flipped = Buffer.from(each.signature);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(accepts(each, flipped), `bit ${bit}`).toBe(false);
    }
    for (let length = 0; length < each.signature.length; length++) {
      expect(accepts(each, each.signature.subarray(0, length)), `${length} bytes`).toBe(false);
    }
    expect(accepts(each, Buffer.concat([each.signature, Buffer.alloc(1)]))).toBe(false);
  });

  test("is accepted by nobody alone: what ssh-keygen refuses, phiward refuses", () => {
    // A spread of places, since each one starts a process.
    for (let at = 0; at < each.signature.length; at += 12) {
      const flipped = Buffer.from(each.signature);
      flipped[at]! ^= 1;
      expect(accepts(each, flipped) && !sshKeygenAccepts(each, flipped), `byte ${at}`).toBe(false);
    }
  });

  test("counts under its own key only", () => {
    const other = CASES[type === "ecdsa" ? "ed25519" : "ecdsa"];
    expect(verifySshsig(each.signature, other.key, SPACE, MESSAGE, true)).toBe("bad");
  });
});

/** No hardware here: what a security key would sign, made with a key in memory. */
function fidoSignature(privateKey: KeyObject, wire: Buffer, flags: number): Buffer {
  const hash = (bytes: string | Buffer, name = "sha256") => createHash(name).update(bytes).digest();
  const signed = Buffer.concat([
    Buffer.from("SSHSIG"),
    wireString(SPACE),
    wireString(""),
    wireString("sha512"),
    wireString(hash(MESSAGE, "sha512")),
  ]);
  const tail = Buffer.from([flags, 0, 0, 0, 7]);
  const raw = sign(null, Buffer.concat([hash("ssh:"), tail, hash(signed)]), privateKey);
  const inner = [wireString("sk-ssh-ed25519@openssh.com"), wireString(raw), tail];
  return Buffer.concat([
    Buffer.from("SSHSIG"),
    Buffer.from([0, 0, 0, 1]),
    ...[wire, SPACE, "", "sha512", Buffer.concat(inner)].map((part) => wireString(part)),
  ]);
}

test("a security key counts when it was touched, and only then", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url");
  const wire = Buffer.concat(
    ["sk-ssh-ed25519@openssh.com", point, "ssh:"].map((part) => wireString(part)),
  );
  const key = readSshKey(wire)!;
  const verdict = (flags: number, mustTouch = true) =>
    verifySshsig(fidoSignature(privateKey, wire, flags), key, SPACE, MESSAGE, mustTouch);
  expect(verdict(1)).toBe("good");
  expect(verdict(0)).toBe("no-touch");
  // A PIN without a touch is none.
  expect(verdict(4)).toBe("no-touch");
  expect(verdict(0, false)).toBe("good");
});
