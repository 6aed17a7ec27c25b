/** Who may open which emergency grant: a person whom the grant names, by a grant of their own. */
import { own } from "../json/value.ts";
import type { Grant } from "../policy/ir.ts";

export interface OpenableGrants {
  readonly grants: Readonly<Record<string, Grant>>;
}

/** An emergency grant, which has `breakGlass`. */
export type EmergencyGrant = Grant & Required<Pick<Grant, "breakGlass">>;

/**
 * The emergency grant `id`, for the holder of the grant `opener`; undefined when they are none of its
 * openers. Nobody learns from it whether there is such a grant.
 */
export function openable(
  { grants }: OpenableGrants,
  id: string,
  opener: Grant,
  at: number,
): EmergencyGrant | undefined {
  const grant = own(grants, id);
  return grant !== undefined && isEmergency(grant) && mayOpen(grant, opener, at)
    ? grant
    : undefined;
}

/** Every emergency grant that the holder of `opener` may open. */
export function openableBy(
  { grants }: OpenableGrants,
  opener: Grant,
  at: number,
): readonly EmergencyGrant[] {
  return Object.values(grants).filter(
    (grant): grant is EmergencyGrant => isEmergency(grant) && mayOpen(grant, opener, at),
  );
}

function isEmergency(grant: Grant): grant is EmergencyGrant {
  return grant.breakGlass !== undefined;
}

function mayOpen(
  { breakGlass }: EmergencyGrant,
  { principal, issued, expires, breakGlass: dormant }: Grant,
  at: number,
): boolean {
  return (
    // Whoever holds software's credential must not become a person by it.
    principal.kind === "person" &&
    breakGlass.openers.includes(principal.id) &&
    // An emergency grant opens no other one, nor itself: its own credential is of no use before.
    dormant === undefined &&
    issued <= at &&
    at < expires
  );
}
