/** What each role does all day: its tools, how often, on whom, and what the policy says no to. */
import type { DecisionEntry } from "../../engine/audit/record.ts";
import type { RoleName } from "./cast.ts";

export interface Habit {
  /** How often, beside the role's other habits. */
  readonly share: number;
  readonly server: "ehr" | "imaging" | "scheduling";
  readonly tool: string;
  readonly effect: DecisionEntry["effect"];
  readonly ephi: boolean;
  readonly volume: DecisionEntry["volume"];
  readonly subject: DecisionEntry["subject"];
  /** Of its clinic: those in a bed these days, or anybody. */
  readonly whom: "ward" | "clinic" | "nobody";
  readonly argKeys: readonly string[];
  /** Items of a result, at most. */
  readonly items: number;
  /** Different patients in a result, at most. */
  readonly results: number;
  /** Of a thousand calls, how many a rule denies. */
  readonly denied: Readonly<Record<string, number>>;
}

const SEARCH: Omit<Habit, "share" | "denied"> = {
  ...{ server: "ehr", tool: "fhir_search", effect: "read", ephi: true, volume: "bulk" },
  ...{ subject: "named", whom: "ward", argKeys: ["parameters", "resourceType"] },
  ...{ items: 20, results: 0 },
};
const REPORT: Omit<Habit, "share"> = {
  ...{ server: "imaging", tool: "get_report", effect: "read", ephi: true, volume: "single" },
  ...{ subject: "named", whom: "ward", argKeys: ["patient_id", "study"], items: 1, results: 0 },
  denied: { "/tools/get_report/args": 4, "/tools/get_report/limits/0": 2 },
};
const SLOTS: Omit<Habit, "share"> = {
  ...{ server: "scheduling", tool: "find_slots", effect: "read", ephi: false, volume: "single" },
  ...{ subject: "none", whom: "nobody", argKeys: ["clinic", "day"], items: 12, results: 0 },
  denied: { "/tools/find_slots/args": 2 },
};
const BOOKING: Omit<Habit, "share"> = {
  ...{ server: "scheduling", tool: "book_appointment", effect: "write", ephi: true },
  ...{ volume: "single", subject: "named", whom: "clinic" },
  ...{ argKeys: ["clinic", "patient_id", "slot"], items: 1, results: 0 },
  denied: { "/tools/book_appointment/require/0": 6 },
};

const LOOKUP_DENIED = {
  "/tools/fhir_search/require/0": 9,
  "/tools/fhir_search/deny_if/0": 3,
  "/tools/fhir_search/limits/0": 1,
  "(default deny)": 2,
};
const LOOKUP: Omit<Habit, "share"> = { ...SEARCH, denied: LOOKUP_DENIED };

export const HABITS = {
  bedside: [{ ...LOOKUP, share: 10 }],
  triage: [
    {
      ...{ ...SEARCH, share: 7, whom: "clinic" },
      denied: {
        "/tools/fhir_search/require/1": 6,
        "/tools/fhir_search/require/2": 4,
        "/tools/fhir_search/limits/0": 2,
      },
    },
    {
      ...{ share: 2, server: "ehr", tool: "fhir_create", effect: "write", ephi: true },
      ...{ volume: "single", subject: "named", whom: "clinic" },
      ...{ argKeys: ["resource", "resourceType"], items: 1, results: 0 },
      denied: { "/tools/fhir_create/require/0": 8, "/tools/fhir_create/limits/0": 1 },
    },
    { ...SLOTS, share: 1 },
    { ...BOOKING, share: 1 },
  ],
  billing: [
    {
      ...{ ...SEARCH, share: 8, whom: "clinic" },
      denied: { "/tools/fhir_search/require/0": 7, "/tools/fhir_search/limits/1": 2 },
    },
    {
      ...{ share: 2, server: "ehr", tool: "fhir_create", effect: "financial", ephi: true },
      ...{ volume: "single", subject: "named", whom: "clinic" },
      ...{ argKeys: ["resource", "resourceType"], items: 1, results: 0 },
      denied: { "/tools/fhir_create/require/3": 12 },
    },
  ],
  imaging: [
    { ...REPORT, share: 9 },
    {
      ...{ share: 1, server: "imaging", tool: "find_studies", effect: "read", ephi: true },
      ...{ volume: "bulk", subject: "unknown", whom: "ward" },
      ...{ argKeys: ["day", "modality", "page"], items: 12, results: 6 },
      denied: { "/tools/find_studies/require/0": 5 },
    },
    {
      ...{ share: 1, server: "imaging", tool: "list_modalities", effect: "read", ephi: false },
      ...{ volume: "single", subject: "none", whom: "nobody", argKeys: [], items: 9, results: 0 },
      denied: {},
    },
  ],
  booking: [
    { ...SLOTS, share: 6 },
    { ...BOOKING, share: 3 },
    {
      ...{ ...BOOKING, share: 1, tool: "cancel_appointment", argKeys: ["patient_id", "slot"] },
      denied: { "/tools/cancel_appointment/require/0": 3 },
    },
  ],
  cohort: [
    {
      ...{ ...SEARCH, share: 1, subject: "unknown", whom: "clinic", items: 100, results: 12 },
      denied: { "/tools/fhir_search/require/1": 4 },
    },
  ],
  clinician: [
    { ...LOOKUP, share: 6 },
    { ...REPORT, share: 4 },
  ],
  "er-assist": [{ ...LOOKUP, share: 1 }],
  consult: [{ ...LOOKUP, share: 1 }],
  "records-desk": [{ ...SLOTS, share: 1 }],
} as const satisfies Readonly<Record<RoleName, readonly Habit[]>>;
