/** What happened: the records that a filter of known names chooses, page by page. */

import type { Index } from "../../audit/index/schema.ts";
import { type Filter, type Page, query } from "../../audit/query.ts";
import type { Kind, Verdict } from "../../audit/record.ts";
import { type Facets, facetsOf } from "./facets.ts";
import { type Days, daysOf, periodOf } from "./period.ts";

export const KINDS: readonly Kind[] = [
  "decision",
  "outcome",
  "rejected",
  "admin",
  "policy",
  "checkpoint",
];
export const VERDICTS: readonly Verdict[] = ["allow", "deny"];

/** Every name is one that the log has. */
export interface Asked extends Days {
  readonly principal?: string;
  readonly grant?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly verdict?: Verdict;
  readonly rule?: string;
  readonly kind?: Kind;
}

export interface Activity {
  readonly asked: Asked;
  /** Something was asked for that no record has: nothing is found, and nothing of it is repeated. */
  readonly unknown: boolean;
  readonly facets: Facets;
  readonly page: Page;
  /** The page that is shown begins behind this record. */
  readonly after?: number;
}

export const PAGE_ROWS = 50;

export function activity(
  folder: string,
  index: Index,
  given: URLSearchParams,
  limit = PAGE_ROWS,
): Activity {
  const facets = facetsOf(index);
  const { asked, unknown } = askedIn(orCalls(given), facets);
  const after = cursorIn(given.get("after"));
  const page: Page = unknown
    ? { records: [], problems: [] }
    : query(folder, index, filterOf(asked), { limit, after });
  return { asked, unknown, facets, page, ...(after === undefined ? {} : { after }) };
}

function filterOf({ from, to, ...names }: Asked): Filter {
  return {
    ...names,
    ...periodOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }),
  };
}

function askedIn(
  given: URLSearchParams,
  facets: Facets,
): { readonly asked: Asked; readonly unknown: boolean } {
  const known: Readonly<Record<keyof Omit<Asked, keyof Days>, readonly string[]>> = {
    principal: facets.principals,
    grant: facets.grants,
    server: facets.servers,
    tool: facets.tools,
    rule: facets.codes,
    verdict: VERDICTS,
    kind: KINDS,
  };
  const wanted = Object.entries(known).flatMap(([name, names]) => {
    const value = given.get(name) ?? "";
    return value === "" ? [] : [{ name, value, known: names.includes(value) }];
  });
  const names = wanted.filter((one) => one.known).map(({ name, value }) => [name, value]);
  return {
    asked: { ...daysOf(given), ...Object.fromEntries(names) },
    unknown: wanted.some((one) => !one.known),
  };
}

function cursorIn(text: string | null): number | undefined {
  return text !== null && /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : undefined;
}

/** Calls, unless something else is asked for: outcomes and checkpoints would bury them. */
function orCalls(given: URLSearchParams): URLSearchParams {
  if (given.has("kind")) return given;
  const calls = new URLSearchParams(given);
  calls.set("kind", "decision");
  return calls;
}

/** The question as part of an address. */
export function addressOf(asked: Asked, more: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({
    kind: "",
    ...(asked as Record<string, string>),
    ...more,
  }).toString();
}
