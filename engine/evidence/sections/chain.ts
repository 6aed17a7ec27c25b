import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";

export function chain(facts: Facts): Section {
  const { verification, fingerprint } = facts.chain;
  const { checkpoints, first, last } = verification;
  return {
    id: "chain",
    title: "The chain",
    citations: ["164.312(b)"],
    answer:
      verification.verdict === "whole"
        ? "Every record of the log was read and fits its hash, each follows the one before, and every signed checkpoint agrees."
        : `The log is not what was written: ${number(verification.problemCount)} problems were found.`,
    did: [
      {
        kind: "facts",
        facts: [
          ["Verdict", verification.verdict === "whole" ? "whole" : "BROKEN"],
          [
            "Name of the chain",
            `\`${verification.origin ?? "not known: its beginning is missing"}\``,
          ],
          [
            "Records in the whole log",
            `${number(verification.records)}, from #${first?.seq ?? 0} (${first?.at ?? ""}) to #${last?.seq ?? 0} (${last?.at ?? ""})`,
          ],
          ["Hash of the last record", `\`${verification.head ?? ""}\``],
          [
            "Checkpoints",
            `${number(checkpoints.inLog)} in the log; ${number(checkpoints.verified)} signatures fit, ${number(checkpoints.unverified)} were not checked`,
          ],
          [
            "Public key",
            fingerprint === undefined
              ? "none was found"
              : `Ed25519, SHA-256 of its DER form \`${fingerprint}\``,
          ],
        ],
      },
      ...problems(facts),
      ...excerpt(facts),
      says(
        "A chain shows an edit, a removal, a new order and an insertion. That its end was cut off, or that its keeper computed all of it anew, is shown by a checkpoint that was kept elsewhere, checked with a public key that came on another way. See `how-to-verify.html`.",
      ),
    ],
    from: [
      {
        figure: "Verification of the whole log",
        file: "data/verification.json",
        command: "phiward audit verify",
      },
      { figure: "Verification of this folder", file: "verify.mjs", command: "node verify.mjs" },
    ],
    not: [
      "Records since the last checkpoint that left the machine, if somebody with its keys rewrote them.",
      "Chains of other gateways: each has its own folder of evidence.",
    ],
  };
}

const MAX_PROBLEMS = 50;

function problems({ chain: { verification } }: Facts): Block[] {
  if (verification.problems.length === 0) return [];
  return [
    {
      kind: "table",
      table: {
        caption: "What was found in the log, in its order.",
        head: ["what", "file", "line", "record", "says"],
        rows: verification.problems
          .slice(0, MAX_PROBLEMS)
          .map(({ kind, segment, line, seq, says: words }) => [
            ...[kind, `${String(segment).padStart(10, "0")}.jsonl`, String(line)],
            ...[seq === null ? "" : `#${seq}`, words],
          ]),
        file: "data/verification.json",
      },
    },
  ];
}

const BEGINS = {
  genesis: "with the first record of the chain",
  checkpoint: "with a signed checkpoint from before the period",
  unsigned: "with the oldest record that is kept; no checkpoint before it is here",
} as const;

function excerpt({ chain: { excerpt: one, records, included } }: Facts): Block[] {
  if (one === undefined) return [warns("No record of the log is of this period.")];
  if (!included) return [];
  const ends =
    one.ends === "checkpoint"
      ? "with a signed checkpoint behind the period"
      : "with the newest record; no checkpoint covers the last ones yet";
  return [
    says(
      `The folder \`records\` has the records #${one.first} to #${one.last} (${number(records.lines)} lines). It begins ${BEGINS[one.begins]}, and ends ${ends}.`,
    ),
  ];
}
