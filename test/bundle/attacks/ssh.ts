/** SSH signatures that are nearly right: the security officer's is the one that must count. */
import { sign } from "node:crypto";
import { wireString } from "../../../engine/bundle/ssh-wire.ts";
import { mpint, newSshKey, type Oddity, type SshKey, sshSignature } from "../ssh-signer.ts";
import { type Family, family, layRelease } from "./attack.ts";
import { withSshOfficer } from "./forge.ts";

const SPACE = "phiward-release";
const stranger = newSshKey("ssh-ed25519");

const ed25519 = (odd: Oddity | ((key: SshKey, message: Buffer) => Buffer)) =>
  withSshOfficer("ssh-ed25519", odd);
const security = (odd: Oddity) => withSshOfficer("sk-ssh-ed25519@openssh.com", odd);
const ecdsa = (raw: (raw: Buffer) => Buffer) => withSshOfficer("ecdsa-sha2-nistp256", { raw });

const armour = (signature: Buffer): Buffer =>
  Buffer.from(
    `-----BEGIN SSH SIGNATURE-----\n${signature.toString("base64").replace(/.{70}/g, "$&\n")}\n-----END SSH SIGNATURE-----\n`,
  );

/** The two numbers of an ECDSA signature, written otherwise. */
const numbers = (change: (r: Buffer, s: Buffer) => readonly Buffer[]) => (raw: Buffer) => {
  const length = raw.readUInt32BE();
  return Buffer.concat(
    change(raw.subarray(4, 4 + length), raw.subarray(8 + length)).map(wireString),
  );
};
const padded = (number: Buffer): Buffer => Buffer.concat([Buffer.alloc(1), number]);

// biome-ignore format: one row a line is a table
export const SSH: Family = family("SSH signatures", layRelease, [
  ["has an officer sign a file for another program", "role", () => ed25519({ namespace: "file" })],
  ["has an officer sign a Git commit", "role", () => ed25519({ namespace: "git" })],
  ["has an officer sign a root, and shows it for a release", "role", () => ed25519({ namespace: "phiward-root" })],
  ["has an officer sign for a purpose that begins alike", "role", () => ed25519({ namespace: "phiward-release2" })],
  ["has an officer sign for no purpose", "role", () => ed25519({ namespace: "" })],
  // The signature is right, and by the key inside it.
  ["signs with a key of its own, which it sends along", "tampered", () => ed25519((_, message) => sshSignature(stranger, message, SPACE))],
  ["signs with a key of its own, and sends the officer's along", "tampered", () => ed25519((key, message) => sshSignature(stranger, message, SPACE, { wire: key.publicKey.wire! }))],
  ["sends another key along with the officer's signature", "tampered", () => ed25519({ wire: stranger.publicKey.wire! })],
  ["signs with a hash that is broken", "tampered", () => ed25519({ hash: "sha1" })],
  ["signs with a hash that is broken more", "tampered", () => ed25519({ hash: "md5" })],
  ["signs with another version of the format", "tampered", () => ed25519({ version: 2 })],
  ["signs with version zero of the format", "tampered", () => ed25519({ version: 0 })],
  ["fills the field that is kept for later after the signing", "tampered", () => ed25519({ shownReserved: "x" })],
  ["fills the field that is kept for later", "tampered", () => ed25519({ reserved: "x" })],
  ["calls the signature by another algorithm", "tampered", () => ed25519({ type: "ssh-rsa" })],
  ["calls the signature one of a security key", "tampered", () => ed25519({ type: "sk-ssh-ed25519@openssh.com" })],
  ["adds a byte after the signature", "tampered", () => ed25519((key, message) => Buffer.concat([sshSignature(key, message, SPACE), Buffer.alloc(1)]))],
  ["adds a byte inside the signature", "tampered", () => ed25519({ raw: (raw) => Buffer.concat([raw, Buffer.alloc(1)]) })],
  ["adds bytes behind the signature proper", "tampered", () => ed25519({ tail: Buffer.from([1, 0, 0, 0, 7]) })],
  ["promises a key that does not come", "tampered", () => ed25519((key) => parts(key, { key: ENDLESS }))],
  ["promises a purpose that does not come", "tampered", () => ed25519((key) => parts(key, { namespace: ENDLESS }))],
  ["promises a signature that does not come", "tampered", () => ed25519((key) => parts(key, { signature: Buffer.alloc(0) }))],
  ["sends nothing where the signature proper stands", "tampered", () => ed25519((key) => parts(key, { signature: wireString("") }))],
  ["sends the algorithm's name in place of the signature proper", "tampered", () => ed25519((key) => parts(key, { signature: wireString(wireString("ssh-ed25519")) }))],
  ["takes a byte from inside the signature", "tampered", () => ed25519({ raw: (raw) => raw.subarray(1) })],
  ["writes a length that leads out of the signature", "tampered", () => ed25519((key, message) => {
    const signature = sshSignature(key, message, SPACE);
    signature.writeUInt32BE(0xffffffff, 10);
    return signature;
  })],
  ["begins with other words than a signature", "tampered", () => ed25519((key, message) => Buffer.concat([Buffer.from("SSHSIX"), sshSignature(key, message, SPACE).subarray(6)]))],
  ["leaves out the words that a signature begins with", "tampered", () => ed25519((key, message) => sshSignature(key, message, SPACE).subarray(6))],
  ["sends the lines that ssh-keygen writes, undecoded", "tampered", () => ed25519((key, message) => armour(sshSignature(key, message, SPACE)))],
  ["sends a bare signature under an SSH key", "tampered", () => ed25519(({ privateKey }, message) => sign(null, message, privateKey))],
  ["signs the text itself, as SSH signatures do not", "tampered", () => ed25519({ bare: true })],
  ["sends an officer's signature of another text", "tampered", () => ed25519((key) => sshSignature(key, Buffer.from("another"), SPACE))],
  ["writes a number of the signature with a zero more", "tampered", () => withSshOfficer("ecdsa-sha2-nistp256", whenFirst(small, (r, s) => [padded(r), s]))],
  ["writes one number for a signature", "tampered", () => ecdsa(numbers((r) => [r]))],
  ["writes a number of the signature below nothing", "tampered", () => withSshOfficer("ecdsa-sha2-nistp256", whenFirst(large, (r, s) => [r.subarray(1), s]))],
  ["writes a number of the signature as nothing", "tampered", () => ecdsa(numbers((r) => [r, Buffer.alloc(0)]))],
  ["writes two zeros for a signature", "tampered", () => ecdsa(numbers(() => [mpint(Buffer.alloc(32)), mpint(Buffer.alloc(32))]))],
  ["writes a number of the signature with more digits than there are", "tampered", () => ecdsa(numbers((r, s) => [Buffer.concat([Buffer.from([1]), Buffer.alloc(32), r]), s]))],
  ["writes a third number behind the two", "tampered", () => ecdsa(numbers((r, s) => [r, s, r]))],
  ["signs with a security key that nobody touches", "touch", () => security({ flags: 0 })],
  ["signs with a security key that asks for a PIN and no touch", "touch", () => security({ flags: 4 })],
  ["signs with a security key for another application", "tampered", () => security({ application: "ssh:evil" })],
  ["signs with a security key as with a plain one", "tampered", () => security({ bare: true })],
  ["says afterwards that a security key was touched", "tampered", () => withSshOfficer("sk-ssh-ed25519@openssh.com", (key, message) => {
    const signature = sshSignature(key, message, SPACE, { flags: 0 });
    signature[signature.length - 5] = 1;
    return signature;
  })],
  ["lowers the counter of a security key", "tampered", () => withSshOfficer("sk-ecdsa-sha2-nistp256@openssh.com", (key, message) => {
    const signature = sshSignature(key, message, SPACE);
    signature[signature.length - 1] = 1;
    return signature;
  })],
  ["cuts off what a security key says of itself", "tampered", () => security({ tail: Buffer.alloc(0) })],
  ["signs with a security key as with a plain one, and says nothing of a touch", "tampered", () => security({ plain: true, tail: Buffer.alloc(0) })],
  ["leaves out a counter that begins at nothing", "tampered", () => security({ counter: 0, tail: Buffer.from([1]) })],
  ["cuts off the counter of a security key", "tampered", () => security({ tail: Buffer.from([1]) })],
  ["adds a byte to what a security key says of itself", "tampered", () => security({ tail: Buffer.from([1, 0, 0, 0, 7, 0]) })],
]);

/** A length that leads out of every signature, with nothing behind it. */
const ENDLESS = Buffer.from("ffffffff", "hex");

/** The fields of an officer's signature, each as it is written, and some of them otherwise. */
function parts(
  { publicKey }: SshKey,
  other: Readonly<Partial<Record<"key" | "namespace" | "signature", Buffer>>>,
): Buffer {
  const whole = { key: publicKey.wire!, namespace: SPACE, signature: Buffer.alloc(0) };
  const written = (name: keyof typeof whole): Buffer => other[name] ?? wireString(whole[name]);
  return Buffer.concat([
    Buffer.from("SSHSIG\0\0\0\u0001", "latin1"),
    written("key"),
    written("namespace"),
    wireString(""),
    wireString("sha512"),
    written("signature"),
  ]);
}

/** Whether a number needs a zero before it, so that it is not one below nothing. */
const large = (number: Buffer): boolean => number.length === 33;
const small = (number: Buffer): boolean => number.length === 32;

/** A signature whose first number is such a one: every second is. */
function whenFirst(
  fits: (r: Buffer) => boolean,
  change: (r: Buffer, s: Buffer) => readonly Buffer[],
) {
  return (key: SshKey, message: Buffer): Buffer => {
    for (;;) {
      let found = false;
      const raw = numbers((r, s) => {
        found = fits(r);
        return found ? change(r, s) : [r, s];
      });
      const signature = sshSignature(key, message, SPACE, { raw });
      if (found) return signature;
    }
  };
}
