/** What an engine trusts: a root by digest, and either one release, or a stream above a floor. */
import { PhiwardError } from "../errors.ts";
import { readJson } from "../json/read.ts";
import type { TrustFile } from "../schema/types.ts";
import { validate } from "../schema/validate.ts";

/** Throws INVALID_INPUT: the file is the host's own, so that an error in it is no attack. */
export function readTrust(name: string, text: string): TrustFile {
  const read = readJson(name, text);
  if (!read.ok) {
    const { message, help, line, column } = read.problems[0]!;
    throw new PhiwardError("INVALID_INPUT", message, { help, place: { file: name, line, column } });
  }
  const checked = validate("trust", read.located);
  if (checked.ok) return checked.located.value;
  const { message, help, place } = checked.findings[0]!;
  throw new PhiwardError("INVALID_INPUT", message, { help, place, findings: checked.findings });
}
