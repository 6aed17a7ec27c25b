/** The console, for who runs one. Apart from the rest of the public API, because it opens a socket. */
export { type PolicyReader, releasePolicy, treePolicy } from "./policy.ts";
export {
  type ConsoleIssuer,
  LIMITS,
  type Limits,
  type Listen,
  LOOPBACK,
} from "./settings.ts";
export { type Console, type ConsoleOptions, startConsole } from "./start.ts";
