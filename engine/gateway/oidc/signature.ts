/** The one place where a signature is looked at. */
import { type CryptoKey, compactVerify, errors } from "jose";
import type { Compact } from "./compact.ts";

/** Whether the key had signed the token, with the algorithm that its header names. */
export async function isSigned({ text, algorithm }: Compact, key: CryptoKey): Promise<boolean> {
  try {
    await compactVerify(text, key, { algorithms: [algorithm] });
    return true;
  } catch (error) {
    // An RSA key of fewer than 2048 bits is refused with a TypeError (RFC 7518 §3.3), and what OpenSSL
    // cannot read with a DOMException.
    const isRefusal =
      error instanceof errors.JOSEError ||
      error instanceof TypeError ||
      error instanceof DOMException;
    if (isRefusal) return false;
    throw error;
  }
}
