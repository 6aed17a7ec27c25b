/** The command that repeats a figure, as a person would type it beside the state folder. */
import type { Facts } from "../facts.ts";

export function query(facts: Facts, filter: string): string {
  return `phiward audit query ${filter} ${periodFlags(facts)}`;
}

export function periodFlags({ period }: Facts): string {
  return `--from ${period.from.slice(0, 10)} --to ${period.to.slice(0, 10)}`;
}
