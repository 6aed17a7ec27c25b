/** Who can sign: a key of a person, or one of a machine. */
import type { Envelope, Signature } from "../dsse.ts";
import type { PublicKey } from "../keys.ts";

export interface Signer {
  readonly key: PublicKey;
  /** May ask the person for a passphrase or a touch. Rejects when they refuse. */
  sign(envelope: Envelope): Promise<Signature>;
}
