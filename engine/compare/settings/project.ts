/** phiward.yaml: who watches over changes, and what is demanded of them. */
import type { LoadedRepository } from "../../policy/load.ts";
import type { ProjectFile } from "../../schema/types.ts";
import type { Located, Pointer } from "../../source.ts";
import type { Change } from "../report.ts";
import { change, type Said, text } from "./change.ts";

/** Both sides' settings, and where a change of them stands. */
interface Sides {
  readonly was: ProjectFile | undefined;
  readonly is: ProjectFile | undefined;
  readonly located: Located<unknown> | undefined;
}

export function project(base: LoadedRepository, head: LoadedRepository): Change[] {
  const sides: Sides = {
    was: base.project?.value,
    is: head.project?.value,
    located: head.project ?? base.project,
  };
  return [
    ...agreement(sides),
    ...scope(sides),
    ...approvers(sides),
    ...invariants(sides),
    ...thresholds(sides),
    ...patientKey(sides),
    ...releaseName(sides),
  ];
}

function said(
  { located }: Sides,
  kind: "gate" | "trust",
  verdict: Said["verdict"],
  summary: string,
  [from, to]: readonly [unknown, unknown],
  pointer: Pointer,
): Change[] {
  const [before, after] = [text(from), text(to)];
  return before === after
    ? []
    : [change({ kind, verdict, summary, before, after, located, pointer })];
}

function agreement(sides: Sides): Change[] {
  const [was, is] = [sides.was?.requireBaa === true, sides.is?.requireBaa === true];
  return said(
    sides,
    "gate",
    is ? "narrower" : "broader",
    `a business associate agreement is ${is ? "now" : "no longer"} demanded`,
    [demand(was), demand(is)],
    ["requireBaa"],
  );
}

function demand(yes: boolean): string {
  return yes ? "demanded" : "not demanded";
}

function scope(sides: Sides): Change[] {
  const of = (file: ProjectFile | undefined): string => file?.gate?.scope ?? "ephi";
  return said(
    sides,
    "gate",
    of(sides.is) === "ephi" ? "broader" : "narrower",
    "the gate's scope changed",
    [of(sides.was), of(sides.is)],
    ["gate", "scope"],
  );
}

function approvers(sides: Sides): Change[] {
  const [before, after] = [groupsOf(sides.was), groupsOf(sides.is)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [from, to] = [before.get(name) ?? 0, after.get(name) ?? 0];
    // The first approvers of all open a gate that was shut.
    const weaker = to < from || (before.size === 0 && to > 0);
    return said(
      sides,
      "gate",
      weaker ? "broader" : "narrower",
      `a broadening needs ${to} instead of ${from} of \`${name}\` to approve it`,
      [from, to],
      ["gate", "approvers"],
    );
  });
}

/** Group → how many of it; a group that stands twice is asked twice. */
function groupsOf(file: ProjectFile | undefined): ReadonlyMap<string, number> {
  const groups = new Map<string, number>();
  for (const { team, login, count = 1 } of file?.gate?.approvers ?? []) {
    const name = team === undefined ? `login ${login}` : `team ${team}`;
    groups.set(name, (groups.get(name) ?? 0) + count);
  }
  return groups;
}

function invariants(sides: Sides): Change[] {
  const kept = new Map(
    (sides.is?.invariants ?? []).map((invariant) => [invariant.name, text(invariant)]),
  );
  return (sides.was?.invariants ?? []).flatMap((invariant) => {
    const now = kept.get(invariant.name);
    if (now === text(invariant)) return [];
    const what = now === undefined ? "is gone" : "changed";
    const summary = `the invariant \`${invariant.name}\` ${what}`;
    return said(sides, "gate", "broader", summary, ["demanded", what], ["invariants"]);
  });
}

function thresholds(sides: Sides): Change[] {
  return (["rules", "conditions", "mutation"] as const).flatMap((key) => {
    const of = (file: ProjectFile | undefined): number => file?.gate?.coverage?.[key] ?? 0;
    const [from, to] = [of(sides.was), of(sides.is)];
    return said(
      sides,
      "gate",
      to < from ? "broader" : "narrower",
      `the least coverage of ${key} changed`,
      [from, to],
      ["gate", "coverage", key],
    );
  });
}

/** Under another key every patient is a new one, so that what was used up of a limit is free again. */
function patientKey(sides: Sides): Change[] {
  return said(
    sides,
    "gate",
    "broader",
    "patients are counted under another key, so what is used up of a limit counts as unused",
    [sides.was?.subject?.key, sides.is?.subject?.key],
    ["subject", "key"],
  );
}

/** An engine follows the releases of one name. */
function releaseName(sides: Sides): Change[] {
  return said(
    sides,
    "trust",
    "broader",
    "releases are made under another name, which other engines may follow",
    [sides.was?.bundle?.name, sides.is?.bundle?.name],
    ["bundle", "name"],
  );
}
