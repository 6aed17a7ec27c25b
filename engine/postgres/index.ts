/**
 * The database that several gateways share, for commands. Apart from the rest of the public API, because
 * only this part speaks to a database.
 */
export { sharedBars } from "./bars.ts";
export { withClient } from "./connect.ts";
export { recordsIn } from "./find.ts";
export { queryAll } from "./query.ts";
export {
  checkStore,
  checkVersion,
  grantRole,
  type Initialised,
  initStore,
  type StoreReport,
  type StoreRole,
} from "./schema.ts";
export { openShared } from "./shared.ts";
export { sharedTokens } from "./tokens.ts";
export type { StoreSettings } from "./url.ts";
export { type StoreVerification, verifyStore } from "./verify.ts";
export { whoOnAll } from "./who.ts";
