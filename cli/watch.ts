/** What a person at a terminal sees of a running development gateway: a line for each thing that happens. */
import type { Entry, PolicyEvent } from "../engine/gateway/index.ts";
import type * as Engine from "../engine/index.ts";

/** One line; undefined for what is not worth one. */
export function entryLine(
  engine: typeof Engine,
  entry: Entry,
  paint: Engine.Paint,
): string | undefined {
  const time = paint("dim", new Date(entry.at).toISOString().slice(11, 19));
  const line = (word: string, ...rest: string[]): string =>
    `${time}  ${word}  ${rest
      .filter((part) => part !== "")
      .map(engine.visible)
      .join("  ")}`;
  switch (entry.kind) {
    case "decision": {
      // The handshake and the lists of every client would hide what matters.
      if (entry.code === "built_in") return undefined;
      const what = `${entry.server}  ${entry.tool === "" ? entry.method : entry.tool}`;
      if (entry.monitor === true) {
        return line(paint("yellow", "watch "), what, entry.principal, entry.rule);
      }
      return entry.verdict === "allow"
        ? line(paint("green", "allow "), what, entry.principal)
        : line(paint("red", "deny  "), what, entry.principal, entry.rule);
    }
    case "rejected":
      return line(paint("yellow", "refuse"), entry.code, entry.grant ?? "");
    case "policy":
      return entry.event === "activated" || entry.event === "refused"
        ? undefined
        : line(paint("yellow", "policy"), entry.event, entry.server ?? "", entry.tool ?? "");
    case "admin":
      if (entry.action.startsWith("emergency.")) {
        const word = entry.action.slice("emergency.".length);
        return line(paint("red", "emerg."), word, entry.grant ?? "", entry.by ?? "");
      }
      return entry.action.startsWith("token.")
        ? line(paint("cyan", "token "), entry.action.slice("token.".length), entry.grant ?? "")
        : undefined;
    default:
      return undefined;
  }
}

/** One line; undefined for what its record says already. */
export function policyLine(
  engine: typeof Engine,
  event: PolicyEvent,
  paint: Engine.Paint,
): string | undefined {
  if (event.event === "activated") {
    const { version, digest } = event.policy.bundle;
    const name = version === "dev" ? `${digest.slice(0, 19)}…` : `release ${version}`;
    return `${paint("green", "policy taken over")}  ${name}`;
  }
  if (event.event !== "refused") return undefined;
  return `${paint("red", "policy refused")}, the one before stays: ${engine.visible(event.says)}`;
}
