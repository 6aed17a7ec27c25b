import type { LintRule } from "../rule.ts";

export const noApprovers: LintRule = {
  id: "no-approvers",
  severity: "warning",
  summary: "The project has no gate, or a gate without approvers.",
  why: "A change that widens access to ePHI passes only when the people named here approve it. With nobody named no such change can ever pass, and the first one that is needed will be pushed past the gate instead (45 CFR 164.308(a)(4)(ii)(B), access authorization).",
  fix: "Name at least one group; each must approve, with distinct people who did not write the change.",
  examples: {
    bad: { "phiward.yaml": 'version: "1"\ngate:\n  scope: ephi\n  approvers: []\n' },
    findings: [
      "phiward.yaml:4:14 warning: the gate has no approvers, so that no broadening can ever pass",
    ],
    ok: {
      "phiward.yaml":
        'version: "1"\ngate:\n  scope: ephi\n  approvers:\n    - { team: privacy-officers, count: 1 }\n',
    },
  },
  *check({ loaded: { project } }) {
    if (project === undefined || (project.value.gate?.approvers ?? []).length > 0) return;
    const { gate } = project.value;
    yield {
      message: `${gate === undefined ? "the project has no gate" : "the gate has no approvers"}, so that no broadening can ever pass`,
      help: `add \`${gate === undefined ? "gate: { approvers: [{ team: privacy-officers, count: 1 }] }" : "approvers: [{ team: privacy-officers, count: 1 }]"}\``,
      place:
        gate === undefined
          ? project.place([])
          : gate.approvers === undefined
            ? project.place(["gate"], "key")
            : project.place(["gate", "approvers"]),
    };
  },
};
