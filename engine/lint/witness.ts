/** What the semantic rules say of rules, targets and calls. */
import type { ReceivedObject } from "../json/value.ts";
import { InexactNumber } from "../json/value.ts";
import type { Pointer } from "../source.ts";
import type { EntrySite, Part, Ruled } from "./proofs.ts";
import { quoted } from "./rule.ts";

/** A witness longer than this is cut: it is read, not run. */
export const MAX_WITNESS = 120;

/**
 * The arguments of a call, on one line. Everything but printable ASCII is escaped: the call that slips
 * through a rule is often one with a character that looks like another one, or like nothing.
 */
export function witnessText(args: ReceivedObject): string {
  const text = JSON.stringify(args, (_, value: unknown) =>
    value instanceof InexactNumber ? `(number) ${value.text}` : value,
  );
  return shortened(escaped(text));
}

/** One text of a call, in quotes. */
export function textOfWitness(text: string): string {
  return shortened(escaped(JSON.stringify(text)));
}

function escaped(text: string): string {
  return text.replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function shortened(text: string): string {
  return text.length > MAX_WITNESS ? `${text.slice(0, MAX_WITNESS - 1)}…` : text;
}

/** `require/0`, or the entry's own name; with the section where it stands elsewhere. */
export function entryName(site: EntrySite, from?: EntrySite): string {
  const { section, kind, index, entry } = site;
  const elsewhere = section === "all_tools" && from?.section !== "all_tools";
  return quoted(entry.name ?? `${elsewhere ? "all_tools/" : ""}${kind}/${index}`);
}

function partName(part: Part, from?: EntrySite): string {
  if (part.part === "entry") return entryName(part.site, from);
  if (part.part === "args") return "`args`";
  return `\`${part.section === "all_tools" ? "all_tools/" : ""}limits/${part.index}\``;
}

/** Names that are listed before the rest is counted. */
const MAX_PARTS = 3;

export function partNames(parts: readonly Part[], from?: EntrySite): string {
  const names = parts.map((part) => partName(part, from));
  if (names.length > MAX_PARTS) {
    return `${names.slice(0, MAX_PARTS).join(", ")} and ${names.length - MAX_PARTS} more`;
  }
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Where an entry stands in its file, or one alternative of it. */
export function entryPointer({ section, name, kind, index }: EntrySite, group?: number): Pointer {
  const at = section === "all_tools" ? [section, kind, index] : [section, name, kind, index];
  return group === undefined ? at : [...at, "any_of", group];
}

/** The target that an entry judges, or that it judges several. */
export function judged(site: EntrySite, ruled: readonly Ruled[]): string {
  if (site.section !== "all_tools") return quoted(site.name);
  const names = new Set(ruled.map(({ target }) => ("tool" in target ? target.tool : "")));
  const [only] = names;
  return names.size === 1 ? quoted(only!) : "every tool that is reached";
}
