/** Approvals as a file: for who runs the gate where the Action does not. */
import { PhiwardError } from "../errors.ts";
import { readJson } from "../json/read.ts";
import { validate } from "../schema/validate.ts";
import type { Approvals } from "./approvals.ts";

/** Throws INVALID_INPUT at the first thing that is wrong. Whoever wrote the file answers for its truth. */
export function readApprovals(file: string, text: string): Approvals {
  const read = readJson(file, text);
  if (!read.ok) {
    const { message, help, line, column } = read.problems[0]!;
    throw new PhiwardError("INVALID_INPUT", message, { help, place: { file, line, column } });
  }
  const checked = validate("approvals", read.located);
  if (!checked.ok) {
    const { message, help, place } = checked.findings[0]!;
    throw new PhiwardError("INVALID_INPUT", message, { help, place });
  }
  const { problems = [], ...approvals } = checked.located.value;
  return { ...approvals, problems };
}
