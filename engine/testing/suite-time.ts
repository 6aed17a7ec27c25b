/** The time at which the suites' calls happen, so that a witness reads like one of them; none where no suite says. */
import { parseInstant } from "../policy/time.ts";
import type { TestFile } from "../schema/types.ts";
import type { Located } from "../source.ts";

export function suiteTime(files: readonly Located<TestFile>[]): number | undefined {
  for (const { value } of files) {
    const at = value.now === undefined ? undefined : parseInstant(value.now);
    if (at !== undefined) return at;
  }
  return undefined;
}
