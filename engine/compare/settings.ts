/**
 * Settings that are judged by a published order, from weaker to stronger, instead of by proof: they
 * decide about no single call, but about who calls, what a server is, and who watches.
 *
 * | kind | weaker, so broader |
 * |---|---|
 * | identity | any change of principal, responsible person, purpose, issuer, subject or break-glass; access to the audit; rules that are only watched |
 * | server | another endpoint, transport or vendor; a credential that is no longer read-only; an agreement that is less than before (signed > not required > pending > none); an agreement no longer demanded; rules that are only watched |
 * | label | an effect, ePHI, volume or patient argument that sounds more harmless than before, patients of results that are no longer named; absent is the worst |
 * | pin | a lock that is gone; a definition that is pinned anew, since calls of the live tool pass again |
 * | gate | a wider scope left out, an invariant gone or changed, an approver group fewer or smaller, a lower threshold, another key under which patients are counted |
 * | test | an expected denial that is gone, skipped or changed |
 * | suppression | one that is new, longer or for more files |
 * | trust | any change of a file that says whom releases are trusted from, or of the release's name |
 * | workflow | any change of a file that runs the gate, or says who reviews |
 */
import type { LoadedRepository } from "../policy/load.ts";
import { compareGuards } from "./guards.ts";
import type { Change } from "./report.ts";
import { identities } from "./settings/identities.ts";
import { modes } from "./settings/modes.ts";
import { project } from "./settings/project.ts";
import { servers } from "./settings/servers.ts";
import { suppressions } from "./settings/suppressions.ts";
import { tests } from "./settings/tests.ts";

export function compareSettings(base: LoadedRepository, head: LoadedRepository): Change[] {
  return [
    ...identities(base, head),
    ...servers(base, head),
    ...modes(base, head),
    ...project(base, head),
    ...suppressions(base, head),
    ...tests(base, head),
    ...compareGuards(base, head),
  ];
}
