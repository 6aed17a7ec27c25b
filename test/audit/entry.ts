import type { OutcomeEntry, RejectedEntry } from "../../engine/audit/record.ts";
import { START, uuid } from "./generate.ts";

/** An entry that says its number, from 0 on, and for which somebody waits. */
export function entry(n: number, fields: Partial<RejectedEntry> = {}): RejectedEntry {
  return {
    kind: "rejected",
    at: START + n,
    code: "unknown_token",
    transport: "http",
    count: n + 1,
    ...fields,
  };
}

/** An entry that nobody waits for. */
export function outcome(n: number): OutcomeEntry {
  return {
    kind: "outcome",
    at: START + n,
    decision: uuid(n),
    status: "ok",
    ms: n,
    bytes: 0,
    items: 0,
    resultSubjects: [],
  };
}
