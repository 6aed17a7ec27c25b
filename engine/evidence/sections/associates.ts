import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";
import { tableOf } from "../tables.ts";

export function associates(facts: Facts): Section {
  const { servers, inForce } = facts;
  const required = inForce.loaded.repository.requireBaa;
  const needed = servers.filter(({ ephiTools }) => ephiTools > 0);
  const signed = needed.filter((one) => one.inForce && one.baa === "signed");
  return {
    id: "associates",
    title: "Business associate agreements down the chain",
    citations: ["164.308(b)(1)", "164.308(b)(3)"],
    answer: `${number(needed.length)} servers have tools that may touch patient data; ${number(signed.length)} of them have a signed agreement in force at the time of this export.`,
    did: [
      tableOf("data/servers.csv", facts, [
        ...["server", "vendor", "agreement", "signed", "expires", "in force"],
        ...["of these ePHI", "credential", "ePHI calls"],
      ]),
      required
        ? says(
            "The policies demand an agreement (`requireBaa: true`): a call that may touch patient data is denied while there is none in force.",
          )
        : warns(
            "The policies do not demand an agreement (`requireBaa` is off): a call is not denied for the lack of one.",
          ),
      ...missing(facts),
      ...denied(facts),
    ],
    from: [
      { figure: "Vendor and agreement of each server", file: "data/servers.csv" },
      { figure: "As it was reviewed in Git", file: "configuration/policies" },
    ],
    not: [
      "The agreements themselves, or whether they say what §164.504(e) asks. The dates were entered by the people who reviewed the policies.",
      "An agreement with whoever hosts the gateway, where that is somebody else.",
      "Vendors behind a server: a vendor's own subcontractors are in its agreement.",
    ],
  };
}

function missing({ servers }: Facts): Block[] {
  const without = servers.filter((one) => one.ephiTools > 0 && !one.inForce);
  if (without.length === 0) return [];
  return [
    warns(
      `No agreement in force, although tools may touch patient data: ${without.map(({ server, baa }) => `\`${server}\` (${baa.replace("_", " ")})`).join(", ")}.`,
    ),
  ];
}

function denied({ tally }: Facts): Block[] {
  const found = tally.denials.filter(({ rule }) => rule === "(no baa)");
  const count = found.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return [];
  return [says(`${number(count)} calls of the period were denied for the lack of one.`)];
}
