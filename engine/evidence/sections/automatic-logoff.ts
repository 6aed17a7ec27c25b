import { CONFIG_DEFAULTS } from "../connections.ts";
import { type Facts, number, type Section, says, warns } from "../facts.ts";

export function automaticLogoff({ config, tally }: Facts): Section {
  const idle = config?.sessions?.idle ?? CONFIG_DEFAULTS.idle;
  const absolute = config?.sessions?.absolute ?? CONFIG_DEFAULTS.absolute;
  return {
    id: "automatic-logoff",
    title: "Automatic logoff",
    citations: ["164.312(a)(2)(iii)"],
    answer: `A session without a message ends after ${idle}, and every session after ${absolute}.`,
    did: [
      {
        kind: "facts",
        facts: [
          ["Idle limit", `${idle}${config?.sessions?.idle === undefined ? " (the default)" : ""}`],
          [
            "Absolute limit",
            `${absolute}${config?.sessions?.absolute === undefined ? " (the default)" : ""}`,
          ],
          ["Sessions in the period", number(tally.sessions)],
        ],
      },
      says(
        "A session belongs to one grant. The identity is verified again for every message, so a revoked token or an ended grant stops the next one, and open streams end. Clients of the stateless revision of MCP (2026-07-28) have no session: each message proves its identity by itself.",
      ),
      ...(config === undefined
        ? [warns("No configuration file was given to this export: the defaults are shown.")]
        : []),
    ],
    from: [{ figure: "Session limits", file: "configuration/engine.json" }],
    not: ["Screens of people: whether an unattended workstation locks itself."],
  };
}
