/** Everything that a gateway shares with the other nodes, as one part. */
import { join } from "node:path";
import type { AuditLog } from "../audit/log.ts";
import { loadOrCreateSubjectKey } from "../audit/pseudonym.ts";
import type { EmergencyStore } from "../emergency/store.ts";
import type { BarStore } from "../grant/bar-store.ts";
import type { AdminEvent } from "../grant/inbox.ts";
import type { TokenStore } from "../grant/store.ts";
import type { Quotas } from "../quota/store.ts";
import { sharedBars } from "./bars.ts";
import { checkedEntry } from "./fold.ts";
import { sharedOpenings } from "./openings.ts";
import { sharedQuotas } from "./quotas.ts";
import { openShared } from "./shared.ts";
import { type Shipper, startShipper } from "./shipper.ts";
import { isSameKey } from "./subject-key.ts";
import { sharedTokens } from "./tokens.ts";
import type { StoreSettings } from "./url.ts";

export interface SharedStoreOptions {
  readonly settings: StoreSettings;
  readonly node: string;
  readonly state: string;
  /** The public key of the node's checkpoints, in PEM. */
  readonly publicKey: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly pseudonym: (subject: string) => string;
  /** Names the key under which patients are pseudonyms now. */
  readonly subjectKey: () => string;
  /** The number of the release in force; undefined where releases have none. */
  readonly release: () => number | undefined;
}

export interface SharedStore {
  readonly tokens: TokenStore;
  readonly bars: BarStore;
  readonly openings: EmergencyStore;
  readonly quotas: Quotas;
  /** Why everything is denied; undefined while all is well. */
  problem(): string | undefined;
  /** What does not stop calls: records that are not in the database yet. */
  notes(): readonly string[];
  /** Puts the node's log beside those of the others; resolves when it was compared, or after seconds. */
  join(log: AuditLog): Promise<void>;
  /** To be called now and then: looks at what could not be looked at while the database was away. */
  look(): Promise<void>;
  drain(record: (event: AdminEvent) => Promise<void>): Promise<void>;
  /** To be called after the log is closed, so that its last records are shipped. */
  stop(): Promise<void>;
}

/** So long a start waits for its log to be compared. */
const PATIENCE_MS = 10_000;
/** So many records behind, somebody should look. */
const MAX_LAG = 10_000;

export async function openSharedStore(options: SharedStoreOptions): Promise<SharedStore> {
  const { settings, node, state, publicKey, now, pseudonym, subjectKey, release } = options;
  /** By name: whether the other nodes have the same. */
  const keys = new Map<string, boolean>();
  let shipper: Shipper | undefined;
  let log: AuditLog | undefined;
  /** Why events that the nodes left for one another are not on record yet. */
  let undrained: string | undefined;

  function objection(): string | undefined {
    const same = keys.get(subjectKey());
    if (same === undefined) return "the subject key was not compared yet";
    if (!same) {
      return `the subject key \`${subjectKey()}\` is not that of the other nodes: copy the file from one of them`;
    }
    return shipper?.damage;
  }

  const shared = await openShared({ settings, node, now, objection });

  async function look(): Promise<void> {
    const name = subjectKey();
    if (keys.get(name) === true) return;
    const key = loadOrCreateSubjectKey(join(state, "keys"), name);
    keys.set(name, await isSameKey(shared.pool, name, key));
  }
  await look().catch(() => {});

  return {
    tokens: sharedTokens(shared, { release }),
    bars: sharedBars(shared),
    openings: sharedOpenings(shared),
    quotas: sharedQuotas(shared.pool, pseudonym),
    problem: () => shared.problem,
    notes() {
      const lag = shipper?.lag(log?.head.seq ?? 0) ?? 0;
      return [
        ...(lag > MAX_LAG ? [`${lag} records are not in the database yet`] : []),
        ...(shipper?.failing === undefined
          ? []
          : [`records cannot be copied to the database: ${shipper.failing}`]),
        ...(undrained === undefined ? [] : [`events wait to be recorded: ${undrained}`]),
      ];
    },
    async join(joined) {
      log = joined;
      await joined.append({ kind: "admin", at: now(), action: "node.joined", details: { node } })
        .durable;
      const owner = { folder: join(state, "audit"), node, publicKey };
      shipper = startShipper({ settings, ...owner }, ({ fold, others }) => {
        void joined.append(checkedEntry(fold, others, now())).durable.catch(() => {});
      });
      await Promise.race([shipper.compared, patience()]);
    },
    look,
    async drain(record) {
      const done = await shared.drain(record).catch((error: Error) => error);
      undrained = done instanceof Error ? done.message : undefined;
    },
    async stop() {
      await shipper?.stop();
      await shared.close();
    },
  };
}

function patience(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS).unref();
  });
}
