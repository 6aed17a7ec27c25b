import type { Received } from "../../json/value.ts";
import { type IdentifierKind, identifiersIn } from "../../phi/detect.ts";
import type { Located, Pointer } from "../../source.ts";
import type { LintContext } from "../context.ts";
import { REGISTRY } from "../examples.ts";
import type { LintRule, Report } from "../rule.ts";

export const HELP =
  "write one that is plainly made up (`p-100`, `nobody@example.org`, 555-0100), or record again with `phiward record`";

export function messageOf(kind: IdentifierKind): string {
  return `this looks like ${kind}`;
}

export const patientData: LintRule = {
  id: "patient-data",
  severity: "error",
  summary: "A value looks like an identifier of a real person.",
  why: "What is in Git is copied, reviewed, signed and kept for years, and cannot be taken out of the history. Tests, recorded calls and policies are where the identifiers of a real patient get in: somebody pastes a call that failed. Searched are fixtures, tests, policies, grants and servers, for what 45 CFR 164.514(b)(2)(i) lists and a form or a name gives away: names beside a patient's other data, addresses, days of a life, telephone numbers, email addresses, social security, record, plan, account, licence, vehicle and device numbers, addresses of the web and the Internet, and long ids of patients. What says of itself that it is made up is left alone: reserved domains and numbers, published samples, words such as `test`; so is a line that `phiward record` wrote and nobody has changed. Photographs and prints are not looked for, nor are comments. What it finds is never repeated in a message.",
  fix: "Write a value that is plainly made up, such as `p-100`, `nobody@example.org`, 555-0100 or 000-00-0000; record real traffic with `phiward record`, which replaces values. If it is a real person's, take it out of the history too, and tell who answers for privacy.",
  examples: {
    given: {
      "servers/ehr.yaml": REGISTRY["servers/ehr.yaml"],
      "servers/ehr.lock.json": REGISTRY["servers/ehr.lock.json"],
    },
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    on_deny: Call 212-867-5309 and ask for the chart.
    limits:
      - { counter: records, window: hour, max: 20 }
`,
      "tests/lookup.test.yaml": `version: "1"
suite: one record
now: 2026-10-01T12:00:00Z
defaults: { policy: lookup, tool: get_patient_record }
cases:
  - name: by name and day
    call: { args: { family: Hawking, birthdate: "1971-02-03" } }
    expect: deny
  - name: by number
    call: { args: { ssn: 412-55-7391 } }
    expect: deny
`,
    },
    findings: [
      "policies/lookup.yaml:6:14 error: this looks like a telephone number",
      "tests/lookup.test.yaml:7:29 error: this looks like a person's name",
      "tests/lookup.test.yaml:7:49 error: this looks like a date of a person's life",
      "tests/lookup.test.yaml:10:26 error: this looks like a social security number",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    on_deny: Call 212-555-0100 and ask for the chart.
    limits:
      - { counter: records, window: hour, max: 20 }
`,
      "tests/lookup.test.yaml": `version: "1"
suite: one record
now: 2026-10-01T12:00:00Z
defaults: { policy: lookup, tool: get_patient_record }
cases:
  - name: by name and day
    call: { args: { family: Example, birthdate: "1971-01-01" } }
    expect: deny
  - name: by number
    call: { args: { patient_id: p-100, ssn: 000-00-0000 } }
    expect: deny
`,
    },
  },
  *check(context) {
    for (const { located, skip } of filesOf(context)) {
      for (const { kind, pointer } of identifiersIn(located.value)) {
        if (!skip(pointer)) yield report(located, pointer, kind);
      }
    }
  },
};

interface Searched {
  readonly located: Located<Received>;
  /** What is somebody's, and no patient's. */
  readonly skip: (pointer: Pointer) => boolean;
}

const nothing: Searched["skip"] = () => false;

function filesOf({ loaded }: LintContext): readonly Searched[] {
  const { policies, grants, servers, tests } = loaded;
  const of = (located: Located<unknown>, skip: Searched["skip"] = nothing): Searched => ({
    located: located as Located<Received>,
    skip,
  });
  return [
    ...[...policies.values()].map(({ located }) => of(located)),
    // Who uses and who answers are staff, and named on purpose.
    ...[...grants.values()].map(({ located }) =>
      of(located, ([first]) =>
        ["principal", "lastReview", "breakGlass", "authentication"].includes(String(first)),
      ),
    ),
    // Where a server stands is an address of nobody.
    ...[...servers.values()].map(({ located }) => of(located, ([first]) => first === "transport")),
    ...tests.map((located) => of(located)),
  ];
}

function report(located: Located<Received>, pointer: Pointer, kind: IdentifierKind): Report {
  return { message: messageOf(kind), help: HELP, place: located.place(pointer) };
}
