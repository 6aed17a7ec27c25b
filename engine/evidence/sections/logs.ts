import { plural } from "../../render/paint.ts";
import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";
import { tableOf } from "../tables.ts";
import { periodFlags } from "./commands.ts";

export function logs(facts: Facts): Section {
  const { tally, chain } = facts;
  return {
    id: "logs",
    title: "Access, audit and activity logs",
    citations: ["164.312(b)", "164.308(a)(1)(ii)(D)"],
    answer: `${number(tally.decisions)} tool calls were judged in the period and recorded before anything was forwarded: ${number(tally.allowed)} allowed and ${number(tally.denied)} denied.`,
    did: [
      {
        kind: "facts",
        facts: [
          ["Records of the period", number(tally.records)],
          ["Calls judged", number(tally.decisions)],
          [
            "Calls that may touch patient data",
            `${number(tally.ephi.allowed)} allowed, ${number(tally.ephi.denied)} denied`,
          ],
          ["Outcomes of allowed calls", outcomes(facts)],
          [
            "Turned away without a valid identity or form",
            `${number(tally.rejected.reduce((sum, { count }) => sum + count, 0))} messages, in ${number(tally.kinds.rejected)} records`,
          ],
          [
            "Administrative and policy records",
            `${number(tally.kinds.admin)} and ${number(tally.kinds.policy)}`,
          ],
          [
            "Patients named by calls or results",
            `${number(tally.patients)}, by pseudonym: no identifier stands in the log or in this folder`,
          ],
          ["Gateways", tally.nodes.map((node) => `\`${node}\``).join(", ")],
        ],
      },
      { kind: "days", id: "logdays" },
      says(
        "Each record of a call holds the grant, the identity and the person who answers for it, the purpose, the server and tool, the names of the arguments (never their values), the patients by pseudonym, the verdict, the rule that decided, the policy by digest, and the release with its commit.",
      ),
      ...recordFiles(facts),
      tableOf("data/tools.csv", facts, [
        ...["server", "tool or method", "effect", "ePHI", "calls", "allowed", "denied", "records"],
      ]),
      ...notes(facts),
    ],
    from: [
      chain.included
        ? { figure: "Every record, as it stands in the chain", file: "records/0000000001.jsonl" }
        : { figure: "Counts by day", file: "data/days.csv" },
      {
        figure: "Counts by tool",
        file: "data/tools.csv",
        command: `phiward audit query ${periodFlags(facts)} --format csv`,
      },
      {
        figure: "Counts by day",
        file: "data/days.csv",
        command: `phiward audit report ${periodFlags(facts)}`,
      },
    ],
    not: [
      "Calls that did not go through the gateway.",
      "What was asked and answered: arguments and results are not recorded, only the names of arguments and the size of results.",
      "What a person did in the record system itself: pair it with that system's own audit trail.",
    ],
  };
}

function outcomes({ tally }: Facts): string {
  const ended = Object.values(tally.outcomes).reduce((sum, count) => sum + count, 0);
  const parts = Object.entries(tally.outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([status, count]) => `${number(count)} ${status.replace("_", " ")}`);
  const open = tally.allowed - ended;
  return [
    ...parts,
    ...(open > 0 ? [`${number(open)} not known: no outcome in the period`] : []),
  ].join(", ");
}

function recordFiles({ chain }: Facts): Block[] {
  const { records, included } = chain;
  if (!included) {
    return [
      says("The records themselves were left out of this folder. The figures are of all of them."),
    ];
  }
  const beside =
    records.beside === 0
      ? ""
      : ` ${number(records.beside)} of them are not of the period: they lead to the signed checkpoint before it, or behind it, and are in no count.`;
  return [
    says(
      `The folder \`records\` holds ${number(records.lines)} records in ${plural(records.parts.length, "file")} of lines, byte for byte as they stand in the chain, and beside each a table for spreadsheets in \`records/csv\`.${beside}`,
    ),
  ];
}

function notes({ tally, review }: Facts): Block[] {
  const { totals } = review.report.activity;
  return [
    ...(totals.calls.now === tally.decisions
      ? []
      : [
          warns(
            `The index counts ${number(totals.calls.now)} calls, and the records are ${number(tally.decisions)}: the index is damaged, and the activity report with it.`,
          ),
        ]),
    ...(tally.dev > 0
      ? [
          warns(
            `${number(tally.dev)} records were written by a gateway in development mode. They show nothing of a deployment.`,
          ),
        ]
      : []),
    ...(tally.monitored > 0
      ? [
          warns(
            `${number(tally.monitored)} calls were only watched (\`mode: monitor\`): a rule would have denied them, and they were forwarded because they touch no patient data.`,
          ),
        ]
      : []),
  ];
}
