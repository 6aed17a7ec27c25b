import type { DecisionRecord } from "../../audit/record.ts";
import { originOf } from "../../bundle/origin.ts";
import { type Block, type Facts, number, type Section, says } from "../facts.ts";
import { periodFlags } from "./commands.ts";

export function patient(facts: Facts): Section {
  const { tally } = facts;
  const unclear = tally.bySubject.find(({ subject }) => subject === "unknown");
  const bulk = tally.byVolume.find(({ volume }) => volume === "bulk");
  return {
    id: "patient",
    title: "Who accessed this patient's record, and under what authority?",
    citations: ["164.312(b)", "164.312(a)(2)(i)"],
    answer:
      "One command answers it for any patient: each recorded call with its time, identity, purpose, tool, verdict, rule, policy, release, pull request and approvers.",
    did: [
      says(
        "The patient's identifier is read from standard input, turned into its pseudonym, and neither shown nor stored. This folder names no patient, so the question is asked where the key of the pseudonyms is:",
      ),
      {
        kind: "list",
        items: [`\`echo ID | phiward audit who --patient - ${periodFlags(facts)}\``],
      },
      {
        kind: "facts",
        facts: [
          ["Patients that can be looked up", `${number(tally.patients)} in the period`],
          [
            "Calls that cannot be put down to patients",
            `${number(unclear?.count ?? 0)} of an unknown patient and ${number(bulk?.count ?? 0)} of many at once. The command lists, apart, those of them that may have included the patient`,
          ],
        ],
      },
      ...example(facts),
    ],
    from: [
      {
        figure: "Every access to one patient",
        file: "records/0000000001.jsonl",
        command: `echo ID | phiward audit who --patient - ${periodFlags(facts)} --format csv`,
      },
    ],
    not: [
      "Whether an access was right: it shows under which authority it was let through.",
      "Patients in results of tools whose description does not say where patients stand in them.",
      "An accounting of disclosures (§164.528): that also needs to know which accesses were disclosures.",
    ],
  };
}

/** One call, all the way to the people who approved it. */
function example({ tally, inForce }: Facts): Block[] {
  const { example: record } = tally;
  if (record === undefined) return [];
  const { grant, policy, bundle, principal, responsible, purpose, server, tool, rule } = record;
  const origin =
    inForce.provenance === undefined || inForce.release?.provenance !== bundle?.provenance
      ? undefined
      : originOf(inForce.provenance, decided(record));
  const change = origin?.rule ?? origin?.grant;
  return [
    says(`As an example, record #${record.seq}:`),
    {
      kind: "facts",
      facts: [
        ["When", record.at],
        [
          "Who",
          `\`${principal}\`${responsible === undefined ? "" : `, for whom \`${responsible}\` answers`}`,
        ],
        ["For what", purpose],
        ["What", `\`${server}/${tool}\` on one patient, by pseudonym`],
        ["Verdict", rule === "" ? "allowed: every rule of the tool let it through" : `\`${rule}\``],
        ["Authority", `grant \`${grant}\`, policy \`${policy?.name ?? ""}\``],
        [
          "Release",
          bundle === null
            ? "none"
            : `\`${bundle.name}\` version ${bundle.version}${bundle.commit === undefined ? "" : `, commit \`${bundle.commit.slice(0, 12)}\``}`,
        ],
        [
          "Approved",
          change === undefined || change === null
            ? "the release in force does not say: see `data/policy-changes.csv`"
            : `pull request ${change.pullRequest?.number ?? "not known"}, by ${change.approvers.length === 0 ? "nobody on record" : change.approvers.map(({ name }) => `\`${name}\``).join(", ")}`,
        ],
      ],
    },
  ];
}

function decided({ grant, policy, rule, method, tool }: DecisionRecord) {
  return { grant, policy: policy?.name ?? null, rule, method, tool };
}
