/** The database that several gateways share, as commands name it; or the state folder of one. */
import { Flags } from "@oclif/core";
import type * as Engine from "../engine/index.ts";
import type { StoreSettings } from "../engine/postgres/index.ts";

export const store = Flags.string({
  description:
    "the database that several gateways share, in place of --state: env:NAME, file:PATH, or an address without a password",
  helpValue: "REF",
  exclusive: ["config"],
});

export const config = Flags.string({
  description: "the host's engine.yaml, whose `store` or `state` is meant",
  helpValue: "FILE",
});

/** Either of them, or none: then it is the state folder. */
export const storeFlags = { store, config };

export interface StoreFlags {
  readonly store?: string | undefined;
  readonly config?: string | undefined;
  readonly state: string;
}

export interface Place {
  readonly state: string;
  /** undefined: the state folder has everything. */
  readonly store: StoreSettings | undefined;
}

export async function placeOf(flags: StoreFlags, host: Engine.Host): Promise<Place> {
  if (flags.store === undefined && flags.config === undefined) {
    return { state: flags.state, store: undefined };
  }
  const { readConfig, readStore } = await import("../engine/gateway/index.ts");
  if (flags.store !== undefined) {
    return { state: flags.state, store: readStore(flags.store, host.env) };
  }
  const { state, store } = readConfig(flags.config!, host.env).settings;
  return { state, store };
}

/** Where commands need a database: throws USAGE when none is named. */
export async function storeIn(
  engine: typeof Engine,
  flags: Omit<StoreFlags, "state">,
  host: Engine.Host,
): Promise<StoreSettings> {
  const { store } = await placeOf({ ...flags, state: "" }, host);
  if (store !== undefined) return store;
  throw new engine.PhiwardError("USAGE", "which database is meant?", {
    help: "name it with --store, or a configuration that has a `store` with --config",
  });
}

interface Stores {
  readonly tokens: ReturnType<typeof Engine.openTokenStore>;
  readonly bars: ReturnType<typeof Engine.openBarStore>;
}

/** Opens the tokens and bars of a place for the length of `work`. */
export async function withStores<T>(
  engine: typeof Engine,
  flags: StoreFlags,
  host: Engine.Host,
  work: (stores: Stores) => Promise<T>,
): Promise<T> {
  const { state, store } = await placeOf(flags, host);
  if (store === undefined) {
    return await work({ tokens: engine.openTokenStore(state), bars: engine.openBarStore(state) });
  }
  const { openShared, sharedBars, sharedTokens } = await import("../engine/postgres/index.ts");
  const shared = await openShared({ settings: store, now: host.now });
  try {
    const tokens = sharedTokens(shared, { release: () => undefined });
    return await work({ tokens, bars: sharedBars(shared) });
  } finally {
    await shared.close();
  }
}
