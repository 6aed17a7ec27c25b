/** Signs with a private key that this process holds: a builder's. */
import { type KeyObject, sign } from "node:crypto";
import { signedBytes } from "../dsse.ts";
import type { PublicKey } from "../keys.ts";
import type { Signer } from "./signer.ts";

export function pemSigner(privateKey: KeyObject, key: PublicKey): Signer {
  const hash = key.scheme === "ed25519" ? null : "sha256";
  return {
    key,
    sign: async (envelope) => ({
      keyid: key.id,
      bytes: sign(hash, signedBytes(envelope), privateKey),
    }),
  };
}
