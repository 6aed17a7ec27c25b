/** What the catalogue says of tools. Absent is the worst, so a first label is a weaker one too. */
import { isByArgument, type LabelPart } from "../../decide/label.ts";
import { compareText } from "../../finding.ts";
import { own } from "../../json/value.ts";
import {
  type ByArgument,
  EFFECTS,
  type Effect,
  type Label,
  type Server,
  type Subject,
  type Volume,
  WORST_LABEL,
} from "../../policy/ir.ts";
import { formatPath } from "../../policy/path.ts";
import type { Located } from "../../source.ts";
import type { Change } from "../report.ts";
import { change } from "./change.ts";

/** From harmless to worst: a label that moves to the left claims more than before. */
const VOLUMES: readonly Volume[] = ["single", "chart", "bulk"];

const SAID: Readonly<Record<string, string>> = {
  subject: "patient argument",
  resultSubjects: "list of patients in results",
};

export function labels(
  id: string,
  was: Server | undefined,
  is: Server,
  located: Located<unknown>,
): Change[] {
  const changes: Change[] = [];
  for (const section of ["tools", "methods"] as const) {
    const names = new Set([...Object.keys(is[section]), ...Object.keys(was?.[section] ?? {})]);
    for (const target of [...names].sort()) {
      const before = own(was?.[section] ?? {}, target) ?? WORST_LABEL;
      const after = own(is[section], target) ?? WORST_LABEL;
      const ephi = before.ephi !== false || after.ephi !== false;
      for (const part of comparedLabels(before, after)) {
        changes.push(
          change({
            kind: "label",
            verdict: part.verdict,
            summary: `the ${SAID[part.name] ?? part.name} of \`${target}\` on \`${id}\` is labelled ${part.verdict === "broader" ? "more" : "less"} harmless than before`,
            before: part.before,
            after: part.after,
            located,
            pointer: [section, target, part.name],
            server: id,
            ...(section === "tools" ? { tool: target } : { method: target }),
            ephi,
          }),
        );
      }
    }
  }
  return changes;
}

/** A part of a label that changed, as written on both sides. */
interface ChangedPart {
  readonly name: string;
  readonly verdict: "broader" | "narrower";
  readonly before: string;
  readonly after: string;
}

function comparedLabels(before: Label, after: Label): ChangedPart[] {
  const effect = (one: Effect): number => EFFECTS.indexOf(one);
  const volume = (one: Volume): number => VOLUMES.indexOf(one);
  const paths = (one: Subject): string =>
    typeof one === "string" ? one : one.map(formatPath).join(", ");
  return [
    ...comparedPart<Effect>("effect", before.effect, after.effect, {
      worst: WORST_LABEL.effect,
      asBad: (is, was) => effect(is) >= effect(was),
    }),
    ...comparedPart<boolean>("ephi", before.ephi, after.ephi, {
      worst: WORST_LABEL.ephi,
      asBad: (is, was) => is || !was,
    }),
    ...comparedPart<Volume>("volume", before.volume, after.volume, {
      worst: WORST_LABEL.volume,
      asBad: (is, was) => volume(is) >= volume(was),
    }),
    // "unknown" denies what counts patients; to name an argument instead lets such calls through.
    ...comparedPart<Subject>("subject", before.subject, after.subject, {
      worst: WORST_LABEL.subject,
      asBad: (is, was) => is === "unknown" || paths(is) === paths(was),
      write: paths,
    }),
    // Patients that a result exposes and nobody looks for are missing from the audit.
    ...comparedPart<readonly string[]>(
      "resultSubjects",
      before.resultSubjects,
      after.resultSubjects,
      {
        worst: WORST_LABEL.resultSubjects,
        asBad: (is, was) => was.every((path) => is.includes(path)),
        write: (one) => (one.length === 0 ? "none" : one.join(", ")),
      },
    ),
  ];
}

interface Order<T> {
  readonly worst: T;
  /** Whether `is` claims nothing more harmless than `was`. */
  readonly asBad: (is: T, was: T) => boolean;
  readonly write?: (part: T) => string;
}

function comparedPart<T extends LabelPart>(
  name: string,
  was: T | ByArgument<T>,
  is: T | ByArgument<T>,
  { worst, asBad, write = String }: Order<T>,
): ChangedPart[] {
  const [before, after] = [written(was, worst, write), written(is, worst, write)];
  if (before === after) return [];
  const verdict = everywhere(is, was, worst, asBad) ? "narrower" : "broader";
  return [{ name, verdict, before, after }];
}

function written<T extends LabelPart>(
  part: T | ByArgument<T>,
  worst: T,
  write: (one: T) => string,
): string {
  if (!isByArgument(part)) return write(part);
  const cases = Object.entries(part.cases)
    .sort(([a], [b]) => compareText(a, b))
    .map(([value, one]) => `${value} ${write(one)}`);
  return `by ${formatPath(part.by)}: ${[...cases, `anything else ${write(worst)}`].join(", ")}`;
}

/** Whether `after` is as bad as `before` for every value of the argument. Of two arguments nobody can say. */
function everywhere<T extends LabelPart>(
  after: T | ByArgument<T>,
  before: T | ByArgument<T>,
  worst: T,
  asBad: (after: T, before: T) => boolean,
): boolean {
  const parts = [after, before].filter((part) => isByArgument(part));
  if (new Set(parts.map(({ by }) => formatPath(by))).size > 1) return false;
  const of = (part: T | ByArgument<T>, value: string | undefined): T => {
    if (!isByArgument(part)) return part;
    return value === undefined ? worst : (own(part.cases, value) ?? worst);
  };
  // Besides the cases there is always some value that is none of them.
  const values = [undefined, ...parts.flatMap(({ cases }) => Object.keys(cases))];
  return values.every((value) => asBad(of(after, value), of(before, value)));
}
