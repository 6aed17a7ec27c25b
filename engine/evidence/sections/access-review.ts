import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";
import { tableOf } from "../tables.ts";

export function accessReview(facts: Facts): Section {
  const { registry } = facts;
  const unused = registry.filter(({ calls, access }) => calls === 0 && access.length > 0);
  return {
    id: "access-review",
    title: "Periodic access-review evidence",
    citations: ["164.308(a)(4)(ii)(C)"],
    answer: `The registry has ${number(registry.length)} grants: every identity with its purpose, the tools that it effectively reaches, when it was issued, when it ends, and when it was last reviewed.`,
    did: [
      tableOf("data/grants.csv", facts, [
        ...["grant", "principal", "purpose", "issued", "expires", "last review", "reviewed by"],
        ...["of these ePHI", "calls"],
      ]),
      says(
        "The whole registry, with what each grant reaches, is a page of its own: `registry.html`.",
      ),
      ...neverReviewed(facts),
      ...(unused.length === 0
        ? []
        : [
            says(
              `${number(unused.length)} grants made no call in the period. The command \`phiward grant unused\` shows what could be taken away.`,
            ),
          ]),
      ...signed(facts),
    ],
    from: [
      {
        figure: "The registry",
        file: "data/grants.csv",
        command: "phiward grant list --format csv",
      },
      {
        figure: "What each grant reaches",
        file: "data/effective-access.csv",
        command: "phiward access",
      },
      { figure: "Signed reviews", file: "data/access-reviews.csv" },
    ],
    not: [
      "Whether the access is right for the work: that is what the person who reviews decides.",
      "Access as it was on a day of the past: the registry is of the release that is in force at the time of the export. What changed before stands in `history.html`.",
    ],
  };
}

function neverReviewed({ registry }: Facts): Block[] {
  const never = registry.filter(({ lastReview }) => lastReview === "");
  if (never.length === 0) return [];
  return [
    warns(
      `${number(never.length)} grants have no review on record: ${listed(never.map(({ grant }) => grant))}.`,
    ),
  ];
}

function signed(facts: Facts): Block[] {
  if (facts.history.accessReviews.length === 0) {
    return [warns("No review of access was signed in the log up to the end of the period.")];
  }
  return [tableOf("data/access-reviews.csv", facts)];
}

const MAX_LISTED = 10;

export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).map((name) => `\`${name}\``);
  const rest = names.length - shown.length;
  return `${shown.join(", ")}${rest > 0 ? ` and ${number(rest)} more` : ""}`;
}
