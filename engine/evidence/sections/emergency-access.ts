import { plural } from "../../render/paint.ts";
import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";
import { tableOf } from "../tables.ts";
import { query } from "./commands.ts";

export function emergencyAccess(facts: Facts): Section {
  const { registry, history } = facts;
  const dormant = registry.filter(({ emergency }) => emergency !== "");
  return {
    id: "emergency-access",
    title: "Emergency access procedure",
    citations: ["164.312(a)(2)(ii)"],
    answer:
      dormant.length === 0
        ? "The policies in force have no grant for emergencies."
        : `${number(dormant.length)} grants are dormant until a person who is named in them opens one, with a reason, for a limited time. Since the log began this happened ${number(history.openings.length)} times.`,
    did: [
      ...(dormant.length === 0
        ? [
            warns(
              "If agents are needed to reach patient data in an emergency, this specification is not met by the gateway here; the organisation's own procedure has to say how.",
            ),
          ]
        : [
            {
              kind: "list" as const,
              items: dormant.map(({ grant, emergency }) => `\`${grant}\`: ${emergency}`),
            },
          ]),
      ...openings(facts),
    ],
    from: [
      {
        figure: "Openings, closings and reviews",
        file: "data/emergency-access.csv",
        command: query(facts, "--kind admin --rule emergency.opened"),
      },
      { figure: "Who may open what", file: "data/grants.csv" },
    ],
    not: [
      "The procedure for the people: who is called, what is done when the gateway itself is down, and how often that is practised.",
    ],
  };
}

function openings(facts: Facts): Block[] {
  const { openings: all, refusedOpenings } = facts.history;
  if (all.length === 0) {
    return [says("No emergency access was opened up to the end of the period.")];
  }
  const waiting = all.filter(({ reviewed }) => reviewed === "");
  return [
    tableOf("data/emergency-access.csv", facts, [
      ...["opened", "record", "grant", "opened by", "reason", "until", "closed", "reviewed by"],
    ]),
    says(
      `${number(refusedOpenings.length)} attempts to open one were refused. An opening ends by itself; afterwards the grant is dormant again.`,
    ),
    ...(waiting.length === 0
      ? []
      : [
          warns(
            `${plural(waiting.length, "opening")} without a signed review: ${waiting.map(({ seq }) => `record #${seq}`).join(", ")}.`,
          ),
        ]),
  ];
}
