/** The recorder's key: whoever has it can tell whether a recorded value was made of a given one. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { refuseExposed } from "../audit/checkpoint.ts";
import { PhiwardError } from "../errors.ts";
import { KEY_BYTES } from "../phi/key.ts";

/**
 * The key `recorder.key` of a state folder; where there is none, 32 random bytes, mode 0600. Without a
 * state folder, a key that is gone with the process. Throws USAGE for a state folder within the policy
 * repository: a commit would publish the key beside what it hides.
 */
export function recorderKey(state: string | undefined, repository: string): Uint8Array {
  if (state === undefined) return randomBytes(KEY_BYTES);
  if (isWithin(real(state), real(repository))) {
    throw new PhiwardError("USAGE", "the recorder's state folder is within the policy repository", {
      help: "name a folder outside of it: the key must not be committed beside what it hides",
    });
  }
  const folder = join(state, "keys");
  const path = join(folder, "recorder.key");
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, randomBytes(KEY_BYTES), { mode: 0o600, flag: "wx" });
  }
  refuseExposed(path);
  const key = readFileSync(path);
  if (key.length === KEY_BYTES) return key;
  throw new PhiwardError("INVALID_INPUT", `\`${path}\` is no recorder's key`, {
    help: `it is ${KEY_BYTES} random bytes; remove the file for a new one`,
  });
}

/** Where a path leads when links are followed, as far as it exists. */
function real(path: string): string {
  const whole = resolve(path);
  if (existsSync(whole)) return realpathSync(whole);
  const parent = dirname(whole);
  return parent === whole ? whole : join(real(parent), whole.slice(parent.length));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
