/** What a gateway keeps by itself in its state folder, or shares with other nodes in a database. */
import type { KeyObject } from "node:crypto";
import { openEmergencyStore } from "../emergency/file-store.ts";
import { openBarStore } from "../grant/bar-file-store.ts";
import { openTokenStore } from "../grant/file-store.ts";
import type { SharedStore } from "../postgres/store.ts";
import type { StoreSettings } from "../postgres/url.ts";
import type { QuotaStore } from "../quota/store.ts";
import type { PolicySource } from "./policy-source.ts";

/** The same for both, so that the gateway need not know which it has. */
export type Stores = SharedStore;

export interface StoresOptions {
  readonly state: string;
  readonly node: string;
  /** Absent: this node is alone. */
  readonly store?: StoreSettings | undefined;
  readonly policy: PolicySource;
  /** The quotas of a node that is alone, as its log left them. */
  readonly quotas: QuotaStore;
  readonly publicKey: KeyObject;
  readonly pseudonym: (subject: string) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export async function openStores(options: StoresOptions): Promise<Stores> {
  const { store, policy, publicKey, quotas, ...rest } = options;
  if (store === undefined) return ownStores(rest.state, quotas);
  // The driver is loaded where it is used: most gateways are alone.
  const { openSharedStore } = await import("../postgres/store.ts");
  return await openSharedStore({
    ...rest,
    settings: store,
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    subjectKey: () => policy.current()?.subjectKey ?? "v1",
    release: () => releaseNumber(policy),
  });
}

/** Only releases are numbered; a development repository is not. */
function releaseNumber(policy: PolicySource): number | undefined {
  const number = Number(policy.current()?.bundle.version);
  return Number.isSafeInteger(number) ? number : undefined;
}

function ownStores(state: string, quotas: QuotaStore): Stores {
  const nothing = async (): Promise<void> => {};
  return {
    tokens: openTokenStore(state),
    bars: openBarStore(state),
    openings: openEmergencyStore(state),
    quotas,
    problem: () => undefined,
    notes: () => [],
    join: nothing,
    look: nothing,
    drain: nothing,
    stop: nothing,
  };
}
