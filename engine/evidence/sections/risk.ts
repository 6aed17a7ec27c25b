import { type Facts, number, type Section, says } from "../facts.ts";
import { tableOf } from "../tables.ts";

export function risk(facts: Facts): Section {
  const { registry, servers, tally } = facts;
  return {
    id: "risk",
    title: "Risk analysis and risk-management plan",
    citations: ["164.308(a)(1)(ii)(A)", "164.308(a)(1)(ii)(B)"],
    answer:
      "This folder is neither. It shows one measure that a risk-management plan may name, for one path to patient data: calls of agents to tools.",
    did: [
      says(
        "What an analysis can take from here: which software reaches patient data, through what, with which effect, and what was stopped.",
      ),
      {
        kind: "facts",
        facts: [
          ["Identities with a grant", number(registry.length)],
          [
            "Servers that agents can reach",
            `${number(servers.length)}, with ${number(servers.reduce((sum, { ephiTools }) => sum + ephiTools, 0))} tools that may touch patient data`,
          ],
          [
            "Grants that reach patient data",
            number(registry.filter(({ reaches }) => reaches.ephi > 0).length),
          ],
          ["Calls denied in the period", number(tally.denied)],
        ],
      },
      tableOf("data/servers.csv", facts, [
        ...["server", "vendor", "transport", "credential", "tools", "of these ePHI", "pinned"],
      ]),
    ],
    from: [
      { figure: "Effective access", file: "data/effective-access.csv", command: "phiward access" },
      { figure: "Servers", file: "data/servers.csv" },
    ],
    not: [
      "A risk analysis, or a risk-management plan, or any part of the one that the organisation owes.",
      "Risks outside this path: people at their screens, backups, devices, other networks.",
    ],
  };
}
