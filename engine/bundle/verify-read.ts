/** What is read from somewhere, and then verified: a file that cannot be a release is a refusal too. */
import { PhiwardError } from "../errors.ts";
import { CHECKS, Refused } from "./checks.ts";
import type { ReleaseFiles } from "./files.ts";
import { type Verification, type VerifyOptions, verifyRelease } from "./verify.ts";

export interface ReadVerification {
  readonly verification: Verification;
  /** Absent when they could not be told apart. */
  readonly files?: ReleaseFiles;
}

/** Rejects only when nothing could be read. */
export async function verifyRead(
  read: () => Promise<ReleaseFiles>,
  options: VerifyOptions,
): Promise<ReadVerification> {
  try {
    const files = await read();
    return { verification: await verifyRelease(files, options), files };
  } catch (error) {
    const refused = error instanceof PhiwardError ? error.cause : undefined;
    if (!(refused instanceof Refused)) throw error;
    const { check, message: says } = refused;
    const checks = [{ name: check, attack: CHECKS[check], ok: false }];
    return { verification: { verdict: "untrusted", checks, refused: { check, says } } };
  }
}
