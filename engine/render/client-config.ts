/** A client's configuration, to be put into its file. */
import type { ClientConfig } from "../operate/clients.ts";

export function clientConfigJson(config: ClientConfig): object {
  return { schema: "phiward.client-config/1", ...config };
}
