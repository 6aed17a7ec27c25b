/** Who a grant is about. Nobody can prove that another person, or another purpose, is the lesser one. */
import type { Grant } from "../../policy/ir.ts";
import type { LoadedRepository } from "../../policy/load.ts";
import type { Pointer } from "../../source.ts";
import type { Change } from "../report.ts";
import { duration } from "../words.ts";
import { change } from "./change.ts";

interface Part {
  readonly name: string;
  readonly pointer: Pointer;
  readonly of: (grant: Grant) => string;
}

const PARTS: readonly Part[] = [
  { name: "principal", pointer: ["principal", "id"], of: ({ principal }) => principal.id },
  {
    name: "kind of principal",
    pointer: ["principal", "kind"],
    of: ({ principal }) => principal.kind,
  },
  {
    name: "responsible person",
    pointer: ["principal", "responsible"],
    of: ({ principal }) => principal.responsible ?? "none",
  },
  { name: "purpose", pointer: ["purpose"], of: ({ purpose }) => purpose },
  {
    name: "issuer and subject",
    pointer: ["authentication"],
    of: ({ oidc }) => (oidc === undefined ? "none" : `${oidc.subject} of ${oidc.issuer}`),
  },
  {
    name: "break-glass",
    pointer: ["breakGlass"],
    of: ({ breakGlass }) =>
      breakGlass === undefined
        ? "none"
        : `opened by ${breakGlass.openers.join(", ")} for at most ${duration(breakGlass.maxMs)}`,
  },
  { name: "access to the audit", pointer: ["access"], of: ({ audit }) => audit ?? "none" },
];

export function identities(base: LoadedRepository, head: LoadedRepository): Change[] {
  return [...head.grants].flatMap(([id, { located, compiled: is }]) => {
    if (is === undefined) return [];
    const was = base.grants.get(id)?.compiled;
    if (was === undefined) return newAuditor(is, located);
    return PARTS.flatMap(({ name, pointer, of }) => {
      const [before, after] = [of(was), of(is)];
      if (before === after) return [];
      return [
        change({
          kind: "identity",
          verdict: "broader",
          summary: `the ${name} of the grant \`${id}\` changed`,
          before,
          after,
          located,
          pointer,
          grant: is,
        }),
      ];
    });
  });
}

/** A grant may reach no tool at all and still read who looked at whom. */
function newAuditor(
  grant: Grant,
  located: NonNullable<ReturnType<LoadedRepository["grants"]["get"]>>["located"],
): Change[] {
  if (grant.audit === undefined) return [];
  return [
    change({
      kind: "identity",
      verdict: "broader",
      summary: `the new grant \`${grant.id}\` may ${grant.audit} the audit`,
      before: "none",
      after: grant.audit,
      located,
      pointer: ["access"],
      grant,
    }),
  ];
}
