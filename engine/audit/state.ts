/** Where a state folder keeps its audit log and the keys that belong to it. */
import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PhiwardError } from "../errors.ts";
import { listSegments } from "./segments.ts";

export interface AuditState {
  /** The folder of the log. */
  readonly log: string;
  /** The folder of the keys. */
  readonly keys: string;
}

/** Throws NO_AUDIT_LOG when nothing was ever recorded there. */
export function auditState(state: string): AuditState {
  const log = join(state, "audit");
  if (listSegments(log).length === 0) {
    throw new PhiwardError("NO_AUDIT_LOG", `there is no audit log in \`${state}\``);
  }
  return { log, keys: join(state, "keys") };
}

/** The public key that a state folder keeps beside its signing key; undefined when there is none. */
export function ownPublicKey({ keys }: AuditState): KeyObject | undefined {
  const path = join(keys, "checkpoint.pem.pub");
  return existsSync(path) ? publicKey(path, readFileSync(path, "utf8")) : undefined;
}

/** An Ed25519 public key in PEM; `path` is only named in errors. */
export function publicKey(path: string, pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPublicKey(pem);
  } catch {
    // Said below; the parser's own words may repeat what stands in the file.
  }
  if (key?.asymmetricKeyType === "ed25519") return key;
  throw new PhiwardError("INVALID_INPUT", `\`${path}\` is no Ed25519 public key`, {
    help: "a PEM file that begins with `-----BEGIN PUBLIC KEY-----`",
  });
}
