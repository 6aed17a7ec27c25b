import { plural } from "../../render/paint.ts";
import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";
import { tableOf } from "../tables.ts";
import { query } from "./commands.ts";

export function accessManagement(facts: Facts): Section {
  const { history, inForce } = facts;
  const activated = history.releases.filter(({ event, again }) => event === "activated" && !again);
  return {
    id: "access-management",
    title: "Information access management",
    citations: ["164.308(a)(4)(i)", "164.308(a)(4)(ii)(B)", "164.308(a)(4)(ii)(C)"],
    answer: `Access changes only with a release of policies. ${number(activated.length)} came into force up to the end of the period, with ${plural(history.changes.length, "change")}.`,
    did: [
      ...release(facts),
      tableOf("data/policy-changes.csv", facts, [
        ...[
          "in force since",
          "release",
          "commit",
          "pull request",
          "says who",
          "approvers",
          "grants",
        ],
      ]),
      ...unapproved(facts),
      tableOf("data/releases.csv", facts, [
        ...["time", "record", "event", "version", "commit", "check or tool"],
      ]),
      ...(inForce.halts.length === 0 ? [] : [tableOf("data/emergency-stops.csv", facts)]),
    ],
    from: [
      {
        figure: "Releases that came into force or were refused",
        file: "data/releases.csv",
        command: query(facts, "--kind policy"),
      },
      { figure: "Changes with pull request and approvers", file: "data/policy-changes.csv" },
      { figure: "The policies, servers and grants, as released", file: "configuration/policies" },
    ],
    not: [
      "That the people who approved read what they approved.",
      "Who approved, beyond the word of the release's builder: “gate” means that the gate's report on exactly this change named the pull request; “message” means that only the commit's message does, which its author wrote.",
    ],
  };
}

function release({ inForce }: Facts): Block[] {
  const { release: one, loaded } = inForce;
  if (one === undefined) {
    return [
      warns(
        `The policies were taken from a folder, and not from a signed release. Their digest is \`${loaded.repository.digest}\`.`,
      ),
    ];
  }
  const { predicate, digest, signers } = one;
  const { source, change, issued, expires, tests } = predicate;
  return [
    {
      kind: "facts",
      facts: [
        ["Release in force", `version ${predicate.version}, issued ${issued}, until ${expires}`],
        ["Digest", `\`${digest}\``],
        ["From", `commit \`${source.commit.slice(0, 12)}\``],
        [
          "Signed by",
          signers === undefined
            ? "not checked: no trust file was given (`--config`)"
            : signers.map((name) => `\`${name}\``).join(", "),
        ],
        [
          "Against the release before",
          change.verdict === "same" || change.verdict === "narrower"
            ? `${change.verdict}: proved for all calls`
            : change.verdict,
        ],
        ...(tests === undefined
          ? []
          : ([["Expectations", `${number(tests.passed)} passed, none failed`]] as const)),
        [
          "Approved by",
          source.approvers.length === 0
            ? "nobody on record"
            : source.approvers.map(({ name }) => `\`${name}\``).join(", "),
        ],
      ],
    },
  ];
}

function unapproved({ history }: Facts): Block[] {
  const none = history.changes.filter(({ approvers }) => approvers.length === 0);
  return none.length === 0
    ? []
    : [
        says(
          `${number(none.length)} changes have no approver on record. What widens access cannot be merged without one where the gate is required; what does not widen it may be. Of what was only taken out, nothing is left in a release that could name its change.`,
        ),
      ];
}
