/** Fixtures, read for patient data: by a person's hand, by a recorder, or as they were sent. */
import { fixtureFiles } from "../calls/fixtures.ts";
import { readLines } from "../calls/lines.ts";
import type { Finding } from "../finding.ts";
import type { Tree } from "../host/tree.ts";
import { readJson } from "../json/read.ts";
import { isObject, own, type Received, type ReceivedObject } from "../json/value.ts";
import { identifiersIn } from "../phi/detect.ts";
import { sealOf } from "../phi/seal.ts";
import { MAX_PROBLEMS } from "../policy/limits.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { Located } from "../source.ts";
import { HELP, messageOf, patientData } from "./rules/patient-data.ts";
import { isSuppressed } from "./suppress.ts";

export interface FixtureReport {
  readonly findings: readonly Finding[];
  /** How many findings phiward.yaml suppresses. */
  readonly suppressed: number;
}

/** Findings beyond a number in one file are left out: a recording may be all patient data. */
export async function patientDataInFixtures(
  tree: Tree,
  { project }: LoadedRepository,
  now: number,
): Promise<FixtureReport> {
  const suppressions = project?.value.suppress ?? [];
  const findings: Finding[] = [];
  let suppressed = 0;
  for (const path of await fixtureFiles(tree)) {
    let listed = 0;
    for await (const piece of readLines(tree, path)) {
      if ("findings" in piece) continue;
      for (const { text, number } of piece.lines) {
        if (listed >= MAX_PROBLEMS) break;
        for (const finding of lineFindings(path, number, text)) {
          const silent =
            finding.rule === patientData.id && isSuppressed(finding, suppressions, now);
          if (silent) suppressed++;
          else findings.push(finding);
          if (!silent) listed++;
        }
      }
    }
  }
  return { findings, suppressed };
}

function lineFindings(file: string, number: number, text: string): Finding[] {
  const read = readJson(file, text, { foldKeys: true });
  // What is wrong with the line is said by who reads fixtures.
  if (!read.ok || !isObject(read.value)) return [];
  const line = read.value as ReceivedObject;
  const recorded = own(line, "recorded");
  const marks = isObject(recorded) ? (recorded as ReceivedObject) : {};
  if (own(marks, "values") === "raw") return [rawFinding(read.located, number)];
  if (isRecorders(line, marks)) return [];
  const { args } = line;
  if (args === undefined) return [];
  return identifiersIn({ args }).map(({ kind, pointer }) => ({
    rule: patientData.id,
    severity: patientData.severity,
    message: messageOf(kind),
    help: HELP,
    place: { ...read.located.place(pointer), line: number },
  }));
}

/** Its values were replaced, and nobody has changed them since. */
function isRecorders(line: ReceivedObject, marks: ReceivedObject): boolean {
  const { tool, args } = line;
  if (!isObject(args)) return false;
  const replaced = own(marks, "replaced") ?? [];
  if (!Array.isArray(replaced)) return false;
  const seal = sealOf({
    tool: typeof tool === "string" ? tool : undefined,
    args: args as ReceivedObject,
    replaced: replaced as readonly string[],
  });
  return own(marks, "seal") === seal;
}

/** Not to be suppressed, as what is wrong with a file's form is not. */
function rawFinding(located: Located<Received>, line: number): Finding {
  return {
    rule: "raw-recording",
    severity: "error",
    message: "the values of this call are as they were sent",
    help: "remove the file, from the history too if it was committed, and record without `--raw`",
    place: { ...located.place(["recorded", "values"]), line },
  };
}
