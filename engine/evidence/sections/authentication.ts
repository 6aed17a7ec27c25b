import { type Facts, number, type Section, says } from "../facts.ts";
import { tableOf } from "../tables.ts";
import { query } from "./commands.ts";

export function authentication(facts: Facts): Section {
  const { registry, tally } = facts;
  const byToken = registry.filter(({ authentication: by }) => by === "grant token").length;
  const messages = tally.rejected.reduce((sum, { count }) => sum + count, 0);
  return {
    id: "authentication",
    title: "Person or entity authentication",
    citations: ["164.312(d)"],
    answer: `Every message proves which grant it comes from before anything else is looked at. ${number(messages)} messages of the period did not, or were of no valid form, and went no further.`,
    did: [
      {
        kind: "facts",
        facts: [
          [
            "By grant token",
            `${number(byToken)} grants: at least 256 random bits, kept as SHA-256, expiring, revoked one by one`,
          ],
          [
            "By identity provider (OIDC)",
            `${number(registry.length - byToken)} grants: signature, issuer, audience and expiry of each token are checked`,
          ],
          ["Upstream credentials", "stay in the gateway; a client never has one"],
        ],
      },
      tableOf("data/rejected.csv", facts),
      says(
        "A token stands for one grant, one identity and one day of issue. When any of these changes, its tokens are dead for good.",
      ),
    ],
    from: [
      {
        figure: "What was turned away",
        file: "data/rejected.csv",
        command: query(facts, "--kind rejected"),
      },
      { figure: "How each grant proves who it is", file: "data/grants.csv" },
      { figure: "Tokens", file: "data/tokens.csv", command: "phiward token list" },
    ],
    not: [
      "How a person proved who they are when a token was handed to them, or at the identity provider.",
      "Multi-factor authentication: where it is used, the identity provider asks for it. The rule in force does not name it.",
    ],
  };
}
