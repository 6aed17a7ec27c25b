/** Who an identity of an OpenID Connect provider is here: one live grant, or nobody. */
import type { Grant, Repository } from "../policy/ir.ts";

type Grants = Readonly<Record<string, Grant>>;

/** Built once for each repository, and gone with it: a message costs one look into a map. */
const indexes = new WeakMap<Grants, ReadonlyMap<string, readonly Grant[]>>();

/**
 * The grant whose `authentication.oidc` names this issuer and subject (the claims `iss` and `sub`,
 * compared as they are: RFC 7519 §4.1.1, §4.1.2) and that is in force at `at` (epoch milliseconds).
 * undefined when there is none, and when there are several: an identity that stands for two grants
 * answers for neither (45 CFR §164.312(a)(2)(i)).
 */
export function grantOfSubject(
  { grants }: Pick<Repository, "grants">,
  issuer: string,
  subject: string,
  at: number,
): Grant | undefined {
  const named = indexOf(grants).get(keyOf(issuer, subject)) ?? [];
  const [one, ...others] = named.filter(({ issued, expires }) => issued <= at && at < expires);
  return others.length === 0 ? one : undefined;
}

function indexOf(grants: Grants): ReadonlyMap<string, readonly Grant[]> {
  const known = indexes.get(grants);
  if (known !== undefined) return known;
  const index = new Map<string, Grant[]>();
  for (const grant of Object.values(grants)) {
    if (grant.oidc === undefined) continue;
    const key = keyOf(grant.oidc.issuer, grant.oidc.subject);
    const same = index.get(key);
    if (same === undefined) index.set(key, [grant]);
    else same.push(grant);
  }
  indexes.set(grants, index);
  return index;
}

/** Not by gluing: two pairs must never have one key. */
function keyOf(issuer: string, subject: string): string {
  return JSON.stringify([issuer, subject]);
}
