import { type Block, type Facts, number, type Section, says, warns } from "../facts.ts";
import { ACCESS_EVENTS, type AccessEvent } from "../history.ts";
import { tableOf } from "../tables.ts";
import { query } from "./commands.ts";

const ENDS: readonly AccessEvent["what"][] = [
  "grant removed",
  "token revoked",
  "token orphaned",
  "identity barred",
];

export function provisioning(facts: Facts): Section {
  const { history } = facts;
  const inPeriod = history.access.filter(({ at }) => within(facts, at));
  return {
    id: "provisioning",
    title: "User provisioning and termination records",
    citations: [
      "164.308(a)(3)(ii)(A)",
      "164.308(a)(3)(ii)(C)",
      "164.308(a)(4)(ii)(B)",
      "164.308(a)(4)(ii)(C)",
    ],
    answer: `${number(inPeriod.length)} times access was given, changed or ended in the period; ${number(history.access.length)} times since the log began. Each has its time, its record, and who did it or approved it.`,
    did: [
      {
        kind: "facts",
        facts: ACCESS_EVENTS.map((what) => [
          capital(what),
          `${number(inPeriod.filter((one) => one.what === what).length)} in the period, ${number(history.access.filter((one) => one.what === what).length)} in all`,
        ]),
      },
      ...ended(facts, inPeriod),
      newest(facts),
    ],
    from: [
      {
        figure: "Grants, as releases brought and removed them",
        file: "data/access-history.csv",
        command: query(facts, "--kind policy"),
      },
      {
        figure: "Tokens, as they were made and ended",
        file: "data/access-history.csv",
        command: query(facts, "--kind admin"),
      },
      {
        figure: "Tokens that are kept today",
        file: "data/tokens.csv",
        command: "phiward token list",
      },
    ],
    not: [
      "When somebody left, or changed their work: that stands in the records of the workforce. Compare it with the times here.",
      "Accounts in the record system, and how its own credentials are handed out.",
      "Grants of releases whose statement of origin is no longer kept on the gateway's machine: the next release that is known shows them as added.",
    ],
  };
}

/** Who tried to get in after the end, and whether anything was let through. */
function ended(facts: Facts, inPeriod: readonly AccessEvent[]): Block[] {
  const { tally } = facts;
  const ends = inPeriod.filter(({ what }) => ENDS.includes(what));
  const tried = tally.rejected.filter(({ code }) =>
    ["revoked_token", "orphaned_token", "expired_token"].includes(code),
  );
  const messages = tried.reduce((sum, { count }) => sum + count, 0);
  const intro = says(
    `${number(ends.length)} times access ended in the period. A removed grant ends with the release that removes it, and every token of it is dead for good; a revoked token stops the next message, on every session.`,
  );
  const list: Block[] = ends.length === 0 ? [intro] : [intro, endsTable(facts, ends)];
  if (messages === 0) return list;
  return [
    ...list,
    warns(
      `${number(messages)} messages came with a token that had ended; all were turned away. Grants: ${tried.map(({ grant, count, samples }) => `\`${grant === "" ? "unknown" : grant}\` (${number(count)}, record #${samples[0]})`).join(", ")}.`,
    ),
  ];
}

function endsTable(facts: Facts, ends: readonly AccessEvent[]): Block {
  const { table } = tableOf("data/access-history.csv", facts, COLUMNS);
  const seqs = new Set(ends.map(({ seq }) => `#${seq}`));
  const rows = table.rows.filter(
    ([, record = "", what]) => seqs.has(record) && (ENDS as readonly string[]).includes(what ?? ""),
  );
  return { kind: "table", table: { ...table, caption: "Access that ended in the period.", rows } };
}

function newest(facts: Facts): Block {
  const { table } = tableOf("data/access-history.csv", facts, COLUMNS);
  const caption = "Access that was given, changed or ended, the newest first.";
  return { kind: "table", table: { ...table, caption, rows: table.rows.toReversed() } };
}

const COLUMNS = [
  ...["time", "record", "what", "grant", "principal", "by", "pull request", "approvers"],
];

function within({ period }: Facts, at: string): boolean {
  return period.from <= at && at <= period.to;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
