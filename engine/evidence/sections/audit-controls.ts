import { CONFIG_DEFAULTS } from "../connections.ts";
import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";
import { tableOf } from "../tables.ts";

export function auditControls(facts: Facts): Section {
  const { chain, config, tally } = facts;
  const { verification } = chain;
  const checkpoints = config?.audit?.checkpoints;
  const every = checkpoints?.every ?? CONFIG_DEFAULTS.checkpointEvery;
  const records = checkpoints?.records ?? CONFIG_DEFAULTS.checkpointRecords;
  return {
    id: "audit-controls",
    title: "Audit controls",
    citations: ["164.312(b)"],
    answer:
      verification.verdict === "whole"
        ? "A call is forwarded only when its record is on disk. The log is whole: no record was edited, removed, reordered or inserted."
        : "A call is forwarded only when its record is on disk. The log is BROKEN: what was found is listed under “The chain”.",
    did: [
      {
        kind: "facts",
        facts: [
          [
            "Recorded",
            "every call before its effect, its outcome afterwards, and what was turned away",
          ],
          ["Where", "an append-only log, one hash chain for each gateway"],
          [
            "Signed",
            `a checkpoint every ${every} or ${number(records)} records, and at every stop`,
          ],
          ["Checkpoints also kept at", sinks(facts)],
          ["If nothing can be recorded", "nothing is forwarded"],
          [
            "Examined by",
            "queries, the activity report, the question who reached a patient, and verification",
          ],
        ],
      },
      ...silent(facts),
      tableOf("data/operations.csv", facts),
      says(
        `In the period ${number(tally.kinds.checkpoint)} checkpoints were signed and ${number(tally.kinds.admin)} administrative events recorded.`,
      ),
    ],
    from: [
      { figure: "Verification", file: "data/verification.json", command: "phiward audit verify" },
      { figure: "How the gateway records", file: "configuration/engine.json" },
      { figure: "Starts, stops and recoveries", file: "data/operations.csv" },
    ],
    not: [
      "Which of the organisation's systems need audit controls: that is decided by its risk analysis.",
      "A retention period for raw logs that the rule would prescribe: it prescribes none. See “Documentation”.",
    ],
  };
}

function sinks({ config }: Facts): string {
  const to = config?.audit?.checkpoints?.to ?? [];
  if (config === undefined) return "not known: no configuration file was given";
  return to.length === 0
    ? "nowhere: who can write to this machine could cut the end of the log off"
    : `${number(to.length)} places`;
}

/** Days without any record, between the first and the last one. */
function silent({ tally }: Facts): Block[] {
  const days = tally.byDay.map(({ day }) => Date.parse(day) / DAY_MS);
  const gaps = days.flatMap((day, i) => {
    const before = days[i - 1];
    return before === undefined || day - before <= 1 ? [] : [day - before - 1];
  });
  const missing = gaps.reduce((sum, gap) => sum + gap, 0);
  return missing === 0
    ? []
    : [warns(`On ${number(missing)} days between the first and the last call nothing was called.`)];
}

const DAY_MS = 24 * 60 * 60 * 1000;
