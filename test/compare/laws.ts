/** What is true of every comparison, whatever changed. Each law names what it found, or nothing. */
import { compare } from "../../engine/compare/compare.ts";
import type { Change, Diff } from "../../engine/compare/report.ts";
import { decide } from "../../engine/decide/decide.ts";
import { prepare, type ReadyRepository } from "../../engine/decide/prepare.ts";
import { MemoryUsage } from "../../engine/quota/quota.ts";
import type { Compared } from "./repository.ts";

/** All laws that ask for no further files. */
export function broken({ base, head, diff }: Compared): string[] {
  const options = { base: diff.base.rev, head: diff.head.rev, scope: diff.scope };
  const back = compare(head, base, options);
  return [
    ...sameAsItself(compare(base, base, options)),
    ...sameAsItself(compare(head, head, options)),
    ...replays(prepare(base.repository), prepare(head.repository), diff),
    ...replays(prepare(head.repository), prepare(base.repository), back),
    ...opposite(diff, back),
    ...opposite(back, diff),
    ...coherent(diff),
    ...masked({ base, head, diff }),
  ];
}

function sameAsItself({ verdict, blocks, changes }: Diff): string[] {
  return verdict === "same" && !blocks && changes.length === 0
    ? []
    : [`compared with itself: ${verdict}, ${changes.map(({ summary }) => summary).join("; ")}`];
}

/** Every call that is shown was denied and is allowed, by the ordinary decision at its own time. */
function replays(base: ReadyRepository, head: ReadyRepository, diff: Diff): string[] {
  return diff.changes.flatMap((change) => {
    const { verdict, by, witness, summary } = change;
    if (witness === undefined) {
      return verdict === "broader" && by === "proof" ? [`no call is shown: ${summary}`] : [];
    }
    const usage = { base: new MemoryUsage(), head: new MemoryUsage() };
    const { grant, server, method, tool, at } = witness;
    const calls = witness.sequence?.calls ?? [witness.args];
    const said = calls.map((args) => {
      const call = { grant, server, method, tool, args, at: Date.parse(at) };
      const before = decide(base, call, { usage: usage.base });
      const after = decide(head, call, { usage: usage.head });
      usage.base.charge(before.charges);
      usage.head.charge(after.charges);
      return [before.decision, after.decision] as const;
    });
    const [before, after] = said.at(-1)!;
    const problems: string[] = [];
    if (before.verdict !== "deny" || after.verdict !== "allow")
      problems.push(`base says ${before.verdict}, head says ${after.verdict}: ${summary}`);
    if (said.some(([, { verdict: allowed }]) => allowed !== "allow"))
      problems.push(`head stops the sequence: ${summary}`);
    if (said.slice(0, -1).some(([earlier]) => earlier.verdict !== "allow"))
      problems.push(`base stops the sequence too early: ${summary}`);
    if (change.baseDecision?.rule !== before.rule || change.headDecision?.rule !== after.rule)
      problems.push(`the rules that are named did not decide: ${summary}`);
    return problems;
  });
}

/**
 * What became narrower by proof is broader on the way back, and what is the same is the same. A
 * setting has a direction of its own: to take a suppression back is no change, to add it is one.
 */
function opposite(there: Diff, back: Diff): string[] {
  const proved = ({ changes }: Diff): Change[] => changes.filter(({ by }) => by === "proof");
  if (there.verdict === "same") {
    return proved(back).map(({ summary }) => `the same there, and back: ${summary}`);
  }
  // A grant that allows nothing may come and go.
  const lost = proved(there).filter(({ kind }) => !kind.startsWith("grant-"));
  const gained = proved(back).some(({ verdict }) => verdict === "broader" || verdict === "unknown");
  return there.verdict !== "narrower" || lost.length === 0 || gained
    ? []
    : [`narrower there, and nothing broader back: ${lost[0]!.summary}`];
}

function coherent({ scope, verdict, blocks, changes }: Diff): string[] {
  const grave = changes.filter(({ verdict: v }) => v === "broader" || v === "unknown");
  const problems: string[] = [];
  const gravest = ["broader", "unknown", "narrower"].find((v) =>
    changes.some((change) => change.verdict === v),
  );
  if (verdict !== (gravest ?? "same")) problems.push(`${verdict} is not the gravest`);
  if (blocks !== grave.some(({ ephi }) => ephi || scope === "all"))
    problems.push(`blocks: ${blocks}`);
  for (const change of changes) {
    if (change.file === "") problems.push(`no file: ${change.summary}`);
    if (change.safeguards.length === 0) problems.push(`no safeguard: ${change.summary}`);
  }
  return problems;
}

/** No value of a grant's attribute stands in a sentence of the report. */
function masked({ base, head, diff }: Compared): string[] {
  const values = [base, head].flatMap(({ repository }) =>
    Object.values(repository.grants).flatMap(({ attributes }) => Object.values(attributes).flat()),
  );
  // A word that a policy or a label says too is not a secret of the grant.
  const others = [base, head].map(({ repository: { policies, servers } }) =>
    JSON.stringify([policies, servers]),
  );
  const texts = values.filter(
    (value) =>
      typeof value === "string" &&
      value.length > 3 &&
      !others.some((other) => other.includes(JSON.stringify(value).slice(1, -1))),
  );
  const sentences = ({ summary, before, after }: Change): string => `${summary} ${before} ${after}`;
  return diff.changes.flatMap((change) =>
    texts.some((text) => sentences(change).includes(String(text)))
      ? [`an attribute's value: ${change.summary}`]
      : [],
  );
}
