/** Forms that give an identifier away wherever they stand, in a sentence too. */
import type { IdentifierKind } from "./detect.ts";
import { isCounting, isMadeUp } from "./made-up.ts";

interface Form {
  readonly kind: IdentifierKind;
  readonly pattern: RegExp;
  /** Of a match: whether it can be somebody's. */
  readonly real?: (match: RegExpExecArray) => boolean;
}

const BEFORE = "(?<![A-Za-z0-9.-])";
const AFTER = "(?![A-Za-z0-9-])";
const DATE = "([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4})";

const FORMS: readonly Form[] = [
  {
    kind: "a social security number",
    // Area 000, 666 and 900 to 999, group 00 and serial 0000 are never given (20 CFR 422.103, SSA).
    pattern: new RegExp(
      `${BEFORE}(?!000|666|9)([0-9]{3})-(?!00)([0-9]{2})-(?!0000)([0-9]{4})${AFTER}`,
      "g",
    ),
    real: ([all]) => !SAMPLE_SSN.has(all) && !isCounting(all.replaceAll("-", "")),
  },
  {
    kind: "an email address",
    pattern: /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)/g,
    // RFC 2606 and RFC 6761
    real: ([, domain]) =>
      !/(^|\.)(example(\.(com|net|org))?|test|invalid|localhost|local)$/i.test(domain!),
  },
  {
    kind: "a telephone number",
    pattern: new RegExp(
      `(?<![A-Za-z0-9-])(?:\\+?1[ .-]?)?\\(?([2-9][0-9]{2})(?:\\) ?|[ .-])([2-9][0-9]{2})[ .-]([0-9]{4})${AFTER}`,
      "g",
    ),
    // 555-01xx is for fiction; 555 is nobody's area code.
    real: ([, area, exchange, line]) =>
      area !== "555" && !(exchange === "555" && line!.startsWith("01")) && exchange !== "555",
  },
  {
    kind: "a telephone number",
    pattern:
      /(?<![A-Za-z0-9])\+(?!1)[1-9][0-9]{0,2}(?:[ -]?\(?[0-9]{1,4}\)?){2,5}[0-9](?![A-Za-z0-9])/g,
    real: ([all]) => {
      const digits = all.replace(/[^0-9]/g, "");
      return digits.length >= 9 && digits.length <= 15 && !isCounting(digits);
    },
  },
  {
    kind: "an IP address",
    pattern:
      /(?<![0-9A-Za-z.])([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9A-Za-z]|\.[0-9])/g,
    real: ([, ...parts]) => isPublicIp(parts.map(Number)),
  },
  {
    kind: "an IP address",
    pattern: /(?<![0-9A-Za-z:])(?:[0-9a-fA-F]{1,4}:){3,7}(?::?[0-9a-fA-F]{1,4})(?![0-9A-Za-z:])/g,
    // RFC 3849 and RFC 4291
    real: ([all]) => !/^(2001:0?db8|fe80|f[cd]|::1$)/i.test(all) && /[0-9]/.test(all),
  },
  {
    kind: "a web address with an id",
    pattern: /https?:\/\/([^\s/?#"'<>]+)([^\s"'<>]*)/g,
    real: ([, host, rest]) => !isNobodysHost(host!) && hasId(rest!),
  },
  {
    kind: "a medical record number",
    pattern:
      /(?<![A-Za-z])(?:MRN|medical record (?:number|no\.?|#)|patient (?:id|number|no\.?))[\s:#=is]{1,6}([A-Z]{0,3}-?[0-9][0-9-]{4,11})(?![A-Za-z0-9])/gi,
    real: ([, number]) => !isCounting(number!.replace(/[^0-9]/g, "")),
  },
  {
    kind: "a health plan number",
    pattern:
      /(?<![A-Za-z])(?:member|subscriber|beneficiary|policy|medicare|medicaid)(?: (?:id|number|no\.?|#))[\s:#=]{1,4}([A-Z]{0,4}-?[0-9][A-Z0-9-]{4,15})/gi,
    real: ([, number]) => !isCounting(number!.replace(/[^0-9]/g, "")),
  },
  {
    kind: "a health plan number",
    // The Medicare Beneficiary Identifier (CMS, 2018): position by position.
    pattern: new RegExp(
      `${BEFORE}[1-9][AC-HJ-KM-NP-RT-Y][AC-HJ-KM-NP-RT-Y0-9][0-9]-?[AC-HJ-KM-NP-RT-Y][AC-HJ-KM-NP-RT-Y0-9][0-9]-?[AC-HJ-KM-NP-RT-Y]{2}[0-9]{2}${AFTER}`,
      "g",
    ),
    real: ([all]) =>
      all.replaceAll("-", "") !== "1EG4TE5MK73" && all.replaceAll("-", "") !== "1EG4TE5MK72",
  },
  {
    kind: "an account number",
    pattern:
      /(?<![A-Za-z])(?:account|acct)(?:\.? (?:number|no\.?|#))?[\s:#=.]{1,4}([A-Z]{0,3}-?[0-9][0-9-]{5,17})/gi,
    real: ([, number]) => !isCounting(number!.replace(/[^0-9]/g, "")),
  },
  {
    kind: "a licence number",
    pattern:
      /(?<![A-Za-z])licen[cs]e (?:number|no\.?|#)?[\s:#=]{1,4}([A-Z]{0,3}-?[0-9][A-Z0-9-]{5,14})/gi,
    real: ([, number]) => !isCounting(number!.replace(/[^0-9]/g, "")),
  },
  {
    kind: "a vehicle's number",
    pattern: new RegExp(`${BEFORE}[A-HJ-NPR-Z0-9]{17}${AFTER}`, "g"),
    real: ([all]) => isVin(all),
  },
  {
    kind: "a device's number",
    // The UDI in its human-readable form (21 CFR 801.40, GS1): device, then serial number.
    pattern: /\(01\)[0-9]{14}(?:\([0-9]{2}\)[A-Z0-9-]{1,20}){0,4}\(21\)[A-Z0-9-]{3,20}/g,
  },
  {
    kind: "a date of a person's life",
    pattern: new RegExp(
      `(?<![A-Za-z])(?:DOB|date of (?:birth|death)|born(?: on)?|birth ?date|died(?: on)?|admitted(?: on)?|discharged(?: on)?)[\\s:=]{1,3}${DATE}`,
      "gi",
    ),
    real: ([, date]) => !isYearOnly(date!),
  },
  {
    kind: "an address",
    pattern:
      /(?<![A-Za-z0-9])[1-9][0-9]{0,4} (?:[NSEW]\.? )?(?:[A-Z][a-z]+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Terrace|Highway|Hwy|Parkway|Pkwy)(?![A-Za-z])/g,
    real: ([all]) => !/ (Main|Any|Elm) (Street|St|Town)/.test(all),
  },
  {
    kind: "an address",
    pattern:
      /(?<![A-Za-z])[A-Z][a-z]+,? (?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]) [0-9]{5}(?:-[0-9]{4})?(?![0-9])/g,
    real: ([all]) => !/ (00000|12345|99999)/.test(all),
  },
];

/** The first kind of which the text has an example that can be somebody's. */
export function formIn(text: string): IdentifierKind | undefined {
  // Long texts hold documents; what matters of them is near their beginning, and time is bounded.
  const searched = text.slice(0, MAX_TEXT);
  for (const { kind, pattern, real } of FORMS) {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(searched); match !== null; match = pattern.exec(searched)) {
      if (!isMadeUp(match[0]) && (real === undefined || real(match))) return kind;
    }
  }
  return undefined;
}

const MAX_TEXT = 20_000;

/** Printed in wallets and advertisements, and nobody's since. */
const SAMPLE_SSN: ReadonlySet<string> = new Set(["078-05-1120", "219-09-9999", "123-45-6789"]);

/** RFC 1918, RFC 5737, RFC 6890: not of any one person's connection. */
function isPublicIp(parts: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0] = parts;
  if (parts.some((part) => part > 255) || a === 0 || a === 10 || a === 127 || a >= 224)
    return false;
  if ((a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) || (a === 169 && b === 254))
    return false;
  if ((a === 192 && b === 0 && c === 2) || (a === 198 && b === 51 && c === 100)) return false;
  // Four small numbers are a version or a section more often than an address.
  return !(a === 203 && b === 0 && c === 113) && parts.some((part) => part > 31);
}

const NOBODY =
  /(^|\.)(example(\.(com|net|org))?|test|invalid|localhost|local|hl7\.org|loinc\.org|snomed\.info|nih\.gov|unitsofmeasure\.org|ama-assn\.org|ihe\.net|dicom\.nema\.org|nucc\.org|w3\.org|ietf\.org|rfc-editor\.org|json-schema\.org|github\.com|npmjs\.com|cms\.gov|hhs\.gov|ecfr\.gov)$/i;

function isNobodysHost(authority: string): boolean {
  const host = authority.replace(/^.*@/, "").replace(/:[0-9]+$/, "");
  return NOBODY.test(host) || /^(127\.|10\.|192\.168\.|\[::1\])/.test(host);
}

/** Whether a path or a query names one of many. */
function hasId(rest: string): boolean {
  return (
    /\/(Patient|patients?|members?|users?|persons?|people|profiles?)\/[^/?#]*[0-9][^/?#]*/.test(
      rest,
    ) ||
    /[?&](patient|mrn|member|subject|ssn|id|identifier|dob|birthdate)[^=&]*=[^&#]*[0-9]/i.test(
      rest,
    ) ||
    /[/=](?=[A-Za-z-]{0,6}[0-9])[A-Za-z0-9-]*[0-9]{6,}/.test(rest)
  );
}

/** 49 CFR 565.15: the ninth character checks the others. */
function isVin(vin: string): boolean {
  if (!/[A-Z]/.test(vin) || !/[0-9]/.test(vin)) return false;
  const sum = [...vin].reduce(
    (total, character, i) => total + (VIN_VALUES.indexOf(character) % 10) * VIN_WEIGHTS[i]!,
    0,
  );
  return vin[8] === "0123456789X"[sum % 11];
}

/** The place of a character, in tens, is its value; what no number has leaves a gap. */
const VIN_VALUES = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ";
const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** 164.514(b)(2)(i)(C) lets the year stay, and a first of January is how a year is written. */
export function isYearOnly(date: string): boolean {
  return /^[0-9]{4}-01-01|^0?1[/.]0?1[/.]/.test(date);
}
