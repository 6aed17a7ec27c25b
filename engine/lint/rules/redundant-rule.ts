import { REGISTRY } from "../examples.ts";
import type { LintRule } from "../rule.ts";
import { entryName, entryPointer, partNames } from "../witness.ts";

export const redundantRule: LintRule = {
  id: "redundant-rule",
  severity: "warning",
  summary:
    "An entry, or an alternative of `any_of`, without which exactly the same calls are allowed.",
  why: "Two rules that say the same drift apart: the one that somebody loosens is then not the one that decides, and neither the change nor its review means what it seems to. That the calls are the same is proved, for all calls and all grants.",
  fix: "Keep the one that says it better. An entry that only gives a more helpful `on_deny` may stay, with a suppression that says so.",
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
      - { path: args.query, op: matches, value: "Patient/[a-z0-9-]{3,64}" }
      - any_of:
          - [{ path: args.query, op: ends_with, value: "-active" }]
          - [{ path: args.query, op: regex, value: "-active$" }]
          - [{ path: args.query, op: ends_with, value: "-planned" }]
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
    findings: [
      "policies/lookup.yaml:7:9 warning: `require/0` changes nothing: `require/1` denies all that it denies",
      "policies/lookup.yaml:10:13 warning: this alternative of `require/2` changes nothing: without it the same calls are allowed",
    ],
    fixed: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  search_patients:
    args: [query]
    require:
      - { path: args.query, op: matches, value: "Patient/[a-z0-9-]{3,64}" }
      - any_of:
          - [{ path: args.query, op: ends_with, value: "-active" }]
          - [{ path: args.query, op: ends_with, value: "-planned" }]
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
      - { path: args.query, op: matches, value: "Patient/[a-z0-9-]{3,64}" }
      - any_of:
          - [{ path: args.query, op: ends_with, value: "-active" }]
          - [{ path: args.query, op: ends_with, value: "-planned" }]
    limits:
      - { counter: searches, window: hour, max: 20 }
`,
    },
  },
  *check({ policies, proofs }) {
    for (const { policy, file } of policies) {
      for (const { site, group, why, because } of proofs.of(policy).superfluous) {
        if (why !== "redundant") continue;
        const others =
          because.length === 0
            ? "the other rules deny"
            : `${partNames(because, site)} ${because.length === 1 ? "denies" : "deny"}`;
        yield {
          message:
            group === undefined
              ? `${entryName(site)} changes nothing: ${others} all that it denies`
              : `this alternative of ${entryName(site)} changes nothing: without it the same calls are allowed`,
          help: "remove it, or make it say what the others do not",
          place: file.place(entryPointer(site, group)),
          fix: {
            what:
              group === undefined
                ? `remove ${entryName(site)}: ${others} all that it denies`
                : `remove an alternative of ${entryName(site)} that changes nothing`,
            changes: [{ file: file.file, pointer: entryPointer(site, group), do: "remove" }],
          },
        };
      }
    }
  },
};
