/** Everything that the pages are made of, gathered once; and what a page is made of. */
import type { Access } from "../access/access.ts";
import type { Excerpt } from "../audit/index/excerpt.ts";
import type { Verification } from "../audit/verify/verify.ts";
import type { ListedToken } from "../grant/list.ts";
import type { ShownReport } from "../render/audit-report.ts";
import type { EngineFile } from "../schema/types.ts";
import type { Connection } from "./connections.ts";
import type { History } from "./history.ts";
import type { WrittenRecords } from "./records.ts";
import type { GrantRow, ServerRow } from "./registry.ts";
import type { InForce } from "./release.ts";
import type { Citation } from "./rule.ts";
import type { Tally } from "./tally.ts";

export interface Facts {
  /** RFC 3339, both ends included. */
  readonly period: { readonly from: string; readonly to: string };
  /** When it was made, RFC 3339. */
  readonly made: string;
  readonly chain: {
    readonly verification: Verification;
    /** undefined when no record is of the period. */
    readonly excerpt: Excerpt | undefined;
    readonly records: WrittenRecords;
    /** Whether the records stand in the folder. */
    readonly included: boolean;
    /** SHA-256 of the public key (DER), 64 hexadecimal digits; undefined without one. */
    readonly fingerprint: string | undefined;
  };
  readonly tally: Tally;
  /** The activity report of the period, as `audit report` shows it. */
  readonly review: ShownReport;
  readonly history: History;
  readonly inForce: InForce;
  readonly access: Access;
  readonly registry: readonly GrantRow[];
  readonly servers: readonly ServerRow[];
  /** undefined where they are not kept on this machine. */
  readonly tokens: readonly ListedToken[] | undefined;
  /** undefined without a configuration file. */
  readonly config: EngineFile | undefined;
  readonly connections: readonly Connection[];
}

/** Text of ours, in which names stand between backticks. */
export type Words = string;

export interface Table {
  readonly caption: Words;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The file that has all rows, where the page shows the first ones only. */
  readonly file?: string;
}

export type Block =
  | { readonly kind: "says"; readonly text: Words }
  | { readonly kind: "warns"; readonly text: Words }
  | { readonly kind: "facts"; readonly facts: readonly (readonly [string, Words])[] }
  | { readonly kind: "list"; readonly items: readonly Words[] }
  /** The calls of each day, drawn; `id` is distinct within the page. */
  | { readonly kind: "days"; readonly id: string }
  | { readonly kind: "table"; readonly table: Table };

export interface Source {
  readonly figure: string;
  readonly file: string;
  /** What repeats it; absent where it was only copied. */
  readonly command?: string;
}

export interface Section {
  /** The anchor. */
  readonly id: string;
  readonly title: string;
  readonly citations: readonly Citation[];
  /** In front of what the deployment did. */
  readonly answer: Words;
  readonly did: readonly Block[];
  readonly from: readonly Source[];
  /** What it does not show. */
  readonly not: readonly Words[];
}

export function says(text: Words): Block {
  return { kind: "says", text };
}

export function warns(text: Words): Block {
  return { kind: "warns", text };
}

/** How a number of records is written, with its samples. */
export function records(samples: readonly number[]): string {
  return samples.map((seq) => `#${seq}`).join(" ");
}

export function number(value: number): string {
  return value.toLocaleString("en");
}
