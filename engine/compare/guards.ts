/**
 * Files that decide about policies without being any. What a workflow does, or whom a new root trusts,
 * cannot be proved from its bytes: any change is broader, by rule.
 */
import { type GuardFile, type GuardKind, type Guards, NO_GUARDS } from "../host/guards.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { Change, ChangeKind } from "./report.ts";
import { safeguardsOf } from "./safeguards.ts";

export function compareGuards(base: LoadedRepository, head: LoadedRepository): Change[] {
  const [was, is] = [base.guards ?? NO_GUARDS, head.guards ?? NO_GUARDS];
  const sameRoot = was.at === is.at;
  const [before, after] = [byPath(was, sameRoot), byPath(is, sameRoot)];
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].sort().flatMap((path) => {
    const [from, to] = [before.get(path), after.get(path)];
    return from?.digest === to?.digest ? [] : [guardChange(path, from, to)];
  });
}

function byPath({ files }: Guards, withRoot: boolean): ReadonlyMap<string, GuardFile> {
  const compared = files.filter(({ path }) => withRoot || !path.startsWith("/"));
  return new Map(compared.map((guard) => [guard.path, guard]));
}

const KIND: Readonly<Record<GuardKind, ChangeKind>> = {
  trust: "trust",
  workflow: "workflow",
  owners: "workflow",
};

function guardChange(path: string, was: GuardFile | undefined, is: GuardFile | undefined): Change {
  const { kind } = (is ?? was)!;
  const what = is === undefined ? "is gone" : was === undefined ? "is new" : "changed";
  const namesPhiward = [was, is].some((side) => side?.namesPhiward === true);
  return {
    kind: KIND[kind],
    grant: null,
    principal: null,
    server: null,
    method: null,
    tool: null,
    ephi: true,
    effect: null,
    verdict: "broader",
    by: "rule",
    summary: `\`${path}\` ${what}: ${consequence(kind, namesPhiward)}`,
    before: was === undefined ? "none" : was.digest,
    after: is === undefined ? "none" : is.digest,
    file: path,
    line: 1,
    safeguards: safeguardsOf(KIND[kind], null),
  };
}

/** What a reader has to think of; nobody can say more from the bytes alone. */
function consequence(kind: GuardKind, namesPhiward: boolean): string {
  switch (kind) {
    case "trust":
      return "engines may trust releases of other people than before";
    case "owners":
      return "other people than before may be asked to review";
    case "workflow":
      return namesPhiward
        ? "it runs phiward, so the gate may judge otherwise, or not at all"
        : "what runs in the repository can also stand in for the gate";
  }
}
