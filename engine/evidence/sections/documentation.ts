import { type Facts, number, type Section, says } from "../facts.ts";

export function documentation(facts: Facts): Section {
  const { chain, history } = facts;
  const { first, last } = chain.verification;
  return {
    id: "documentation",
    title: "Documentation",
    citations: ["164.316(b)(2)(i)"],
    answer: `The log on the gateway's machine reaches from ${first?.at.slice(0, 10) ?? "nowhere"} to ${last?.at.slice(0, 10) ?? "nowhere"}.`,
    did: [
      says(
        "Six years are asked of required documentation: policies and procedures, and written records of actions, activities and assessments that the rule requires. Raw audit logs are not named; whether a log is such documentation is a judgement of the organisation.",
      ),
      {
        kind: "facts",
        facts: [
          [
            "Policies and grants",
            "every version stands in Git, with its author, date and review; releases are signed",
          ],
          [
            "Signed reviews in the log",
            number(history.activityReviews.length + history.accessReviews.length),
          ],
          [
            "Archives of the log on record",
            number(history.operations.filter(({ action }) => action === "log.archived").length),
          ],
        ],
      },
    ],
    from: [
      {
        figure: "What the log holds",
        file: "data/verification.json",
        command: "phiward audit verify",
      },
    ],
    not: [
      "That this folder is kept: whoever receives it decides how long.",
      "Documentation outside the gateway.",
    ],
  };
}
