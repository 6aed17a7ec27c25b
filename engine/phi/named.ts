/** Values that are identifiers because of what they are called, and of what stands beside them. */
import { isObject, type ReceivedObject } from "../json/value.ts";
import type { IdentifierKind } from "./detect.ts";
import { isYearOnly } from "./forms.ts";
import { isCounting } from "./made-up.ts";

/** A whole day; what FHIR writes in front of one may stay. */
const DAY =
  /^(?:eq|ne|gt|lt|ge|le|sa|eb|ap)?([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}|(?:19|20)[0-9]{6})/;

interface Naming {
  readonly kind: IdentifierKind;
  /** Of the name's words, in lower case. */
  readonly names: RegExp;
  readonly real: (text: string) => boolean;
  /** Only beside something of a patient: by itself the name is of anything. */
  readonly besidePatient?: true;
}

const isDay = (text: string): boolean => {
  const day = DAY.exec(text)?.[1];
  return day !== undefined && !isYearOnly(day);
};
const hasDigits =
  (least: number) =>
  (text: string): boolean => {
    const digits = text.replace(/[^0-9]/g, "");
    return (
      digits.length >= least &&
      text.length <= 64 &&
      !isCounting(digits) &&
      /^[A-Za-z]{0,6}[ #:/|-]?[A-Za-z0-9][A-Za-z0-9 .#:/|-]*$/.test(text)
    );
  };
/** Words of letters, each with a capital: no code, no sentence, no pattern. */
const isName = (text: string): boolean =>
  text.length <= 60 &&
  /^\p{Lu}[\p{L}'’.-]+(?:[ ,]+\p{Lu}[\p{L}'’.-]*){0,3}$/u.test(text) &&
  !ROLE.test(text);
const ROLE =
  /(^|[^a-z])(patient|person|agent|nurse|doctor|clinic|hospital|department|surname|family|given|name|first|last|observation|condition|medication)s?([^a-z]|$)/i;

const NAMINGS: readonly Naming[] = [
  {
    kind: "a social security number",
    names: /^(us )?(ssn|social security( (number|no))?)$/,
    real: (text) =>
      /^[0-9]{3}-?[0-9]{2}-?[0-9]{4}$/.test(text) &&
      !/^(000|666|9)/.test(text) &&
      hasDigits(9)(text) &&
      text.replaceAll("-", "") !== "123456789",
  },
  {
    kind: "a date of a person's life",
    names:
      /^(patient )?(birth ?date|dob|date of birth|birth day|birthday|death ?date|date of death|deceased( date)?( time)?|admi(ssion|t)( date)?( time)?|discharged?( date)?( time)?)$/,
    real: isDay,
  },
  {
    kind: "an age over 89",
    names: /^(patient )?age( years| in years)?$/,
    real: (text) => /^[0-9]{2,3}$/.test(text) && Number(text) > 89 && Number(text) < 125,
  },
  {
    kind: "a person's name",
    names:
      /^((patient|member|subscriber|guarantor|insured|beneficiary|person|contact|emergency contact) )?(name|full name|first ?names?|last ?names?|middle ?name|given( names?)?|family( name)?|surname|maiden ?name|fname|lname)$|^patient$/,
    real: isName,
    besidePatient: true,
  },
  {
    kind: "a telephone number",
    names:
      /^(home |mobile |cell |work |patient |contact )?(phone|telephone|tel|mobile|cell|fax|pager)( (number|no))?$/,
    real: (text) => {
      const digits = text.replace(/[^0-9]/g, "");
      return (
        digits.length >= 7 &&
        digits.length <= 15 &&
        !/555/.test(digits.slice(-10, -4)) &&
        !isCounting(digits) &&
        /^[0-9+(). x-]+$/.test(text)
      );
    },
  },
  {
    kind: "a medical record number",
    names:
      /^(patient )?(mrn|medical record( (number|no|id))?|chart (number|no|id)|hospital (number|no)|identifier)$/,
    real: (text) => {
      // FHIR writes `system|value`.
      const number = text.slice(text.lastIndexOf("|") + 1);
      return hasDigits(5)(number) && !/^urn:|^https?:/.test(number) && !EXAMPLE_ID.test(number);
    },
  },
  {
    kind: "a health plan number",
    names:
      /^(health plan )?(member|subscriber|beneficiary|insurance|policy|medicare|medicaid|mbi|hicn)( (beneficiary )?(id|number|no|identifier))?$/,
    real: hasDigits(6),
  },
  {
    kind: "an account number",
    names: /^(patient |guarantor |bank |billing )?(account|acct|iban)( (id|number|no))?$/,
    real: hasDigits(6),
  },
  {
    kind: "a licence number",
    names: /^(drivers? )?(licen[cs]e|certificate|passport)( (id|number|no))?$/,
    real: hasDigits(6),
  },
  {
    kind: "a vehicle's number",
    names:
      /^(vin|licen[cs]e plate|plate( (number|no))?|vehicle( (id|number|identification number))?)$/,
    real: hasDigits(3),
  },
  {
    kind: "a device's number",
    names:
      /^(device (id|identifier|serial( number)?)|serial( (number|no))?|udi|imei|mac( address)?)$/,
    real: (text) => hasDigits(5)(text) || /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text),
  },
  {
    kind: "an address",
    names: /^(home |mailing |street )?address( line( ?[12])?)?$|^street( name)?$|^line$/,
    real: (text) => /^[0-9]{1,6} \p{Lu}/u.test(text) && !/^(1|123) (Main|Any)/.test(text),
  },
  {
    kind: "an address",
    names: /^(zip|zip ?code|postal ?code|address postalcode)$/,
    real: (text) =>
      /^[0-9]{5}(-[0-9]{4})?$/.test(text) &&
      !/^(00000|12345|99999)/.test(text) &&
      !isCounting(text),
    besidePatient: true,
  },
  {
    kind: "a patient's id",
    names:
      /^(patient|patients|subject|member|beneficiary|person)( (id|ids|identifier|ref|reference|uuid|key))?$|^reference$/,
    real: isLongId,
  },
  { kind: "a patient's id", names: /^(logical )?_?id$/, real: isLongId, besidePatient: true },
];

/** How examples number people. */
const EXAMPLE_ID = /^p-?[0-9]{1,6}(,p-?[0-9]{1,6})*$/i;

/** As systems number people: long. */
function isLongId(text: string): boolean {
  const id = /(?:^|\/)Patient\/([^/]+)/.exec(text)?.[1] ?? (text.includes("/") ? "" : text);
  const digits = id.replace(/[^0-9]/g, "");
  if (EXAMPLE_ID.test(id)) return false;
  const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(id);
  if (uuid) return !/^(0{8}|1{8}|a{8}|12345678|deadbeef)-/i.test(id);
  return /^[A-Za-z0-9.-]{5,64}$/.test(id) && digits.length >= 5 && !isCounting(digits);
}

/** Members that only a patient's record, or a search for a patient, has. */
const PATIENT_WORDS =
  /^(patient|patients|patient id|mrn|birth ?date|dob|date of birth|ssn|deceased.*|medical record.*|gender|family|given|first ?name|last ?name)$/;

/** `names`: of the value and of all that holds it. `around`: what holds it, from the outside in. */
export function namedKind(
  text: string,
  names: readonly string[],
  around: readonly ReceivedObject[],
): IdentifierKind | undefined {
  const last = names.at(-1);
  if (last === undefined) return undefined;
  const own = wordsOf(last);
  for (const { kind, names: pattern, real, besidePatient } of NAMINGS) {
    if (!pattern.test(own) || !real(text)) continue;
    if (besidePatient === true && !isOfPatient(own, names, around)) continue;
    return kind;
  }
  return undefined;
}

function isOfPatient(
  own: string,
  names: readonly string[],
  around: readonly ReceivedObject[],
): boolean {
  if (/^(patient|member|subscriber|guarantor|insured|beneficiary)/.test(own)) return true;
  if (names.slice(0, -1).some((name) => /^patients?$/.test(wordsOf(name)))) return true;
  return around
    .slice(-3)
    .some((object) =>
      Object.entries(object).some(
        ([name, value]) =>
          (name === "resourceType" && value === "Patient") ||
          (PATIENT_WORDS.test(wordsOf(name)) && wordsOf(name) !== own && !isObject(value)),
      ),
    );
}

/** `patientId`, `patient_id`, `PATIENT-ID` and `patient:exact` as words. */
function wordsOf(name: string): string {
  return name
    .replace(/:.*$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[^A-Za-z0-9]+/g, " ")
    .trim()
    .toLowerCase();
}
