/** Test files as they are written, run on a repository. */
import type { ReadyRepository } from "../../engine/decide/prepare.ts";
import type { Json } from "../../engine/json/value.ts";
import { parse } from "../../engine/policy/parse.ts";
import type { TestFile } from "../../engine/schema/types.ts";
import { validate } from "../../engine/schema/validate.ts";
import type { Located } from "../../engine/source.ts";
import { runTests, type TestOptions, type TestReport } from "../../engine/testing/run.ts";
import { NOW } from "./world.ts";

export function suiteOf(text: string, file = "tests/a.test.yaml"): Located<TestFile> {
  const parsed = parse(file, text);
  if (!("located" in parsed)) throw new Error(parsed.findings[0]?.message);
  const checked = validate("tests", parsed.located as Located<Json>);
  if (!checked.ok) throw new Error(checked.findings.map(({ message }) => message).join("; "));
  return checked.located;
}

export function runSuite(
  repository: ReadyRepository,
  text: string,
  options: Partial<TestOptions> = {},
): TestReport {
  return runTests(repository, [suiteOf(text)], { now: NOW, ...options });
}
