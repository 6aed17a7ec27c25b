/** Where a state folder keeps its audit log and the keys that belong to it. */
import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { patientNames } from "../decide/label.ts";
import { PhiwardError } from "../errors.ts";
import { loadSubjectKeys, pseudonyms } from "./pseudonym.ts";
import type { Hex64 } from "./record.ts";
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

/**
 * The pseudonyms of the one patient that an id names, under every key of the state folder. The id is
 * read as a call's argument is: `p-1`, `Patient/p-1` and an URL that ends in it are the same patient.
 * The id is in no error.
 */
export function pseudonymsOf(id: string, { keys }: AuditState): readonly Hex64[] {
  const names = patientNames(id) ?? [];
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new PhiwardError("USAGE", "the id does not name one patient", {
      help: "write one id, such as p-17 or Patient/p-17",
    });
  }
  const known = loadSubjectKeys(keys);
  const [current] = known.keys();
  if (current === undefined) {
    throw new PhiwardError("UNREADABLE", `there is no subject key in \`${keys}\``, {
      help: "without the key under which patients were recorded nobody can be found",
    });
  }
  return pseudonyms(known, current).all(name);
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
