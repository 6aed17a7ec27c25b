/** SSH signatures, beside the real ssh-keygen: phiward accepts nothing that ssh-keygen refuses. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { verifySshsig } from "../../engine/bundle/sshsig.ts";
import { newSshKey, sshSignature } from "./ssh-signer.ts";
import {
  accepts,
  byHand,
  everyKind,
  flipped,
  MESSAGE,
  type Signed,
  SPACE,
  sshKeygenAccepts,
} from "./sshsig-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "phiward-sshsig-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CASES = everyKind(folder);
const keygen = (one: Signed, signature: Buffer): boolean =>
  sshKeygenAccepts(folder, one, signature);

describe.each(CASES)("a signature of $name", (one) => {
  const { signature, key } = one;

  test("is accepted, here and by ssh-keygen", () => {
    expect(accepts(one, signature)).toBe(true);
    expect(keygen(one, signature)).toBe(true);
  });

  test("is refused for another message, and for another purpose", () => {
    const verify = (space: string, message: Buffer) =>
      verifySshsig(signature, key, space, message, true);
    expect(verify(SPACE, Buffer.from("another"))).toBe("bad");
    expect(verify("phiward-root", MESSAGE)).toBe("other-namespace");
  });

  test("is refused with any one bit flipped, cut short anywhere, or with a byte more", () => {
    for (let bit = 0; bit < signature.length * 8; bit++) {
      expect(accepts(one, flipped(signature, bit)), `bit ${bit}`).toBe(false);
    }
    for (let length = 0; length < signature.length; length++) {
      expect(accepts(one, signature.subarray(0, length)), `${length} bytes`).toBe(false);
    }
    expect(accepts(one, Buffer.concat([signature, Buffer.alloc(1)]))).toBe(false);
  });

  test("is accepted by nobody alone: what ssh-keygen refuses, phiward refuses", () => {
    // A spread of places, since each one starts a process; the long run tries every bit.
    for (let bit = 0; bit < signature.length * 8; bit += 97) {
      const tried = flipped(signature, bit);
      expect(accepts(one, tried) && !keygen(one, tried), `bit ${bit}`).toBe(false);
    }
  });

  test("counts under its own key only", () => {
    const others = CASES.filter((other) => other !== one);
    const verdicts = others.map((other) =>
      verifySshsig(signature, other.key, SPACE, MESSAGE, true),
    );
    expect(new Set(verdicts)).toEqual(new Set(["bad"]));
  });
});

test("a key has the id that ssh-keygen prints", () => {
  const one = CASES[0]!;
  const path = join(folder, "ed25519.pub");
  expect(execFileSync("ssh-keygen", ["-l", "-f", path], { encoding: "utf8" })).toContain(
    one.key.id,
  );
});

// No hardware here: a security key's signature, made with a key in memory.
test.each(["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"] as const)(
  "a security key counts when it was touched, and only then: %s",
  (type) => {
    const key = newSshKey(type);
    const verdict = (flags: number, mustTouch = true) => {
      const signature = sshSignature(key, MESSAGE, SPACE, { flags });
      return verifySshsig(signature, key.publicKey, SPACE, MESSAGE, mustTouch);
    };
    expect(verdict(1)).toBe("good");
    expect(verdict(0)).toBe("no-touch");
    // A PIN without a touch is none.
    expect(verdict(4)).toBe("no-touch");
    expect(verdict(0, false)).toBe("good");
  },
);

test("phiward is the stricter one where ssh-keygen looks away", () => {
  const one = byHand("sk-ssh-ed25519@openssh.com");
  const key = newSshKey(one.type);
  const untouched = sshSignature(key, MESSAGE, SPACE, { flags: 0 });
  const mine = { ...one, key: key.publicKey };
  expect([accepts(mine, untouched), keygen(mine, untouched)]).toEqual([false, true]);
});
