/**
 * What the rule asks, as far as calls of agents on patient data are concerned: 45 CFR Part 164 in our
 * own words, with what may be asked at an audit (after the audit protocol of the Office for Civil
 * Rights, edition of 2016, updated in July 2018). Not the text of the law, and not legal advice.
 *
 * `right` follows Appendix A to Subpart C of Part 164. Addressable is not optional: §164.306(d)(3) asks
 * to assess it, and then to implement it, or to write down why not and what is done instead.
 */

export type Right =
  /** Must be implemented. */
  | "required"
  /** Assess; implement, or document why not and an equivalent. */
  | "addressable"
  /** A standard whose specifications carry the designation; the standard itself binds. */
  | "standard"
  /** Of the Privacy Rule, which does not tell required from addressable. */
  | "privacy";

export interface Provision {
  readonly name: string;
  readonly right: Right;
  /** What it requires, in our own words. */
  readonly requires: string;
  /** What may be asked at an audit. */
  readonly asks: readonly string[];
}

/** By citation, within 45 CFR. */
export const RULE = {
  "164.312(a)(1)": {
    name: "Access control",
    right: "standard",
    requires:
      "Technical policies and procedures let only those persons or software programs reach ePHI that were granted access under §164.308(a)(4).",
    asks: [
      "Is access technically limited to persons and software programs that were granted it?",
      "Which levels of access are there, who approves them, and how often are they reviewed?",
      "Show the users with the access of each. Does it match the policy?",
    ],
  },
  "164.312(a)(2)(i)": {
    name: "Unique user identification",
    right: "required",
    requires:
      "Every user has a name or number of their own, by which they are identified and tracked.",
    asks: [
      "Which identity made this call, and was it granted that right?",
      "How are identities made, assigned and used?",
    ],
  },
  "164.312(a)(2)(ii)": {
    name: "Emergency access procedure",
    right: "required",
    requires: "There is a procedure to reach the ePHI that is needed in an emergency.",
    asks: [
      "Who may start emergency access, and how does access become normal again afterwards?",
      "Show that it was used or tested.",
    ],
  },
  "164.312(a)(2)(iii)": {
    name: "Automatic logoff",
    right: "addressable",
    requires: "An electronic session ends after a set time of inactivity.",
    asks: ["After which time do sessions end? Show the settings, or the documented alternative."],
  },
  "164.312(a)(2)(iv)": {
    name: "Encryption and decryption",
    right: "addressable",
    requires: "There is a mechanism to encrypt and decrypt ePHI where it is kept.",
    asks: ["Is ePHI encrypted, with what, and who may make or change the keys?"],
  },
  "164.312(b)": {
    name: "Audit controls",
    right: "required",
    requires:
      "Mechanisms (hardware, software or procedures) record and examine what happens in systems that contain or use ePHI. No fields and no retention are prescribed.",
    asks: [
      "Can you show a record of every tool call on ePHI, with enough detail to examine who did what?",
      "Which systems are under audit controls, and how was that decided?",
      "Show the mechanism that records and examines, and that it runs as the policy says.",
    ],
  },
  "164.312(c)(1)": {
    name: "Integrity",
    right: "standard",
    requires: "ePHI is protected against improper alteration or destruction.",
    asks: [
      "What stops a mass change of patient records, prompted or by accident, and where is the record of what an agent changed?",
      "How is it noticed, and what happens then?",
    ],
  },
  "164.312(c)(2)": {
    name: "Mechanism to authenticate ePHI",
    right: "addressable",
    requires:
      "Electronic mechanisms corroborate that ePHI was not altered or destroyed without authority.",
    asks: ["Which mechanism shows that ePHI was not altered or destroyed without authority?"],
  },
  "164.312(d)": {
    name: "Person or entity authentication",
    right: "required",
    requires: "Whoever seeks access to ePHI is verified to be the one they claim to be.",
    asks: [
      "Is the caller authenticated as one person or agent before a tool runs, or only as the shared application?",
      "How is the identity of a person, or of an automated process, verified?",
    ],
  },
  "164.312(e)(1)": {
    name: "Transmission security",
    right: "standard",
    requires:
      "ePHI that is sent over an electronic communications network is guarded against unauthorised access.",
    asks: [
      "Which networks carry ePHI, which controls guard each, and are they the same for every connection?",
    ],
  },
  "164.312(e)(2)(i)": {
    name: "Integrity controls",
    right: "addressable",
    requires: "ePHI in transit is not improperly modified without being noticed.",
    asks: ["How is a modification in transit noticed?"],
  },
  "164.312(e)(2)(ii)": {
    name: "Encryption",
    right: "addressable",
    requires: "ePHI is encrypted in transit whenever that is deemed appropriate.",
    asks: ["When is ePHI encrypted in transit, with what, and how are the keys managed?"],
  },
  "164.308(a)(1)(ii)(A)": {
    name: "Risk analysis",
    right: "required",
    requires:
      "The organisation assesses, accurately and thoroughly, the risks to the confidentiality, integrity and availability of the ePHI it holds.",
    asks: ["Show the risk analysis. Does it cover access by agents?"],
  },
  "164.308(a)(1)(ii)(B)": {
    name: "Risk management",
    right: "required",
    requires: "Security measures reduce the risks to a reasonable and appropriate level.",
    asks: ["Show the plan, and that its measures are in force."],
  },
  "164.308(a)(1)(ii)(D)": {
    name: "Information system activity review",
    right: "required",
    requires:
      "Records of activity, such as audit logs, access reports and the tracking of security incidents, are reviewed regularly.",
    asks: [
      "Beyond recording calls: can somebody review, period over period, who reached ePHI and what they did?",
      "How often is it reviewed, by whom, how is that documented, and what leads to an investigation?",
      "Show logs and reports that were reviewed, in time, and signed by the right people.",
      "Can the key systems record activity, and is it turned on?",
    ],
  },
  "164.308(a)(3)(i)": {
    name: "Workforce security",
    right: "standard",
    requires:
      "Members of the workforce have the access to ePHI that is appropriate for them, and those who should have none are kept from it.",
    asks: [
      "Does each have only the access that the work needs?",
      "Show access against the purpose of the work, and that somebody answers for it.",
    ],
  },
  "164.308(a)(3)(ii)(A)": {
    name: "Authorization and/or supervision",
    right: "addressable",
    requires: "Those who work with ePHI are authorised or supervised.",
    asks: ["Who may approve access, and how is it asked for, approved, granted and verified?"],
  },
  "164.308(a)(3)(ii)(B)": {
    name: "Workforce clearance procedure",
    right: "addressable",
    requires: "It is determined that the access of a member of the workforce is appropriate.",
    asks: ["Is clearance given before access, and how often is it renewed?"],
  },
  "164.308(a)(3)(ii)(C)": {
    name: "Termination procedures",
    right: "addressable",
    requires: "Access ends when the employment or the arrangement ends, or clearance is withdrawn.",
    asks: [
      "Show how a person's access was authorised and documented, and the record of its end when they left.",
      "Was it ended in time? Show the records and the time frames.",
    ],
  },
  "164.308(a)(4)(i)": {
    name: "Information access management",
    right: "standard",
    requires:
      "Access to ePHI is authorised by policies and procedures that are consistent with Subpart E, the minimum necessary included.",
    asks: [
      "Do the policies limit access to those who need it, and do the technical controls support the minimum necessary?",
    ],
  },
  "164.308(a)(4)(ii)(B)": {
    name: "Access authorization",
    right: "addressable",
    requires: "There are policies and procedures to grant access to ePHI.",
    asks: [
      "Who approves requests, and how are accounts made, changed, disabled and removed, on which basis?",
    ],
  },
  "164.308(a)(4)(ii)(C)": {
    name: "Access establishment and modification",
    right: "addressable",
    requires: "Each user's right of access is established, documented, reviewed and modified.",
    asks: [
      "Is each user's right to a program or a transaction documented, reviewed, and changed in time with an approval?",
    ],
  },
  "164.308(b)(1)": {
    name: "Business associate contracts and other arrangements",
    right: "standard",
    requires:
      "A business associate may create, receive, maintain or transmit ePHI only with satisfactory assurances that it safeguards it.",
    asks: ["Which vendors touch ePHI, and is there an agreement with each?"],
  },
  "164.308(b)(3)": {
    name: "Written contract or other arrangement",
    right: "required",
    requires:
      "The assurances are documented in a written contract or other arrangement (§164.314(a)).",
    asks: ["Show the agreements, down the chain."],
  },
  "164.316(b)(2)(i)": {
    name: "Time limit",
    right: "required",
    requires:
      "Required documentation is kept for six years from its creation, or from when it was last in effect, whichever is later. Raw audit logs are not named.",
    asks: ["Is required documentation kept for six years?"],
  },
  "164.502(b)": {
    name: "Minimum necessary",
    right: "privacy",
    requires:
      "Reasonable efforts limit a use, disclosure or request to what its purpose needs. Among others, it does not apply to disclosures to a provider, or requests by one, for treatment; uses for treatment are not within that exception.",
    asks: [
      "Where it applies: is an agent's access scoped to the records that its task needs, or does it hold the whole server?",
    ],
  },
  "164.514(d)(1)-(2)": {
    name: "Minimum necessary uses",
    right: "privacy",
    requires:
      "Those who need access are identified, with the categories of information that each needs and the conditions; access is limited accordingly.",
    asks: [
      "What decides how much access a person or class needs, and how is that reviewed or ended?",
      "For some of them: does the access match the work?",
    ],
  },
  "164.514(d)(5)": {
    name: "Entire medical record",
    right: "privacy",
    requires:
      "An entire medical record is used, disclosed or requested only where that is specifically justified.",
    asks: ["Are uses of an entire record limited, and justified?"],
  },
} as const satisfies Readonly<Record<string, Provision>>;

export type Citation = keyof typeof RULE;

export const RIGHT_WORD: Readonly<Record<Right, string>> = {
  required: "Required",
  addressable: "Addressable",
  standard: "Standard",
  privacy: "Privacy Rule",
};

export const RIGHT_MEANS: Readonly<Record<Right, string>> = {
  required: "must be implemented",
  addressable:
    "assess it; then implement it, or document why not and what is done instead (§164.306(d)(3))",
  standard: "binds; its specifications are required or addressable",
  privacy: "Subpart E, which does not tell required from addressable",
};
