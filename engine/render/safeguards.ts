/** Sections of 45 CFR by name, for readers who do not know them by number. */
const TITLES: Readonly<Record<string, string>> = {
  "164.308(a)(1)(ii)(A)": "Risk analysis",
  "164.308(a)(3)(ii)(C)": "Termination procedures",
  "164.308(a)(4)(ii)(B)": "Access authorization",
  "164.308(a)(4)(ii)(C)": "Access establishment and modification",
  "164.308(a)(8)": "Evaluation",
  "164.308(b)(1)": "Business associate contracts",
  "164.312(a)(1)": "Access control",
  "164.312(a)(2)(i)": "Unique user identification",
  "164.312(c)(1)": "Integrity",
  "164.312(d)": "Person or entity authentication",
  "164.312(e)(1)": "Transmission security",
  "164.502(b)": "Minimum necessary",
};

export function safeguardTitle(section: string): string {
  return TITLES[section] ?? "";
}
