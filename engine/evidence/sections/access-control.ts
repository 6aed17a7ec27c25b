import type { Repository } from "../../policy/ir.ts";
import { type Facts, number, type Section, says } from "../facts.ts";
import { tableOf } from "../tables.ts";
import { query } from "./commands.ts";

export function accessControl(facts: Facts): Section {
  const { access, inForce, tally } = facts;
  const { repository } = inForce.loaded;
  const rows = access.rows;
  const of = (kind: "all" | "conditional" | "none"): string =>
    number(rows.filter((row) => row.access === kind).length);
  return {
    id: "access-control",
    title: "Access control",
    citations: ["164.312(a)(1)"],
    answer: `Nothing is allowed that no policy allows. ${defaults(repository)}`,
    did: [
      {
        kind: "facts",
        facts: [
          [
            "Grants and policies in force",
            `${number(Object.keys(repository.grants).length)} grants, ${number(Object.keys(repository.policies).length)} policies, ${number(Object.keys(repository.servers).length)} servers`,
          ],
          [
            "Grant × tool",
            `${of("all")} without conditions, ${of("conditional")} under conditions, ${of("none")} not at all; proved over all calls, not for samples`,
          ],
          [
            "Denied in the period",
            `${number(tally.denied)} calls, each with the rule that denied it`,
          ],
        ],
      },
      says(
        "A call is allowed only when the grant is in force, the policy allows the tool, every condition holds, and no limit is used up. A condition that cannot be judged denies.",
      ),
      tableOf("data/denials.csv", facts, [
        ...["kind of rule", "policy", "rule", "server", "tool or method", "calls", "records"],
      ]),
    ],
    from: [
      {
        figure: "Effective access",
        file: "data/effective-access.csv",
        command: "phiward access --format csv",
      },
      {
        figure: "Denials by rule",
        file: "data/denials.csv",
        command: query(facts, "--verdict deny"),
      },
      { figure: "The policies, as released", file: "configuration/policies" },
    ],
    not: [
      "Access that does not go through the gateway: a client that holds the server's own credential reaches it directly.",
      "What the record system itself lets the gateway's credential do.",
    ],
  };
}

function defaults({ policies }: Repository): string {
  const open = Object.values(policies).filter((policy) => policy.default === "allow");
  return open.length === 0
    ? "Every policy in force denies by default."
    : `${number(open.length)} policies in force allow by default: ${open.map(({ name }) => `\`${name}\``).join(", ")}.`;
}
