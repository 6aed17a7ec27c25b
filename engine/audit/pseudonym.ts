/**
 * Patients by pseudonym: HMAC-SHA-256 of the normalised id under a key of the deployment. Whoever has
 * the log but not the key cannot tell who a patient is; whoever has both can ask about one id.
 */
import { createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PhiwardError } from "../errors.ts";
import { refuseExposed } from "./checkpoint.ts";
import type { Hex64 } from "./record.ts";

export interface Pseudonyms {
  /** Under the current key. */
  of(value: string): Hex64;
  /** Under every key: for a look-up in records of all times. */
  all(value: string): readonly Hex64[];
}

/** At most so many pseudonyms are remembered. */
const REMEMBERED = 10_000;
/** Of longer values none is remembered: whoever makes them up would fill the memory. */
const MAX_LENGTH = 256;

/** `current` names one of `keys`. */
export function pseudonyms(
  keys: ReadonlyMap<string, KeyObject>,
  current: string,
  remembered = REMEMBERED,
): Pseudonyms {
  const key = keys.get(current);
  if (key === undefined) {
    throw new PhiwardError("UNKNOWN_NAME", `there is no subject key \`${current}\``, {
      help: "the name is that of a file `subject-NAME.key` in the folder of keys",
    });
  }
  // Two halves, of which the older is dropped whole. To drop the oldest of one map, one by one, would
  // take longer than to make a pseudonym: a map walks over all that was deleted to find its first.
  let older = new Map<string, Hex64>();
  let newer = new Map<string, Hex64>();
  return {
    of(value) {
      const known = newer.get(value);
      if (known !== undefined) return known;
      const made = older.get(value) ?? hmac(key, value);
      if (value.length > MAX_LENGTH) return made;
      if (newer.size >= remembered / 2) {
        older = newer;
        newer = new Map();
      }
      newer.set(detached(value), made);
      return made;
    },
    all: (value) => [...keys.values()].map((one) => hmac(one, value)),
  };
}

/** A KeyObject is prepared once; raw bytes would be prepared for every call. */
function hmac(key: KeyObject, value: string): Hex64 {
  return createHmac("sha256", key).update(value, "utf8").digest("hex");
}

/** A copy: a part of a text holds the whole text in memory, and a client's texts may be large. */
function detached(value: string): string {
  return Buffer.from(value, "utf8").toString("utf8");
}

const KEY_BYTES = 32;
const KEY_FILE = /^subject-([A-Za-z0-9][A-Za-z0-9._-]{0,63})\.key$/;

/** The key `subject-<name>.key` in a folder; where there is none, 32 random bytes, mode 0600. */
export function loadOrCreateSubjectKey(folder: string, name: string): KeyObject {
  const path = join(folder, `subject-${name}.key`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, randomBytes(KEY_BYTES), { mode: 0o600, flag: "wx" });
  }
  return readKey(path);
}

/** Every subject key of a folder, by name. */
export function loadSubjectKeys(folder: string): ReadonlyMap<string, KeyObject> {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return new Map(
    names.flatMap((file) => {
      const name = KEY_FILE.exec(file)?.[1];
      return name === undefined ? [] : [[name, readKey(join(folder, file))] as const];
    }),
  );
}

function readKey(path: string): KeyObject {
  refuseExposed(path);
  const bytes = readFileSync(path);
  if (bytes.length !== KEY_BYTES) {
    throw new PhiwardError("INVALID_INPUT", `\`${path}\` is no subject key`, {
      help: `a subject key is ${KEY_BYTES} random bytes`,
    });
  }
  return createSecretKey(bytes);
}
