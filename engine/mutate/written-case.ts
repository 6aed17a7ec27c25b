/** A survivor's witness as a test case, and the suite that it belongs to. */
import { InexactNumber } from "../json/value.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { TestFile } from "../schema/types.ts";
import { canAppend } from "./append.ts";
import type { Seen, Survivor, Witness } from "./report.ts";

/** A suite that a case is written to: one that stands, or a new one. */
export interface Home {
  readonly file: string;
  /** The suite without its cases: what a case need not repeat. */
  readonly head: Omit<TestFile, "cases" | "matrix">;
}

/** A case of `tests.schema.json`, with its keys in the order in which people write them. */
export type WrittenCase = Readonly<Record<string, unknown>> & { readonly name: string };

const NEW_FILE = "tests/mutants.test.yaml";

/** The first suite that asks as the witness does, and to which cases can be added. */
export function homeOf(
  { tests }: LoadedRepository,
  texts: ReadonlyMap<string, string>,
  { witness }: Survivor,
): Home {
  const suits = tests.filter(({ file, value }) => {
    const { grant, policy, server } = value.defaults ?? {};
    const same =
      grant === witness?.grant &&
      policy === witness?.policy &&
      (server === witness?.server || (server === undefined && file === NEW_FILE));
    const text = texts.get(file);
    return (same || file === NEW_FILE) && text !== undefined && canAppend(text, file);
  });
  // A suite that names who asks comes before the one that is for everybody.
  const [best] = suits.sort((a, b) => Number(a.file === NEW_FILE) - Number(b.file === NEW_FILE));
  if (best !== undefined) {
    const { cases: _, matrix: __, ...head } = best.value;
    return { file: best.file, head };
  }
  return {
    file: NEW_FILE,
    head: {
      version: "1",
      suite: "calls that tell a mutant from the original",
      description: "Written from the witnesses of surviving mutants. Give them names that say why.",
    },
  };
}

/** Undefined where the witness cannot be written down, or does not tell the two apart. */
export function writtenCase(
  { head }: Home,
  survivor: Survivor,
  notices: (one: WrittenCase) => boolean,
): WrittenCase | undefined {
  const { witness, expected } = survivor;
  if (witness === undefined || expected === undefined || holdsInexact(witness.args))
    return undefined;
  // The time is left out where the suite's own does as well, and of a policy, which has no dates.
  const timeless = witness.policy !== undefined || head.now !== undefined;
  const untimed = caseOf(head, survivor, witness, expected, undefined);
  if (timeless && witness.sequence === undefined && notices(untimed)) return untimed;
  const timed = caseOf(head, survivor, witness, expected, witness.at);
  return notices(timed) ? timed : undefined;
}

function caseOf(
  { defaults = {} }: Home["head"],
  { mutation, mutant }: Survivor,
  witness: Witness,
  expected: Seen,
  at: number | undefined,
): WrittenCase {
  const { grant, policy, server, tool, method, args, sequence } = witness;
  const who = {
    ...(policy === undefined || policy === defaults.policy ? {} : { policy }),
    ...(grant === undefined || grant === defaults.grant ? {} : { grant }),
    ...(server === undefined || server === defaults.server ? {} : { server }),
  };
  const target = tool === "" ? { method } : tool === defaults.tool ? {} : { tool };
  const name = nameOf(tool === "" ? method : tool, expected, mutation);
  if (sequence === undefined) {
    return {
      name,
      ...who,
      ...(at === undefined ? {} : { at: instant(at) }),
      call: { ...target, args },
      expect: expectation(expected, mutant),
    };
  }
  const count = sequence.reduce((sum, { repeat }) => sum + repeat, 0);
  const denied = expected.verdict === "deny";
  const steps = sequence.map((step) => ({
    ...(step.repeat === 1 ? {} : { repeat: step.repeat }),
    ...(step.from === 1 || !JSON.stringify(step.args).includes("{i}") ? {} : { from: step.from }),
    every: "0s",
    call: { ...target, args: step.args, at: instant(step.at) },
  }));
  return {
    name,
    ...who,
    sequence: steps.length === 1 ? steps[0] : steps,
    expect: denied
      ? { allowed: count - 1, last: { verdict: "deny", rule: expected.rule } }
      : { allowed: count },
  };
}

/** Names stand without backticks, and within what a name may be long. */
function nameOf(target: string, { verdict }: Seen, mutation: string): string {
  const says = verdict === "deny" ? "is denied" : "is allowed";
  return `${target} ${says}; notices: ${mutation.replaceAll("`", "")}`.slice(0, 300);
}

function expectation(expected: Seen, mutant: Seen | undefined): unknown {
  const { verdict, rule, ephi, effect } = expected;
  if (verdict === "deny") return { verdict, rule };
  const alike = mutant?.verdict === "deny" || mutant === undefined;
  if (alike) return "allow";
  return {
    verdict,
    ...(mutant.ephi === ephi ? {} : { ephi }),
    ...(mutant.effect === effect ? {} : { effect }),
  };
}

function instant(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/** A number that no file of ours may hold. */
function holdsInexact(value: unknown): boolean {
  if (value instanceof InexactNumber) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsInexact);
}
