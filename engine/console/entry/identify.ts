/** Whether a credential lets somebody in, now. Asked at login and again at every request. */
import { isBarred } from "../../grant/bar.ts";
import { grantOfSubject } from "../../grant/subject.ts";
import { tokenId } from "../../grant/token.ts";
import { own } from "../../json/value.ts";
import { reviewerOf } from "../../review/reviewer.ts";
import type { Books } from "../books.ts";
import type { Credential, Turned, Visitor } from "./credential.ts";

/** The issuer's clock and ours. */
const CLOCK_TOLERANCE_MS = 30_000;

export type Identified = { readonly visitor: Visitor } | Turned;

/** Total: what cannot be asked lets nobody in. */
export async function identify(
  { tokens, bars, policy }: Books,
  credential: Credential,
  at: number,
): Promise<Identified> {
  const current = await policy.current().catch(() => undefined);
  if (current === undefined) return { refused: "no_policy" };
  const { repository } = current;
  const token = credential.kind === "token" ? tokenId(credential.hash) : undefined;
  const found = await grantBehind();
  if ("refused" in found) return { ...found, ...(token === undefined ? {} : { token }) };
  const visitor = reviewerOf(repository, found.grant, at);
  if (visitor !== undefined) return { visitor };
  const grant = own(repository.grants, found.grant)?.id;
  return {
    refused: "no_audit_access",
    ...(grant === undefined ? {} : { grant }),
    ...(token === undefined ? {} : { token }),
  };

  async function grantBehind(): Promise<{ readonly grant: string } | Turned> {
    if (credential.kind === "subject") {
      const grant = grantOfSubject(repository, credential.issuer, credential.subject, at);
      if (grant === undefined) return { refused: "unknown_subject" };
      bars.refresh();
      if (bars.problem !== undefined) return { refused: "store_unavailable" };
      const barred = isBarred(bars.of(grant.id), grant, credential.since, CLOCK_TOLERANCE_MS);
      return barred ? { refused: "barred", grant: grant.id } : { grant: grant.id };
    }
    await tokens.refresh();
    const answer = await tokens.lookup(credential.hash, repository, at);
    if (answer.ok) return { grant: answer.grant };
    const { code, grant } = answer;
    return { refused: code, ...(grant === undefined ? {} : { grant }) };
  }
}
