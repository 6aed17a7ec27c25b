import { type Block, type Facts, number, type Section, says } from "../facts.ts";
import { tableOf } from "../tables.ts";
import { query } from "./commands.ts";

const CHANGES: readonly string[] = ["write", "destructive", "execute", "financial"];

export function integrity(facts: Facts): Section {
  const { tally, servers } = facts;
  const changing = tally.byEffect.filter(({ effect }) => CHANGES.includes(effect));
  const sum = (of: "allowed" | "denied"): number =>
    changing.reduce((total, one) => total + one[of], 0);
  return {
    id: "integrity",
    title: "Integrity",
    citations: ["164.312(c)(1)", "164.312(c)(2)"],
    answer: `${number(sum("allowed") + sum("denied"))} calls of the period were to change something: ${number(sum("allowed"))} were allowed and ${number(sum("denied"))} denied. Each is on record with its verdict.`,
    did: [
      {
        kind: "table",
        table: {
          caption: "Calls of the period by the worst that they can do.",
          head: ["effect", "calls", "allowed", "denied", "records"],
          rows: tally.byEffect.map(({ effect, count, allowed, denied, samples }) => [
            ...[effect, number(count), number(allowed), number(denied)],
            samples.map((seq) => `#${seq}`).join(" "),
          ]),
        },
      },
      says(
        "Rules and conditions gate what writes or deletes, limits stop many changes in a row, and a tool whose definition changed since its review is denied until somebody looks.",
      ),
      {
        kind: "facts",
        facts: [
          [
            "Servers whose credential can only read",
            `${number(servers.filter(({ credential }) => credential === "read only").length)} of ${number(servers.length)}`,
          ],
          [
            "Tools with a reviewed, pinned definition",
            `${number(servers.reduce((total, { pinned }) => total + pinned, 0))} of ${number(servers.reduce((total, { tools }) => total + tools, 0))} described`,
          ],
          ["Tools quarantined or drifted", quarantined(facts)],
        ],
      },
      ...deniedChanges(facts),
    ],
    from: [
      { figure: "Calls by effect", file: "data/tools.csv" },
      {
        figure: "Quarantines and drift",
        file: "data/releases.csv",
        command: query(facts, "--kind policy"),
      },
    ],
    not: [
      "That a record was not altered: there is no checksum of patient data here. The gateway prevents, and keeps a trail of what was tried; evidence of each change is the record system's own audit trail.",
      "What a change was from and to.",
    ],
  };
}

function quarantined({ history }: Facts): string {
  const found = history.releases.filter(
    ({ event }) => event === "quarantined" || event === "drift",
  );
  return found.length === 0
    ? "none on record"
    : `${number(found.length)} on record, such as \`${found[0]!.what}\` (#${found[0]!.seq})`;
}

function deniedChanges(facts: Facts): Block[] {
  const effects = new Map(
    facts.tally.byTool.map(({ server, tool, effect }) => [`${server}/${tool}`, effect]),
  );
  const { table } = tableOf("data/denials.csv", facts);
  const [server, tool] = [table.head.indexOf("server"), table.head.indexOf("tool or method")];
  const rows = table.rows.filter((row) =>
    CHANGES.includes(effects.get(`${row[server]}/${row[tool]}`) ?? ""),
  );
  if (rows.length === 0) return [];
  return [
    {
      kind: "table",
      table: { ...table, caption: "Denied calls of tools that can change something.", rows },
    },
  ];
}
