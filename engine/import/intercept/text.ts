/** Texts for the agent, as long as ours may be. */
import type { Json } from "../../json/value.ts";

export const MAX_TEXT = 2000;

export function textOf(text: Json | undefined): string | undefined {
  return typeof text === "string" && text !== "" ? text.slice(0, MAX_TEXT) : undefined;
}
