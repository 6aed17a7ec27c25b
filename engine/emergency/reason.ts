/**
 * The reason of an opening, in a person's own words. It goes into the log, into reports and to a
 * webhook, so nothing in it may be of a patient.
 */
import { formIn } from "../phi/forms.ts";
import { isMadeUp } from "../phi/made-up.ts";

/** In characters, once white space at both ends is gone. */
export const REASON_LENGTH = { min: 10, max: 500 } as const;

interface Suspicion {
  readonly says: string;
  readonly pattern: RegExp;
}

/** In a reason also what elsewhere is too common to be told from something else. */
const SUSPICIONS: readonly Suspicion[] = [
  // A ticket has letters before its number.
  { says: "a long number", pattern: /(?<![A-Za-z0-9-])[0-9][0-9 -]{4,}[0-9](?![A-Za-z0-9])/ },
  {
    says: "a date",
    pattern:
      /(?<![0-9])([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4})(?![0-9])/,
  },
  {
    says: "a person's name",
    pattern: /(?<![A-Za-z])(M(r|rs|s|iss)\.? [A-Z]|([Pp]atient|PATIENT):? [A-Z][a-z]+)/,
  },
  { says: "a patient's id", pattern: /(?<![A-Za-z])[Pp]atient\/[A-Za-z0-9]/ },
];

/** Why the text cannot be a reason, in words that do not repeat it; undefined: it can. */
export function reasonProblem(text: string): string | undefined {
  const { min, max } = REASON_LENGTH;
  const { length } = text.trim();
  if (length < min || length > max) return `a reason has ${min} to ${max} characters`;
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(text)) return "a reason is one line of visible characters";
  const form = formIn(text);
  if (form !== undefined) return `it holds what looks like ${form}: a reason names no patient`;
  for (const { says, pattern } of SUSPICIONS) {
    const found = pattern.exec(text);
    if (found !== null && !isMadeUp(found[0])) {
      return `it holds what looks like ${says}: a reason names no patient`;
    }
  }
  return undefined;
}
