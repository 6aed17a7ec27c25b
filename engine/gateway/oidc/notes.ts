/** What an operator should know of the issuers. */
import type { Identities } from "../runtime.ts";

export function issuerNotes(identities: Identities | undefined): readonly string[] {
  if (identities === undefined) return [];
  const { issuers, bars } = identities;
  const failing = issuers.states().filter(({ problem }) => problem !== undefined);
  return [
    ...failing.map(({ issuer, problem }) => `the keys of ${issuer} cannot be fetched: ${problem}`),
    ...(bars.problem === undefined
      ? []
      : ["bars cannot be read: every identity of an issuer is refused"]),
  ];
}
