/** What the emergency commands have in common. */
import { Args, Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";

export const grant = Args.string({ description: "the emergency grant", required: true });

export const url = Flags.string({
  description: "the gateway, such as https://gateway.example.org:8420",
  helpValue: "URL",
  env: "PHIWARD_URL",
});

interface Client {
  readonly url: string;
  readonly token: string;
}

/** Who asks, and whom. The token is never a flag: the shell's history and other users would see it. */
export function clientOf(engine: typeof Engine, gateway: string | undefined): Client {
  const token = process.env.PHIWARD_TOKEN ?? "";
  if (gateway === undefined) {
    throw new engine.PhiwardError("USAGE", "which gateway is meant?", {
      help: "name it with --url, or in PHIWARD_URL",
    });
  }
  if (token === "") {
    throw new engine.PhiwardError("USAGE", "nobody says who they are", {
      help: "set PHIWARD_TOKEN to your own token; an agent's or a service's opens nothing",
    });
  }
  return { url: gateway, token };
}
