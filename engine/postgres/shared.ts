/**
 * What the nodes of one deployment know together: tokens, openings, and the events that tell of them.
 *
 * Each node has a view of it in memory, and asks four times a second whether the view is still true; a
 * notification makes it ask at once. A notification may be lost with its connection, the question is
 * asked again anyway. The view counts for a second from the moment at which the last answered question
 * was *asked*: whatever was committed before is in it. So a revocation holds on every node within that
 * second, whether or not anybody was notified, and a node that hears nothing denies everything.
 */
import pg from "pg";
import type { PhiwardError } from "../errors.ts";
import { type AdminEvent, isAdminEvent } from "../grant/inbox.ts";
import { clientConfig, codeOf, connectPool, storeError } from "./connect.ts";
import { takeName } from "./node-name.ts";
import { checkVersion } from "./schema.ts";
import type { StoreSettings } from "./url.ts";

/** What is kept under one kind: id → JSON. */
export type Items = ReadonlyMap<string, unknown>;

/** What a change leaves behind, the events that tell of it, and its answer. */
export interface ItemPlan<Result> {
  readonly items: Items;
  readonly events: readonly AdminEvent[];
  readonly result: Result;
}

export interface Shared {
  /** Why nothing in the view counts; undefined while all is well. */
  readonly problem: string | undefined;
  /** For the statements of this node beside the view. */
  readonly pool: pg.Pool;
  items(kind: string): Items;
  /** Grows with every change of the view. */
  readonly revision: number;
  /**
   * Changes what is kept under a kind, one change at a time across all nodes, together with its events
   * or not at all; the view has it when this resolves. Rejects with STORE_UNAVAILABLE, and then nobody
   * can tell whether it was changed.
   */
  change<Result>(kind: string, plan: (items: Items) => ItemPlan<Result>): Promise<Result>;
  /** Puts the events that wait on record, each by one node, and removes them. */
  drain(record: (event: AdminEvent) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export interface SharedOptions {
  readonly settings: StoreSettings;
  /** The name that this process alone may have; absent for a command, which has none. */
  readonly node?: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Why nothing in the view counts although the database answers. */
  readonly objection?: () => string | undefined;
}

const POLL_MS = 250;
/** So long a view counts. */
const MAX_AGE_MS = 1_000;
/** A clock that differs by more would count calls in other windows than the other nodes do. */
const CLOCK_TOLERANCE_MS = 60_000;
/** So long a start waits for the database, before it goes on and denies. */
const PATIENCE_MS = 5_000;
const POOL_SIZE = 4;
/** So many changes ago something may have been removed, and a view still hears of it. */
const REMEMBERED = 10_000;
const NOTHING: Items = new Map();

/**
 * Resolves with a view that is true, or without one when the database does not answer: it is asked
 * again and again. Rejects when the database answers that this node cannot run on it: with
 * STORE_VERSION, or with STATE_BUSY when another process has the node's name.
 */
export async function openShared({
  settings,
  node,
  now,
  objection,
}: SharedOptions): Promise<Shared> {
  const pool = connectPool(settings, `phiward ${node ?? "command"}`, POOL_SIZE);
  let view = new Map<string, Map<string, unknown>>();
  let revision = -1;
  let changes = 0;
  /** performance.now() at which the newest answered question was asked. */
  let askedAt = -Infinity;
  let trouble = "it was not reached yet";
  let clockOff = false;
  let eventsWait = false;
  let closed = false;
  /** Something was told since the last question. */
  let told = false;
  let wake = (): void => {};
  /** Questions are asked one after the other: an older answer must not take a newer one's place. */
  let asking = Promise.resolve();

  function poll(client: pg.ClientBase): Promise<void> {
    const asked = asking.then(() => ask(client));
    asking = asked.catch(() => {});
    return asked;
  }

  async function ask(client: pg.ClientBase): Promise<void> {
    const began = performance.now();
    const { rows } = await client.query(
      "SELECT revision, EXISTS (SELECT FROM event) AS events, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at FROM epoch",
    );
    const { revision: newest, events, at } = rows[0] as Epoch;
    const took = performance.now() - began;
    clockOff = Math.abs(now() - took / 2 - at) > CLOCK_TOLERANCE_MS + took;
    eventsWait = events;
    // A database that was restored from a backup is at an earlier place: all of it is read again.
    if (newest < revision) revision = -1;
    if (newest > revision) await take(client, newest);
    askedAt = began;
  }

  async function take(client: pg.ClientBase, newest: number): Promise<void> {
    const { rows } = await client.query(
      "SELECT kind, id, body FROM kept WHERE revision > $1 AND revision <= $2",
      [revision, newest],
    );
    if (revision === -1) view = new Map();
    for (const [kind, changed] of Map.groupBy(rows as Row[], ({ kind }) => kind)) {
      const items = new Map(view.get(kind));
      for (const { id, body } of changed) {
        if (body === null) items.delete(id);
        else items.set(id, body);
      }
      view.set(kind, items);
    }
    revision = newest;
    changes++;
  }

  /** Asks on one connection until it breaks. */
  async function watch(onReady: () => void): Promise<void> {
    const client = new pg.Client(clientConfig(settings, `phiward ${node ?? "command"}`));
    let broken: unknown;
    client.on("error", (error) => {
      broken = error;
      wake();
    });
    client.on("notification", () => {
      told = true;
      wake();
    });
    try {
      await client.connect();
      await checkVersion(client);
      if (node !== undefined) await takeName(client, node);
      await client.query("LISTEN phiward");
      // Another connection may lead to another database: what was seen on the one before may be gone.
      revision = -1;
      while (!closed && broken === undefined) {
        told = false;
        await poll(client);
        onReady();
        if (!told)
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, POLL_MS);
            timer.unref();
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
      }
      if (broken !== undefined) throw broken;
    } finally {
      await client.end().catch(() => {});
    }
  }

  let ended = Promise.resolve();
  const ready = new Promise<void>((resolve, reject) => {
    const patience = setTimeout(resolve, PATIENCE_MS);
    const onReady = (): void => {
      clearTimeout(patience);
      resolve();
    };
    ended = (async () => {
      while (!closed) {
        await watch(onReady).catch((error: unknown) => {
          const known = storeError(error);
          trouble = known.code === "STORE_UNAVAILABLE" ? codeOf(error) : known.message;
          if (known.code !== "STORE_UNAVAILABLE") reject(known);
        });
        if (!closed) await pause(POLL_MS);
      }
    })();
  });

  function problem(): string | undefined {
    if (closed) return "the store is closed";
    if (performance.now() - askedAt > MAX_AGE_MS)
      return `the database does not answer (${trouble})`;
    if (clockOff) return "this machine's clock and the database's differ by more than a minute";
    return objection?.();
  }

  const shared: Shared = {
    get problem() {
      return problem();
    },
    pool,
    items: (kind) => view.get(kind) ?? NOTHING,
    get revision() {
      return changes;
    },
    change: (kind, plan) =>
      inTransaction(pool, (client) => changeKept(client, kind, plan)).then(async (result) => {
        // A client of its own: the view must have the change before whoever made it goes on.
        const client = await pool.connect();
        try {
          await poll(client);
        } finally {
          client.release();
        }
        return result;
      }),
    async drain(record) {
      while (eventsWait && problem() === undefined) {
        eventsWait = await inTransaction(pool, (client) => drainSome(client, record));
      }
    },
    async close() {
      closed = true;
      wake();
      await ended;
      await pool.end();
    },
  };
  try {
    await ready;
  } catch (error) {
    await shared.close();
    throw error as PhiwardError;
  }
  return shared;
}

interface Epoch {
  readonly revision: number;
  readonly events: boolean;
  readonly at: number;
}

interface Row {
  readonly kind: string;
  readonly id: string;
  readonly body: unknown;
}

async function changeKept<Result>(
  client: pg.ClientBase,
  kind: string,
  plan: (items: Items) => ItemPlan<Result>,
): Promise<Result> {
  // Held until the commit: changes are made, and seen, in the order of their revisions.
  const locked = await client.query("SELECT revision FROM epoch FOR UPDATE");
  const revision = (locked.rows[0] as { revision: number }).revision + 1;
  const { rows } = await client.query(
    "SELECT id, body FROM kept WHERE kind = $1 AND body IS NOT NULL",
    [kind],
  );
  const before = new Map((rows as Row[]).map(({ id, body }) => [id, body]));
  const { items, events, result } = planned(() => plan(before));
  const changed = [...items].filter(([id, body]) => before.get(id) !== body);
  const gone = [...before.keys()].filter((id) => !items.has(id));
  if (changed.length + gone.length + events.length === 0) return result;
  for (const [id, body] of changed) {
    await client.query(
      "INSERT INTO kept VALUES ($1, $2, $3, $4) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body, revision = excluded.revision",
      [kind, id, JSON.stringify(body), revision],
    );
  }
  await client.query(
    "UPDATE kept SET body = NULL, revision = $3 WHERE kind = $1 AND id = ANY ($2)",
    [kind, gone, revision],
  );
  // A view that is so far behind is not one that counts.
  await client.query("DELETE FROM kept WHERE body IS NULL AND revision < $1", [
    revision - REMEMBERED,
  ]);
  for (const event of events) {
    await client.query("INSERT INTO event VALUES ($1, $2)", [event.event, JSON.stringify(event)]);
  }
  await client.query("UPDATE epoch SET revision = $1", [revision]);
  return result;
}

/** Whether there were any. What another node has in hand is passed over; what is no event stays. */
async function drainSome(
  client: pg.ClientBase,
  record: (event: AdminEvent) => Promise<void>,
): Promise<boolean> {
  const { rows } = await client.query(
    "SELECT body FROM event ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED",
  );
  const events = (rows as { body: unknown }[]).map(({ body }) => body).filter(isAdminEvent);
  // First on record, then gone: after a crash in between they are on record twice, under one event id.
  for (const event of events) await record(event);
  await client.query("DELETE FROM event WHERE id = ANY ($1)", [events.map(({ event }) => event)]);
  return events.length > 0;
}

/** A plan's own refusal, which is no outage of the database. */
class PlanRefused extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super("the plan was refused");
    this.reason = reason;
  }
}

function planned<T>(plan: () => T): T {
  try {
    return plan();
  } catch (reason) {
    throw new PlanRefused(reason);
  }
}

async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw storeError(error);
  });
  let failed: Error | undefined;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    failed = error as Error;
    // After a refusal the connection is as good as before.
    const undone = await client.query("ROLLBACK").then(
      () => true,
      () => false,
    );
    if (undone) failed = undefined;
    throw error instanceof PlanRefused ? error.reason : storeError(error);
  } finally {
    client.release(failed);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
