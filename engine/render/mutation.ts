/** The mutation report, for a terminal and as JSON. */
import type { MutationReport, Seen, Survivor, Witness } from "../mutate/report.ts";
import { type Paint, plural, visible } from "./paint.ts";

export function mutationJson(report: MutationReport): object {
  const { survivors, ...counts } = report;
  return { ...counts, survivors: survivors.map(survivorJson) };
}

function survivorJson({ place, mutation, witness, ...rest }: Survivor): object {
  return {
    ...place,
    mutation,
    ...rest,
    witness: witness === undefined ? null : witnessJson(witness),
  };
}

/** A call as `explain --call` takes it; of a sequence the last one, with all of them beside it. */
export function witnessJson({ method, tool, args, at, sequence, ...who }: Witness): object {
  return {
    ...who,
    ...(tool === "" ? { method } : { tool }),
    args,
    // A policy alone is judged without dates.
    ...(who.policy !== undefined && sequence === undefined
      ? {}
      : { at: new Date(at).toISOString() }),
    ...(sequence === undefined
      ? {}
      : {
          sequence: sequence.map((step) => ({ ...step, at: new Date(step.at).toISOString() })),
        }),
  };
}

export function mutationText(report: MutationReport, paint: Paint): string {
  const { killed, survived, equivalent, unproved, score, survivors } = report;
  const mark = survived === 0 ? paint("green", "✓") : paint("yellow", "▲");
  const more = [
    ...(equivalent > 0 ? [`${equivalent} equivalent, proved and not counted`] : []),
    ...(unproved > 0 ? [`${unproved} of the survivors not proved to differ`] : []),
  ];
  return [
    ...survivors.flatMap((survivor) => survivorLines(survivor, paint)),
    `${mark} mutation score ${paint("bold", `${score} %`)}: ${killed} of ${plural(killed + survived, "mutant")} killed, ${survived} survived${more.length === 0 ? "" : ` (${more.join("; ")})`}`,
  ].join("\n");
}

function survivorLines(survivor: Survivor, paint: Paint): string[] {
  const { place, mutation, witness, expected, mutant, unproved } = survivor;
  const where = visible(`${place.file}:${place.line}:${place.column}`);
  const head = `${paint("bold", where)}  ${paint("yellow", "survived")}  ${visible(mutation)}`;
  if (witness === undefined || expected === undefined || mutant === undefined) {
    return [head, `    ${paint("dim", `not proved to differ: ${visible(unproved ?? "")}`)}`];
  }
  const { sequence, ...call } = witnessJson(witness) as { sequence?: readonly object[] };
  const calls = witness.sequence?.reduce((sum, { repeat }) => sum + repeat, 0) ?? 1;
  return [
    head,
    `    ${paint("dim", calls === 1 ? "no test makes this call:" : `no test makes ${calls} calls, the last of them:`)} ${visible(JSON.stringify(call))}`,
    `    ${paint("dim", "expected:")} ${seenText(expected)}${paint("dim", "; with the mutation:")} ${seenText(mutant)}`,
  ];
}

function seenText({ verdict, rule, ephi, effect }: Seen): string {
  return verdict === "deny"
    ? `deny by ${visible(rule)}`
    : `allow (${ephi ? "ePHI" : "no ePHI"}, ${effect})`;
}
