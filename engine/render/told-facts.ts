/** What a reader has to know about a grant or a server, each fact in a line; names stand in backticks. */
import type { GrantFacts, ServerFacts } from "../gate/report.ts";

const KIND: Readonly<Record<GrantFacts["kind"], string>> = {
  person: "a person",
  agent: "an agent",
  service: "a service",
};

/** Facts of a grant by name, each in one line; names stand in backticks. */
export function grantLines(facts: GrantFacts): readonly (readonly [string, string])[] {
  const { id, principal, kind, responsible, purpose, justification, issued, expires } = facts;
  return [
    ["Who", `\`${principal}\`, ${KIND[kind]}, by grant \`${id}\``],
    ["Answers for it", responsible === undefined ? "nobody is named" : `\`${responsible}\``],
    ["Purpose", purpose.replaceAll("_", " ")],
    ["Reason given", justification === undefined ? "none" : `\`${justification}\``],
    [
      "In force",
      `${issued} until ${expires}${facts.breakGlass ? ", in an emergency only (break-glass)" : ""}`,
    ],
  ];
}

const BAA: Readonly<Record<ServerFacts["baa"]["status"], string>> = {
  signed: "signed",
  pending: "not signed yet",
  none: "none",
  not_required: "not required",
};

export function serverLine({ id, vendor, baa }: ServerFacts): string {
  const since = baa.signed === undefined ? "" : ` on ${baa.signed}`;
  const until = baa.expires === undefined ? "" : `, in force until ${baa.expires}`;
  const agreement = `business associate agreement: ${BAA[baa.status]}${baa.status === "signed" ? since + until : ""}`;
  return `\`${id}\`${vendor === undefined ? "" : ` of \`${vendor}\``}; ${agreement}`;
}
