/** A note goes into the log for years and is read by many, so it must name no patient. */
import { rangeOf, recordsOfPatient } from "../audit/index/find.ts";
import { type Index, patientKey } from "../audit/index/schema.ts";
import { loadSubjectKeys, pseudonyms } from "../audit/pseudonym.ts";
import type { AuditState } from "../audit/state.ts";
import { patientNames } from "../decide/label.ts";
import { PhiwardError } from "../errors.ts";
import { identifiersIn } from "../phi/detect.ts";

export const MAX_NOTE_CHARACTERS = 500;

/** The pseudonyms of a patient's name under every key of a state folder. */
export type AllPseudonyms = (name: string) => readonly string[];

export function allPseudonyms({ keys }: Pick<AuditState, "keys">): AllPseudonyms {
  const known = loadSubjectKeys(keys);
  const [current] = known.keys();
  // Where no patient was ever recorded, none can be named.
  return current === undefined ? () => [] : pseudonyms(known, current).all;
}

/**
 * The note, without white space around it. Throws USAGE when it looks like an identifier of a person,
 * or when a word of it is an id of a patient that the log knows; the error repeats nothing of it.
 */
export function cleanNote(text: string, index: Index, pseudonymsOf: AllPseudonyms): string {
  const note = text.trim();
  if (note.length > MAX_NOTE_CHARACTERS) {
    throw refused(`the note is longer than ${MAX_NOTE_CHARACTERS} characters`, "say less");
  }
  if (/\p{Cc}/u.test(note)) throw refused("the note has control characters", "write one line");
  const [hit] = identifiersIn({ note });
  if (hit !== undefined) {
    throw refused(`the note holds what looks like ${hit.kind}`, NO_PATIENT);
  }
  if (wordsOf(note).some((word) => isKnownPatient(word, index, pseudonymsOf))) {
    throw refused("the note holds the id of a patient", NO_PATIENT);
  }
  return note;
}

const NO_PATIENT =
  "say what was found without naming anybody; the records are named by their numbers";

/** As they stand, and without the punctuation of a sentence. */
function wordsOf(note: string): readonly string[] {
  const words = note
    .split(/\s+/)
    .flatMap((word) => [word, word.replace(/^[("'[]+|[)"'\],.;:!?]+$/g, "")]);
  return [...new Set(words)].filter((word) => word !== "");
}

function isKnownPatient(word: string, index: Index, pseudonymsOf: AllPseudonyms): boolean {
  const everything = rangeOf(index, {});
  return (patientNames(word) ?? [])
    .flatMap((name) => pseudonymsOf(name))
    .some(
      (pseudonym) =>
        everything !== undefined &&
        recordsOfPatient(index, patientKey(pseudonym), everything).length > 0,
    );
}

function refused(message: string, help: string): PhiwardError {
  return new PhiwardError("USAGE", message, { help });
}
