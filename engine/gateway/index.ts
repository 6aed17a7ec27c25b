/**
 * The gateway, for who runs one. Apart from the rest of the public API, because only this part opens
 * sockets and starts processes.
 */
export type { Entry } from "../audit/record.ts";
export { type EngineConfig, readConfig, readStore } from "./config.ts";
export { type DevGateway, type DevOptions, startDevGateway } from "./dev.ts";
export {
  closeEmergency,
  type EmergencyClient,
  type EmergencyRefused,
  listEmergencies,
  openEmergency,
} from "./emergency-client.ts";
export { type Gateway, type GatewaySettings, startGateway } from "./gateway.ts";
export { listTools, type ScanTarget } from "./list-tools.ts";
export { type IssuerState, lookAtIssuers } from "./oidc/issuers.ts";
export type { PolicyEvent } from "./policy-source.ts";
export { type ServedGateway, serveReleases } from "./serve.ts";
