/** Who accessed one patient's record; the patient is known here by pseudonym alone. */
import type { Index } from "../../audit/index/schema.ts";
import { pseudonymsOf } from "../../audit/state.ts";
import { type Who, who } from "../../audit/who.ts";
import { recordedOrigins } from "../../bundle/store/origins.ts";
import { PhiwardError } from "../../errors.ts";
import type { Books } from "../books.ts";
import type { Question } from "../handles.ts";
import { daysOf, periodOf } from "./period.ts";

export interface PatientAnswer {
  /** The pseudonym under the newest key. */
  readonly pseudonym: string;
  readonly who: Who;
}

/** A form's identifier, hashed; undefined when it names no patient. It goes no further than this. */
export function questionIn(form: URLSearchParams, { audit }: Books): Question | undefined {
  try {
    const pseudonyms = pseudonymsOf(form.get("patient")?.trim() ?? "", audit);
    return { pseudonyms, period: periodOf(daysOf(form)) };
  } catch (error) {
    if (error instanceof PhiwardError && error.code === "USAGE") return undefined;
    throw error;
  }
}

export function patientAnswer(
  { audit, state }: Books,
  index: Index,
  asked: Question,
): PatientAnswer {
  const { pseudonyms, period } = asked;
  return {
    pseudonym: pseudonyms.at(-1)!,
    who: who(audit.log, index, pseudonyms, period, recordedOrigins(state)),
  };
}
