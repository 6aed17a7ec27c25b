import { REGISTRY } from "../examples.ts";
import type { Superfluous } from "../proofs.ts";
import type { LintRule, Report } from "../rule.ts";
import { entryName, entryPointer, judged, partNames } from "../witness.ts";

export const deadRule: LintRule = {
  id: "dead-rule",
  severity: "warning",
  summary:
    "An entry that never decides a call, or an alternative of `any_of` that can never be the one.",
  why: "A `deny_if` that is false of every call is protection that exists on paper only. An entry behind others that already deny everything it would deny is the same, and its `on_deny` is never read by anybody. Proved for every call that the pinned schema accepts and every grant.",
  fix: "Look for the slip: a wrong path or bound, a pattern that the schema excludes. If the entry is right and others already say it, remove it.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    require:
      - { path: args.query, op: length_gte, value: 3 }
      - any_of:
          - [{ path: args.query, op: starts_with, value: "Patient/" }]
          # Patient ids are long here, so both together are true of nothing.
          - [{ path: args.query, op: matches, value: "[0-9]{8}" }, { path: args.query, op: length_lt, value: 8 }]
    # Already denied: an empty text is shorter than 3.
    deny_if:
      - { path: args.query, op: eq, value: "" }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:11:13 warning: this alternative of `require/1` is true of no call of `search_patients`",
      "policies/lookup.yaml:14:9 warning: `deny_if/0` never decides: `require/0` already denies what it would deny",
    ],
    fixed: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    require:
      - any_of:
          - [{ path: args.query, op: starts_with, value: "Patient/" }]
          # Patient ids are long here, so both together are true of nothing.
          - [{ path: args.query, op: matches, value: "[0-9]{8}" }, { path: args.query, op: length_lt, value: 8 }]
    # Already denied: an empty text is shorter than 3.
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    require:
      - { path: args.query, op: length_gte, value: 3 }
    deny_if:
      - { path: args.query, op: contains, value: "*" }
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
  },
  *check({ policies, proofs }) {
    for (const { policy, file } of policies) {
      for (const found of proofs.of(policy).superfluous) {
        const message = messageOf(found);
        if (message === undefined) continue;
        const { site, group } = found;
        const pointer = entryPointer(site, group);
        yield {
          ...message,
          place: file.place(pointer),
          // One that is false of every call is mostly a slip, and whoever made it must look.
          ...(found.why === "never decides"
            ? {
                fix: {
                  what: `remove ${entryName(site)}: earlier rules already deny what it would deny`,
                  changes: [{ file: file.file, pointer, do: "remove" as const }],
                },
              }
            : {}),
        };
      }
    }
  },
};

function messageOf({
  site,
  group,
  why,
  because,
  ruled,
}: Superfluous): Omit<Report, "place"> | undefined {
  const of = judged(site, ruled);
  if (group !== undefined) {
    if (why !== "says nothing") return undefined;
    return {
      message: `this alternative of ${entryName(site)} is ${site.kind === "require" ? "true of no call" : "false of every call"} of ${of}`,
      help: "correct it, or remove the alternative",
    };
  }
  if (why === "says nothing" && site.kind === "deny_if") {
    return {
      message: `${entryName(site)} is false of every call of ${of}, and so denies nothing`,
      help: "correct its path or its value, or remove it",
    };
  }
  if (why !== "never decides") return undefined;
  return {
    message: `${entryName(site)} never decides: ${because.length === 0 ? "earlier rules already deny" : `${partNames(because, site)} already ${because.length === 1 ? "denies" : "deny"}`} what it would deny`,
    help: "remove it, or correct the one of them that is wrong",
  };
}
