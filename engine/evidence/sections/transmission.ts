import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";
import { tableOf } from "../tables.ts";

export function transmission(facts: Facts): Section {
  const { connections, config } = facts;
  const open = connections.filter((one) => !one.protected);
  return {
    id: "transmission",
    title: "Transmission security",
    citations: ["164.312(e)(1)", "164.312(e)(2)(i)", "164.312(e)(2)(ii)"],
    answer:
      open.length === 0
        ? "Every connection that the configuration names is encrypted with TLS, or does not leave the gateway's machine."
        : `${number(open.length)} connections are not encrypted.`,
    did: [
      tableOf("data/connections.csv", facts),
      ...open.map(
        ({ what, address }): Block =>
          warns(
            `\`${what}\` (\`${address}\`) is plain HTTP: what crosses that network can be read and changed.`,
          ),
      ),
      says(
        "TLS both encrypts and notices a modification in transit. It is set in one place for both legs, client to gateway and gateway to server. TLS 1.3 is the default and nothing older than 1.2 is spoken.",
      ),
      ...(config === undefined
        ? [
            warns(
              "No configuration file was given to this export: the connection between clients and the gateway is not in the table.",
            ),
          ]
        : []),
    ],
    from: [
      { figure: "Connections", file: "data/connections.csv" },
      { figure: "The gateway's configuration", file: "configuration/engine.json" },
    ],
    not: [
      "Which cipher was in use at a moment, or whether a certificate was valid then: this is the configuration in force.",
      "Connections of a server behind the gateway, and of clients to anything else.",
      "TLS that ends at a proxy before the gateway.",
    ],
  };
}
