/** What a reader has to know about the grants and servers that a change is about. */
import type { Diff } from "../compare/report.ts";
import type { Grant } from "../policy/ir.ts";
import type { LoadedRepository } from "../policy/load.ts";
import { formatDay } from "../policy/time.ts";
import type { GrantFacts, ServerFacts } from "./report.ts";

/** Head's grant, or base's where it is gone. */
export function grantFacts(
  diff: Diff | undefined,
  base: LoadedRepository,
  head: LoadedRepository,
): GrantFacts[] {
  const ids = new Set((diff?.changes ?? []).flatMap(({ grant }) => grant ?? []));
  return [...ids].sort().flatMap((id) => {
    const grant = head.grants.get(id)?.compiled ?? base.grants.get(id)?.compiled;
    return grant === undefined ? [] : [factsOf(grant)];
  });
}

function factsOf({
  id,
  principal,
  purpose,
  justification,
  issued,
  expires,
  breakGlass,
}: Grant): GrantFacts {
  return {
    id,
    principal: principal.id,
    kind: principal.kind,
    ...(principal.responsible === undefined ? {} : { responsible: principal.responsible }),
    purpose,
    ...(justification === undefined ? {} : { justification }),
    issued: formatDay(issued),
    expires: formatDay(expires),
    breakGlass: breakGlass !== undefined,
  };
}

export function serverFacts(
  diff: Diff | undefined,
  base: LoadedRepository,
  head: LoadedRepository,
): ServerFacts[] {
  const ids = new Set((diff?.changes ?? []).flatMap(({ server }) => server ?? []));
  return [...ids].sort().flatMap((id) => {
    const file = head.servers.get(id) ?? base.servers.get(id);
    if (file?.compiled === undefined) return [];
    const { vendor } = file.located.value;
    const { status, signed, expires } = file.compiled.baa;
    return [
      {
        id,
        ...(vendor === undefined ? {} : { vendor: vendor.name }),
        baa: {
          status,
          ...(signed === undefined ? {} : { signed: formatDay(signed) }),
          ...(expires === undefined ? {} : { expires: formatDay(expires) }),
        },
      },
    ];
  });
}
