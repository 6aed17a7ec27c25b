import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";
import { tableOf } from "../tables.ts";
import { listed } from "./access-review.ts";
import { query } from "./commands.ts";

export function uniqueIdentification(facts: Facts): Section {
  const { registry, tally } = facts;
  const kinds = Map.groupBy(registry, ({ kind }) => kind);
  const shared = [...Map.groupBy(registry, ({ principal }) => principal)].filter(
    ([, of]) => of.length > 1,
  );
  return {
    id: "unique-identification",
    title: "Unique user identification",
    citations: ["164.312(a)(2)(i)"],
    answer: `${number(tally.byPrincipal.length)} identities made calls in the period. Each call names exactly one; a call without one goes no further.`,
    did: [
      {
        kind: "facts",
        facts: [
          ...[...kinds]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([kind, of]) => [`Identities of kind ${kind}`, number(of.length)] as const),
          [
            "Identities that more than one grant has",
            shared.length === 0 ? "none" : listed(shared.map(([principal]) => principal)),
          ],
        ],
      },
      says(
        "The text of the rule speaks of users, and access control of persons and software programs: here an agent is a user with an identity of its own, and names the person who answers for it.",
      ),
      ...unanswered(facts),
      tableOf("data/principals.csv", facts, [
        ...["principal", "responsible", "calls", "allowed", "denied", "first", "last"],
      ]),
    ],
    from: [
      {
        figure: "Calls by identity",
        file: "data/principals.csv",
        command: query(facts, "--principal ID"),
      },
      { figure: "Identities with their grants", file: "data/grants.csv" },
    ],
    not: [
      "That a token or a login was used by its owner alone. Its loss or sharing shows only in how it was used.",
    ],
  };
}

function unanswered({ registry }: Facts): Block[] {
  const none = registry.filter(({ kind, responsible }) => kind !== "person" && responsible === "");
  return none.length === 0
    ? []
    : [
        warns(
          `No person answers for ${number(none.length)} agents or services: ${listed(none.map(({ principal }) => principal))}.`,
        ),
      ];
}
