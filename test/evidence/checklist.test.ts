/** Everything that an auditor asks has its place, and the place says what it must, on a real folder. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Evidence } from "../../engine/evidence/evidence.ts";
import { type Citation, RIGHT_WORD, RULE } from "../../engine/evidence/rule.ts";
import { partsOf } from "../../engine/evidence/sections/index.ts";
import { TABLE_FILES } from "../../engine/evidence/tables.ts";
import { read, readCsv, sectionOf, textOf } from "./files.ts";
import { smallQuarter } from "./quarter.ts";

const made = smallQuarter(3000);
let evidence: Evidence;
let html = "";
beforeAll(async () => {
  evidence = await made().write("checklist");
  html = read(evidence.folder, "index.html");
}, 60_000);

/** Of the page that asks it: what must be in the section, as its reader would look for it. */
const ARTEFACTS: readonly (readonly [string, string, readonly (string | RegExp)[]])[] = [
  [
    "access, audit and activity logs",
    "logs",
    [
      "§164.312(b)",
      "§164.308(a)(1)(ii)(D)",
      "fhir_search",
      "records/0000000001.jsonl",
      /\d allowed/,
    ],
  ],
  [
    "user provisioning and termination records",
    "provisioning",
    ["grant removed", "clinician-19", "token orphaned", "person:s.park", /9 messages came with/],
  ],
  [
    "who accessed this patient's record, and under what authority",
    "patient",
    ["phiward audit who --patient -", "by pseudonym", /record #\d+/, "Approved"],
  ],
  [
    "risk analysis and risk-management plan",
    "risk",
    ["This folder is neither", "§164.308(a)(1)(ii)(A)"],
  ],
  [
    "business associate agreements down the chain",
    "associates",
    ["Example EHR Inc.", "signed", "2028-02-01", "requireBaa: true"],
  ],
  [
    "periodic access-review evidence",
    "access-review",
    ["last review", "registry.html", "data/grants.csv", "No review of access was signed"],
  ],
];

const SAFEGUARDS: typeof ARTEFACTS = [
  [
    "§164.312(a) access control",
    "access-control",
    ["denies by default", "(default deny)", "data/denials.csv"],
  ],
  [
    "§164.312(a)(2)(i) unique user identification",
    "unique-identification",
    ["agent:imaging-31", "person:"],
  ],
  [
    "§164.312(a)(2)(ii) emergency access",
    "emergency-access",
    ["er-assist-1", "person:a.okafor", "without a signed review", "person:m.chen"],
  ],
  [
    "§164.312(a)(2)(iii) automatic logoff",
    "automatic-logoff",
    ["30m", "12h", "No configuration file"],
  ],
  ["§164.312(a)(2)(iv) encryption", "encryption-at-rest", ["does not encrypt", "HMAC-SHA-256"]],
  [
    "§164.312(b) audit controls",
    "audit-controls",
    ["The log is whole", "nothing is forwarded", "log.recovered"],
  ],
  [
    "§164.312(c) integrity",
    "integrity",
    ["write", "imaging/get_report", "no checksum of patient data"],
  ],
  [
    "§164.312(d) authentication",
    "authentication",
    ["orphaned_token", "grant token", "256 random bits"],
  ],
  ["§164.312(e) transmission", "transmission", ["ehr", "imaging", "TLS"]],
  [
    "§164.308(a)(1)(ii)(D) activity review",
    "activity-review",
    ["Nobody signed a review", "far more data than usual", "activity.html"],
  ],
  [
    "§164.308(a)(3) workforce",
    "workforce",
    ["justification", "Approvers on record", "Clearance of people"],
  ],
  [
    "§164.308(a)(4) access management",
    "access-management",
    ["activated", "121", "m.chen, s.park", "the release's builder"],
  ],
  [
    "§164.502(b) minimum necessary",
    "minimum-necessary",
    ["different patients", "treatment", "ehr/fhir_search", "conditional"],
  ],
  ["§164.316(b)(2)(i) time limit", "documentation", ["Raw audit logs are not named", "six years"]],
  ["the chain", "chain", ["whole", "Ed25519", "how-to-verify.html"]],
];

describe("what is asked has its section", () => {
  test.each([...ARTEFACTS, ...SAFEGUARDS])("%s", (_, id, expected) => {
    const section = sectionOf(html, id);
    const text = textOf(section).toLowerCase();
    for (const one of expected) {
      if (typeof one === "string") expect(text).toContain(one.toLowerCase());
      else expect(text).toMatch(one);
    }
    expect(html).toContain(`href="#${id}"`);
  });

  test("every section says what is required, what is asked, what was done, and what it does not show", () => {
    const sections = partsOf(evidence.facts).flatMap((part) => part.sections);
    expect(sections).toHaveLength(ARTEFACTS.length + SAFEGUARDS.length);
    for (const { id, citations, answer, did, not } of sections) {
      const section = textOf(sectionOf(html, id));
      for (const citation of citations) {
        const { name, right, requires, asks } = RULE[citation];
        expect(section).toContain(`§${citation} ${name} ${RIGHT_WORD[right]}`);
        expect(section).toContain(requires);
        for (const ask of asks) expect(section).toContain(ask);
      }
      expect(citations.length, id).toBeGreaterThan(0);
      expect(answer.length, id).toBeGreaterThan(30);
      expect(did.length, id).toBeGreaterThan(0);
      expect(not.length, id).toBeGreaterThan(0);
    }
  });

  test("every file that a section names is there, and every command is one of ours", () => {
    const sections = partsOf(evidence.facts).flatMap((part) => part.sections);
    const files = new Set(Object.keys(JSON.parse(read(evidence.folder, "manifest.json")).files));
    for (const { from } of sections) {
      for (const { file, command } of from) {
        const isThere = [...files].some((one) => one === file || one.startsWith(`${file}/`));
        expect(isThere, file).toBe(true);
        if (command !== undefined) expect(command).toMatch(/^(echo ID \| )?(phiward|node) /);
      }
    }
  });
});

/** The 23 inquiries of the audit protocol that concern access by software: each is asked somewhere. */
const PROTOCOL: readonly Citation[] = [
  "164.312(a)(1)",
  "164.312(a)(2)(i)",
  "164.312(a)(2)(ii)",
  "164.312(a)(2)(iii)",
  "164.312(a)(2)(iv)",
  "164.312(b)",
  "164.312(c)(1)",
  "164.312(c)(2)",
  "164.312(d)",
  "164.312(e)(1)",
  "164.312(e)(2)(i)",
  "164.312(e)(2)(ii)",
  "164.308(a)(1)(ii)(D)",
  "164.308(a)(3)(i)",
  "164.308(a)(3)(ii)(A)",
  "164.308(a)(3)(ii)(B)",
  "164.308(a)(3)(ii)(C)",
  "164.308(a)(4)(i)",
  "164.308(a)(4)(ii)(B)",
  "164.308(a)(4)(ii)(C)",
  "164.514(d)(1)-(2)",
  "164.514(d)(5)",
  "164.316(b)(2)(i)",
];

describe("the rule", () => {
  test("each of the 23 inquiries of the protocol has a section that asks it", () => {
    const sections = partsOf(evidence.facts).flatMap((part) => part.sections);
    const asked = new Set(sections.flatMap(({ citations }) => citations));
    expect(PROTOCOL.filter((one) => !asked.has(one))).toEqual([]);
    expect(PROTOCOL).toHaveLength(23);
  });

  test("nothing that is in the list is in no section", () => {
    const sections = partsOf(evidence.facts).flatMap((part) => part.sections);
    const asked = new Set<string>(sections.flatMap(({ citations }) => citations));
    expect(Object.keys(RULE).filter((one) => !asked.has(one))).toEqual([]);
  });

  type Spec = readonly [name: string, kind: "standard" | "spec", designation: string | null];
  const { specs } = JSON.parse(
    readFileSync(join(import.meta.dirname, "security-rule.json"), "utf8"),
  ) as { readonly specs: Readonly<Record<string, Spec>> };

  test.each(Object.entries(RULE))(
    "§%s is required or addressable as the rule has it",
    (citation, { name, right }) => {
      const spec = specs[citation];
      if (spec === undefined) {
        // Of Subpart E, which is not in the matrix.
        expect(right).toBe("privacy");
        expect(citation).toMatch(/^164\.5/);
        return;
      }
      expect(right).toBe(spec[2] ?? "standard");
      expect(
        spec[0].toLowerCase().replace("electronic protected health information", "ephi"),
      ).toContain(name.toLowerCase());
    },
  );

  test("claims that are often made wrongly are not made", () => {
    const all = textOf(html + read(evidence.folder, "limits.html"));
    // Audit controls are a standard without specifications, and mandatory.
    expect(RULE["164.312(b)"].right).toBe("required");
    expect(all).not.toMatch(/HIPAA[- ]compliant|HIPAA certif/i);
    expect(all).not.toMatch(/logs? (must|shall|are required to) be (kept|retained)/i);
    expect(all).toContain("Raw audit logs are not named");
    expect(all).toContain("It certifies nothing");
    expect(all).toContain("It is not legal advice");
    expect(all).toContain("Addressable is not optional");
  });
});

describe("the figures", () => {
  test("counted from the records, they are those of the activity report, which counts from the index", () => {
    const { tally, review } = evidence.facts;
    const { totals } = review.report.activity;
    const rejected = tally.rejected.reduce((sum, { count }) => sum + count, 0);
    expect([tally.decisions, tally.allowed, tally.denied, rejected]).toEqual([
      totals.calls.now,
      totals.allowed.now,
      totals.denied.now,
      totals.rejected.now,
    ]);
    expect(tally.ephi.allowed).toBe(totals.ephi.now);
  });

  test("every table adds up", () => {
    const sum = (file: string, column: string): number => {
      const [head, ...rows] = readCsv(read(evidence.folder, file));
      const at = head!.indexOf(column);
      return rows.reduce((total, row) => total + Number(row[at]), 0);
    };
    const { decisions, denied } = evidence.facts.tally;
    for (const file of ["data/principals.csv", "data/tools.csv", "data/days.csv"]) {
      expect([sum(file, "calls"), sum(file, "denied")], file).toEqual([decisions, denied]);
    }
    expect(sum("data/denials.csv", "denied")).toBe(denied);
    expect(sum("data/grants.csv", "calls") + gone()).toBe(decisions);
  });

  /** Calls of grants that the policies in force no longer have. */
  function gone(): number {
    const { tally, registry } = evidence.facts;
    const there = new Set(registry.map(({ grant }) => grant));
    return tally.byGrant
      .filter(({ grant }) => !there.has(grant))
      .reduce((total, { count }) => total + count, 0);
  }

  test("the samples are numbers of records that stand in the folder and say so", () => {
    const { denials } = evidence.facts.tally;
    const lines = read(evidence.folder, "records/0000000001.jsonl").trimEnd().split("\n");
    for (const { rule, tool, samples } of denials) {
      for (const seq of samples) {
        expect(JSON.parse(lines[seq - 1]!)).toMatchObject({ seq, rule, tool, verdict: "deny" });
      }
    }
  });

  test("the registry has every grant, and everything that each one reaches", () => {
    const page = read(evidence.folder, "registry.html");
    const [head, ...rows] = readCsv(read(evidence.folder, "data/effective-access.csv"));
    const [grant, access] = [head!.indexOf("grant"), head!.indexOf("access")];
    for (const { grant: id } of evidence.facts.registry) expect(page).toContain(`id="grant-${id}"`);
    expect(new Set(rows.map((row) => row[grant])).size).toBe(
      evidence.facts.registry.filter((row) =>
        row.access.some((one) => !one.startsWith("audit log")),
      ).length,
    );
    expect(rows.some((row) => row[access] === "none")).toBe(true);
  });

  test("every table is a file", () => {
    for (const file of TABLE_FILES) expect(read(evidence.folder, file)).toMatch(/\r\n$/);
  });
});
