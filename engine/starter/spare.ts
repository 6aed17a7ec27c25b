/**
 * Leaves out of a drafted policy what the prover shows to be said already, mostly by the pinned schema:
 * a rule that stops no call is one more line that somebody has to read and keep.
 */
import { lintContext } from "../lint/context.ts";
import type { EntrySite } from "../lint/proofs.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { DraftEntry, DraftPolicy } from "./draft.ts";

/** The policies without what says nothing in them. `loaded` holds each under its name. */
export function spareOut(
  policies: readonly DraftPolicy[],
  loaded: LoadedRepository,
  now: number,
): readonly DraftPolicy[] {
  const { proofs, policies: known } = lintContext(loaded, now, []);
  return policies.map((draft) => {
    const facts = known.find(({ name }) => name === draft.name);
    if (facts === undefined) return draft;
    const { superfluous, constant } = proofs.of(facts.policy);
    const gone = new Set(
      superfluous.flatMap(({ site, group }) => (group === undefined ? [place(site)] : [])),
    );
    const always = new Set(
      constant.flatMap(({ site, group, index, never }) =>
        never === "false" ? [`${place(site)} ${group} ${index}`] : [],
      ),
    );
    return {
      ...draft,
      tools: draft.tools.map((tool) => ({
        ...tool,
        require: tool.require.flatMap((entry, index) => {
          const at = `${tool.name} require ${index}`;
          return gone.has(at) ? [] : [withoutConstants(entry, at, always)];
        }),
      })),
    };
  });
}

function place({ name, kind, index }: EntrySite): string {
  return `${name} ${kind} ${index}`;
}

function withoutConstants(entry: DraftEntry, at: string, always: ReadonlySet<string>): DraftEntry {
  const anyOf = entry.anyOf.map((group, g) => {
    const kept = group.filter((_, index) => !always.has(`${at} ${g} ${index}`));
    return kept.length === 0 ? group : kept;
  });
  return { ...entry, anyOf };
}
