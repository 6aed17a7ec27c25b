/**
 * Signatures of machines as Sigstore bundles v0.3, which cosign and @sigstore/verify check with the
 * machine's public key. A bundle has one signature, so there is one for each machine that signed;
 * people sign by SSH, which those tools do not know.
 */
import { createHash } from "node:crypto";
import type { Envelope } from "./dsse.ts";
import { ROLES } from "./roles.ts";
import type { Root } from "./root.ts";

export interface SigstoreBundle {
  readonly person: string;
  readonly keyid: string;
  /** github.com/sigstore/protobuf-specs, `Bundle`. */
  readonly bundle: object;
}

/** `root`: whose signatures count; the envelope has been verified under it. */
export function sigstoreBundles(
  { role, payload, signatures }: Envelope,
  { owners }: Root,
): readonly SigstoreBundle[] {
  return signatures.flatMap(({ keyid, bytes }) => {
    const owner = owners.get(keyid);
    if (owner === undefined || owner.key.scheme === "sshsig") return [];
    const der = owner.key.key.export({ format: "der", type: "spki" });
    const hint = createHash("sha256").update(der).digest("base64");
    const bundle = {
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
      dsseEnvelope: {
        payload: payload.toString("base64"),
        payloadType: ROLES[role].payloadType,
        // cosign refuses every signature that names its key.
        signatures: [{ sig: bytes.toString("base64"), keyid: "" }],
      },
    };
    return [{ person: owner.person, keyid, bundle }];
  });
}
