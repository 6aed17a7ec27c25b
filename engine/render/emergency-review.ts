/** One opening of emergency access, for its reviewer. */
import type { OpeningToReview } from "../review/opening.ts";
import type { JustSigned } from "./audit-report.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";

export interface ShownOpening {
  readonly opening: OpeningToReview;
  readonly signed?: Omit<JustSigned, "own"> & {
    /** The signer opened it: a second person should look at it. */
    readonly own: boolean;
  };
}

export function emergencyReviewJson({ opening, signed }: ShownOpening): object {
  return {
    schema: "phiward.emergency-review/1",
    ...opening,
    ...(signed === undefined ? {} : { signed }),
  };
}

export function emergencyReviewText({ opening, signed }: ShownOpening, paint: Paint): string {
  const { grant, openedBy, reason, at, until, closed, calls, signatures } = opening;
  const end =
    closed === null
      ? `open until ${until}`
      : `closed ${closed.at}${closed.by === null ? " by itself" : ` by ${visible(closed.by)}`}`;
  const rows = calls.map(({ seq, at, server, tool, verdict, patients }) => [
    `  ${at}`,
    String(seq),
    `${visible(server)}/${visible(tool)}`,
    verdict === "allow" ? "allowed" : "denied",
    patients === 0 ? "" : plural(patients, "patient"),
  ]);
  return [
    `${paint("bold", visible(grant))} opened by ${visible(openedBy)} at ${at}, ${end}`,
    `reason: ${visible(reason)}`,
    "",
    calls.length === 0 ? "no call was made under it" : `${plural(calls.length, "call")} under it`,
    ...columns(rows, (text, column, row) =>
      column === 3 ? paint(calls[row]!.verdict === "allow" ? "green" : "red", text) : text,
    ),
    "",
    ...(signatures.length === 0 && signed === undefined
      ? [paint("yellow", "nobody has signed a review of it")]
      : signatures.map(
          ({ at, by, note }) =>
            `signed by ${visible(by)} on ${at}${note === null ? "" : `: ${visible(note)}`}`,
        )),
    ...signedLines(signed, paint),
  ].join("\n");
}

function signedLines(signed: ShownOpening["signed"], paint: Paint): string[] {
  if (signed === undefined) return [];
  const { by, told, own } = signed;
  return [
    told === "recorded"
      ? paint("green", `signed now by ${visible(by)}, and in the chain`)
      : paint("yellow", `signed by ${visible(by)}; it is recorded when the gateway starts`),
    ...(own
      ? [paint("yellow", "the signer opened it: a second person should look at it too")]
      : []),
  ];
}
