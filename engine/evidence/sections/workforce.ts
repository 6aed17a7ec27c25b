import { type Facts, number, type Section, says } from "../facts.ts";
import { tableOf } from "../tables.ts";
import { listed } from "./access-review.ts";

export function workforce(facts: Facts): Section {
  const { registry, history } = facts;
  const people = [...new Set(registry.map(({ responsible }) => responsible))]
    .filter((one) => one !== "")
    .sort();
  const approvers = [...new Set(history.changes.flatMap(({ approvers: by }) => by))].sort();
  return {
    id: "workforce",
    title: "Workforce security",
    citations: [
      "164.308(a)(3)(i)",
      "164.308(a)(3)(ii)(A)",
      "164.308(a)(3)(ii)(B)",
      "164.308(a)(3)(ii)(C)",
    ],
    answer: `${number(people.length)} people answer for agents and services. Each grant names one purpose and one justification, and ends by itself: none is valid for more than 366 days.`,
    did: [
      tableOf("data/grants.csv", facts, [
        ...["grant", "kind", "responsible", "purpose", "justification", "access", "expires"],
      ]),
      {
        kind: "facts",
        facts: [
          [
            "Authorisation",
            "a grant is a file in Git; what widens access waits for the approval of the groups that the policies before the change name",
          ],
          ["Approvers on record", approvers.length === 0 ? "none" : listed(approvers)],
          ["Termination", "see “User provisioning and termination records”"],
          ["People who answer for others", people.length === 0 ? "none" : listed(people)],
        ],
      },
      says("Supervision: every call of an agent carries the person who answers for it."),
    ],
    from: [
      { figure: "Grants with their purpose", file: "data/grants.csv" },
      { figure: "Changes with their approvers", file: "data/policy-changes.csv" },
      { figure: "Beginnings and ends", file: "data/access-history.csv" },
    ],
    not: [
      "Clearance of people (§164.308(a)(3)(ii)(B)), job descriptions, and when somebody left: the organisation's own records.",
      "That the approvers are who their accounts say: approvals are taken from the platform where the change was reviewed, as the builder of the release states them.",
    ],
  };
}
