import type { Policy, RuleSet } from "../../policy/ir.ts";
import { type Block, type Facts, number, type Section, says } from "../facts.ts";
import { query } from "./commands.ts";

export function minimumNecessary(facts: Facts): Section {
  const { access, inForce, tally } = facts;
  const reach = access.rows.filter(({ access: kind, ephi }) => kind !== "none" && ephi);
  const policies = Object.values(inForce.loaded.repository.policies);
  const bulk = tally.byVolume.find(({ volume }) => volume === "bulk");
  const chart = tally.byVolume.find(({ volume }) => volume === "chart");
  return {
    id: "minimum-necessary",
    title: "Minimum necessary",
    citations: ["164.502(b)", "164.514(d)(1)-(2)", "164.514(d)(5)"],
    answer: `A grant reaches the tools that its policy names, with the arguments that it allows. Of ${number(access.rows.length)} combinations of grant and tool, ${number(reach.length)} can touch patient data at all.`,
    did: [
      {
        kind: "facts",
        facts: [
          [
            "Policies that name every argument that may be present",
            `${number(policies.filter((one) => rules(one).some(({ args }) => args !== undefined)).length)} of ${number(policies.length)}`,
          ],
          [
            "Policies with a limit on different patients",
            `${number(policies.filter((one) => rules(one).some(({ limits }) => limits.some(({ distinct }) => distinct === "subject"))).length)} of ${number(policies.length)}`,
          ],
          [
            "Calls for many patients at once (bulk)",
            `${number(bulk?.allowed ?? 0)} allowed, ${number(bulk?.denied ?? 0)} denied`,
          ],
          [
            "Calls for a whole chart",
            `${number(chart?.allowed ?? 0)} allowed, ${number(chart?.denied ?? 0)} denied`,
          ],
          ["By purpose", purposes(facts)],
        ],
      },
      says(
        "Where the rule does not apply, such as a request by a provider for treatment, the same limits hold: they are set by policy, and not by exception.",
      ),
      reachOf(facts),
    ],
    from: [
      {
        figure: "Effective access with its conditions",
        file: "data/effective-access.csv",
        command: "phiward access --ephi",
      },
      {
        figure: "Calls stopped by limits",
        file: "data/denials.csv",
        command: query(facts, "--rule limit"),
      },
    ],
    not: [
      "That what is allowed is the minimum: somebody decides that for each purpose, and the reviews show that it was looked at.",
      "Which fields of a result an agent used.",
      "Whether an exception of §164.502(b)(2) applied to a call. The purpose on record is that of the grant.",
    ],
  };
}

/** Without what no call reaches, and what touches no patient data; grants that reach the same stand together. */
function reachOf({ access }: Facts): Block {
  const reached = access.rows.filter((row) => row.access !== "none" && row.ephi);
  const alike = Map.groupBy(reached, ({ server, tool, method, effect, access: how, conditions }) =>
    JSON.stringify([
      `${server}/${tool === "" ? method : tool}`,
      effect,
      how,
      conditions.join("; "),
    ]),
  );
  const rows = [...alike].map(([key, of]) => {
    const [what, effect, how, conditions] = JSON.parse(key) as [string, string, string, string];
    return [what, effect, how, of.map(({ grant }) => grant).join("; "), conditions];
  });
  return {
    kind: "table",
    table: {
      caption: "What is reached of patient data, by proof, and by which grants.",
      head: ["server and tool", "effect", "access", "grants", "conditions"],
      rows,
      file: "data/effective-access.csv",
    },
  };
}

function rules({ allTools, tools, methods }: Policy): readonly RuleSet[] {
  return [allTools, ...Object.values(tools), ...Object.values(methods)];
}

function purposes({ tally }: Facts): string {
  return tally.byPurpose
    .map(({ purpose, count }) => `${purpose.replace("_", " ")} ${number(count)}`)
    .join(", ");
}
