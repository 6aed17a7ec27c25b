import type { OutcomeEntry } from "../../engine/audit/record.ts";
import { START, uuid } from "./generate.ts";

/** An entry that says its number. */
export function entry(n: number, fields: Partial<OutcomeEntry> = {}): OutcomeEntry {
  return {
    kind: "outcome",
    at: START + n,
    decision: uuid(n),
    status: "ok",
    ms: n,
    bytes: 0,
    items: 0,
    resultSubjects: [],
    ...fields,
  };
}
