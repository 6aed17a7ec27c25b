/**
 * Who may read the audit log, and who may sign a review: a grant with `access: [{audit: read|sign}]`.
 * A signature is a person's word (45 CFR §164.308(a)(1)(ii)(D) asks that somebody reviews), so only a
 * person signs, whatever a grant says.
 */
import { PhiwardError } from "../errors.ts";
import type { TokenStore } from "../grant/store.ts";
import { hashToken } from "../grant/token.ts";
import { own } from "../json/value.ts";
import type { Grant, Repository } from "../policy/ir.ts";

export interface Reviewer {
  readonly grant: string;
  /** The principal's id, such as `person:m.chen`. */
  readonly principal: string;
  readonly may: "read" | "sign";
}

/** undefined for a grant that is not there, is not valid at `at` (epoch milliseconds), or has no part in the audit. */
export function reviewerOf(
  { grants }: Pick<Repository, "grants">,
  grantId: string,
  at: number,
): Reviewer | undefined {
  const grant = own(grants, grantId);
  if (grant?.audit === undefined || !isOrdinary(grant, at)) return undefined;
  const { id: principal, kind } = grant.principal;
  const may = grant.audit === "sign" && kind === "person" ? "sign" : "read";
  return { grant: grant.id, principal, may };
}

/** Emergency access is for patients: it is dormant here even while it is open. */
function isOrdinary({ issued, expires, breakGlass }: Grant, at: number): boolean {
  return issued <= at && at < expires && breakGlass === undefined;
}

export interface ReviewWorld {
  readonly tokens: Pick<TokenStore, "lookup" | "refresh">;
  readonly repository: Pick<Repository, "grants">;
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * The reviewer who holds a grant token. Throws NOT_PERMITTED, which says whether the token or the
 * grant will not do, and never repeats the token.
 */
export async function reviewerWith(
  token: string | undefined,
  { tokens, repository, at }: ReviewWorld,
): Promise<Reviewer> {
  if (token === undefined || token === "") {
    throw refused("nobody says who they are", "set PHIWARD_TOKEN to your own grant token");
  }
  const hash = hashToken(token);
  await tokens.refresh();
  const found = hash === undefined ? undefined : await tokens.lookup(hash, repository, at);
  if (found?.ok !== true) {
    const why = found?.code.replaceAll("_", " ") ?? "not of a token's form";
    throw refused(`the token is not accepted: ${why}`, "ask for one with `phiward token issue`");
  }
  const reviewer = reviewerOf(repository, found.grant, at);
  if (reviewer !== undefined) return reviewer;
  throw refused(
    `the grant \`${found.grant}\` has no part in the audit`,
    "a reviewer's grant has `access: [{ audit: read }]` or `[{ audit: sign }]`, and is in force",
  );
}

/** Throws NOT_PERMITTED for somebody who may only read. */
export function mustSign({ grant, may }: Reviewer): void {
  if (may === "sign") return;
  throw refused(
    `the grant \`${grant}\` may read, and not sign`,
    "signing needs `access: [{ audit: sign }]` and a principal of kind person",
  );
}

function refused(message: string, help: string): PhiwardError {
  return new PhiwardError("NOT_PERMITTED", message, { help });
}
