/** One signature under one key of the root: the scheme comes from the root, never from the envelope. */
import { verify } from "node:crypto";
import { type Envelope, signedBytes } from "./dsse.ts";
import type { PublicKey } from "./keys.ts";
import { ROLES } from "./roles.ts";
import { type SshVerdict, verifySshsig } from "./sshsig.ts";

export function verifySignature(
  envelope: Envelope,
  signature: Buffer,
  key: PublicKey,
  mustTouch: boolean,
): SshVerdict {
  const message = signedBytes(envelope);
  switch (key.scheme) {
    case "sshsig":
      return verifySshsig(signature, key, ROLES[envelope.role].namespace, message, mustTouch);
    case "ed25519":
      return verify(null, message, key.key, signature) ? "good" : "bad";
    case "ecdsa-p256-sha256":
      return verify("sha256", message, key.key, signature) ? "good" : "bad";
  }
}
