import type { Expectation, TestCase } from "../../schema/types.ts";
import type { LintRule } from "../rule.ts";

const SUITE = `version: "1"
suite: the lookup agent reads one record
defaults: { policy: lookup }
cases:
  - name: a single lookup is allowed
    call: { tool: get_patient_record, args: { patient_id: p-100 } }
    expect: allow
`;

export const suiteWithoutDenial: LintRule = {
  id: "suite-without-denial",
  severity: "warning",
  summary: "A suite has no case that expects a denial.",
  why: "A suite that only expects calls to be allowed also passes when the policy allows everything: it tests that work goes on, and nothing of what the policy is for (45 CFR 164.308(a)(8), evaluation).",
  fix: "Add the call that must not pass: another tool, a second patient, a bulk search. A `matrix` does it at once, since what it does not list must be denied.",
  examples: {
    given: {
      "policies/lookup.yaml": 'version: "1"\ndefault: deny\ntools:\n  get_patient_record: {}\n',
    },
    bad: { "tests/lookup.test.yaml": SUITE },
    findings: [
      "tests/lookup.test.yaml:2:8 warning: no case of this suite expects a denial, so it passes whatever the policy allows",
    ],
    ok: {
      "tests/lookup.test.yaml": `${SUITE}  - name: a search is not
    call: { tool: search_patients, args: { query: "*" } }
    expect: deny
`,
    },
  },
  *check({ loaded: { tests } }) {
    for (const suite of tests) {
      const cases = suite.value.cases ?? [];
      // An empty suite fails when it runs.
      if (cases.length === 0 || cases.some(expectsDenial)) continue;
      yield {
        message: "no case of this suite expects a denial, so it passes whatever the policy allows",
        help: "add a call that must be denied, or a `matrix`: what it does not list is denied",
        place: suite.place(["suite"]),
      };
    }
  },
};

function expectsDenial({ matrix, expect }: TestCase): boolean {
  if (matrix !== undefined) return true;
  if (expect === undefined || typeof expect === "string") return expect === "deny";
  const { verdict, allowed, denied, first, last }: Exclude<Expectation, string> = expect;
  return (
    [verdict, verdictOf(first), verdictOf(last)].includes("deny") ||
    (denied ?? 0) > 0 ||
    // How many of a sequence are allowed says that the others are not.
    allowed !== undefined
  );
}

function verdictOf(
  expected: string | { readonly verdict?: string } | undefined,
): string | undefined {
  return typeof expected === "object" ? expected.verdict : expected;
}
