/**
 * Envelopes (DSSE v1, github.com/secure-systems-lab/dsse): a payload, its type, and signatures over
 * both. A digest is always of the payload, so that a signature that comes later changes no identity.
 */
import { canonical, type Json } from "../json/value.ts";
import type { EnvelopeFile } from "../schema/types.ts";
import type { Demand } from "./checks.ts";
import { MAX_ENVELOPE_BYTES } from "./limits.ts";
import { readSigned, strictBase64 } from "./read.ts";
import { ROLES, type Role } from "./roles.ts";

export interface Signature {
  /** Selects a key of the root; the key itself never comes from here. */
  readonly keyid: string;
  readonly bytes: Buffer;
}

/** Not trusted: nothing of the payload may be used before its signatures are counted. */
export interface Envelope {
  readonly role: Role;
  readonly payload: Buffer;
  readonly signatures: readonly Signature[];
}

/** The bytes that are signed: the pre-authentication encoding of DSSE. */
export function signedBytes({ role, payload }: Pick<Envelope, "role" | "payload">): Buffer {
  const type = Buffer.from(ROLES[role].payloadType, "utf8");
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

export function readEnvelope(
  role: Role,
  what: string,
  bytes: Uint8Array,
  demand: Demand,
): Envelope {
  const file = readSigned("envelope", what, bytes, MAX_ENVELOPE_BYTES, demand);
  demand(
    "purpose",
    file.payloadType === ROLES[role].payloadType,
    `${what} was made for another purpose`,
  );
  const payload = strictBase64(file.payload);
  demand("form", payload !== undefined, `the payload of ${what} is not base64`);
  const signatures = file.signatures.map(({ keyid, sig }) => {
    const signature = strictBase64(sig);
    demand("form", signature !== undefined, `a signature of ${what} is not base64`);
    return { keyid, bytes: signature };
  });
  const different = new Set(signatures.map(({ keyid }) => keyid)).size === signatures.length;
  demand("duplicate", different, `${what} has two signatures of one key`);
  return { role, payload, signatures };
}

/** An envelope without a signature around a value. */
export function wrap(role: Role, value: unknown): Envelope {
  return { role, payload: Buffer.from(canonical(value as Json), "utf8"), signatures: [] };
}

/** With one more signature; a signature of the same key is replaced. */
export function withSignature(envelope: Envelope, signature: Signature): Envelope {
  const others = envelope.signatures.filter(({ keyid }) => keyid !== signature.keyid);
  return { ...envelope, signatures: [...others, signature] };
}

/** The file of an envelope: the same signatures give the same bytes, whoever signed first. */
export function writeEnvelope({ role, payload, signatures }: Envelope): string {
  const file: EnvelopeFile = {
    payloadType: ROLES[role].payloadType,
    payload: payload.toString("base64"),
    signatures: signatures
      .map(({ keyid, bytes }) => ({ keyid, sig: bytes.toString("base64") }))
      .sort((a, b) => (a.keyid < b.keyid ? -1 : 1)),
  };
  return canonical(file as unknown as Json);
}
