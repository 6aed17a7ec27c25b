/** A gateway of a ward whose nurse and clerk sign in at an issuer; the others have grant tokens. */
import type { IssuerSettings } from "../../../engine/gateway/oidc/settings.ts";
import { startWorld, type World } from "../../support/gateway.ts";
import { settingsOf, startIssuer, type TestIssuer } from "../../support/issuer.ts";

export interface Ward {
  readonly world: World;
  readonly issuer: TestIssuer;
  /** It has a nurse of the same name, who has no grant here. */
  readonly other: TestIssuer;
  stop(): Promise<void>;
}

export async function startWard(more: Partial<IssuerSettings> = {}): Promise<Ward> {
  const [issuer, other] = [await startIssuer(), await startIssuer()];
  const oidc = [settingsOf(issuer, more), settingsOf(other, more)];
  const world = await startWorld({
    overrides: { oidc },
    files: (files) => ({
      ...files,
      "grants/nurse.yaml": { ...files["grants/nurse.yaml"], ...signsIn(issuer, "nurse-1") },
      "grants/clerk.yaml": { ...files["grants/clerk.yaml"], ...signsIn(issuer, "clerk-1") },
    }),
  });
  return {
    world,
    issuer,
    other,
    async stop() {
      await world.stop();
      await issuer.stop();
      await other.stop();
    },
  };
}

function signsIn({ url }: TestIssuer, subject: string): object {
  return { authentication: { oidc: { issuer: url, subject } } };
}
