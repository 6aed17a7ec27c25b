/**
 * The policy of a gateway in production: signed releases, pulled from where they are published. At
 * start it runs what ran last, without asking anybody; then it looks again and again.
 */
import type { Check } from "../bundle/checks.ts";
import { Refused, startChecks } from "../bundle/checks.ts";
import type { ReleaseFiles } from "../bundle/files.ts";
import { stopOf } from "../bundle/halt.ts";
import { vouchesFor } from "../bundle/heartbeat.ts";
import { type Kept, keepingOf, reopen, signedTimeOf } from "../bundle/kept.ts";
import { freshnessAt, type Limits, limitsOf } from "../bundle/mode.ts";
import { keepOrigins } from "../bundle/store/origins.ts";
import type { Watched } from "../bundle/store/poll.ts";
import { forgetRestored, isRestored } from "../bundle/store/restored.ts";
import { keep, readKept } from "../bundle/store/state-folder.ts";
import type { VerifiedRelease } from "../bundle/store.ts";
import { type Known, type Running, stands, update } from "../bundle/update.ts";
import type { Halted } from "../decide/decide.ts";
import { prepare } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import { sound } from "../policy/load.ts";
import type { TrustFile } from "../schema/types.ts";
import type { ActivePolicy, Freshness, PolicyEvent, PolicySource } from "./policy-source.ts";

export interface ReleaseSourceOptions {
  readonly trust: TrustFile;
  /** In the order in which they are tried. */
  readonly sources: readonly Watched[];
  /** The gateway's state folder. */
  readonly state: string;
  readonly pollMs: number;
  /** Shortens the grace of a release. */
  readonly maxStaleMs?: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** From 0 up to 1: spreads the polls of many engines. */
  readonly random: () => number;
  /** Why a release may not run on this host; undefined: it may. */
  readonly objection: (policy: ActivePolicy) => string | undefined;
}

export interface ReleasePolicy extends PolicySource {
  /** Looks once, now; resolves when what it found is in force, and on the disk. */
  poll(): Promise<void>;
}

/** A poll comes up to so much of its interval later. */
const JITTER = 0.2;

/** Rejects with STATE_DAMAGED when what ran last was changed behind its back. */
export async function releaseSource(options: ReleaseSourceOptions): Promise<ReleasePolicy> {
  const { trust, sources, state, now, objection } = options;
  const folder = `${state}/bundle`;
  const listeners: ((event: PolicyEvent) => void)[] = [];
  /** What happened before anybody listened: a refusal at the start belongs on record. */
  let unheard: PolicyEvent[] = [];
  const tell = (event: PolicyEvent): void => {
    if (listeners.length === 0) unheard.push(event);
    for (const listener of listeners) listener(event);
  };
  const kept = readKeptOrFail(folder);
  let signedTime = kept.state?.signedTime ?? 0;
  let known: Known | undefined;
  let current: ActivePolicy | undefined;
  /** Of the release that is in force. */
  let statement: string | undefined;
  let limits: Limits | undefined;
  let halted: Halted | undefined;
  let toldStops: string | undefined;
  let lastRefusal = "";
  let wasStale = false;
  let answeredAt: number | undefined;
  /** The state is a backup's, and may be behind. */
  let restored = isRestored(state);

  const clock = (at: number): number => Math.max(at, signedTime);

  const useStops = ({ store, running }: Known): void => {
    const stop = stopOf(store.halts, running?.release.predicate);
    const none = !stop.all && stop.tools.length === 0 && stop.grants.size === 0;
    halted = none ? undefined : stop;
  };

  /** A source has said what stands now, and it was believed. */
  const heard = (): void => {
    if (restored) forgetRestored(state);
    restored = false;
  };

  /** Only of what is on the disk: what is on record holds after a crash too. */
  const tellStops = (): void => {
    const words = JSON.stringify(wordsOf(halted));
    if (words !== toldStops) tell({ event: "halted" });
    toldStops = words;
  };

  /** What is believed becomes what is in force: the only place where it does. */
  const use = (next: Known): void => {
    known = next;
    signedTime = signedTimeOf(next, signedTime);
    const release = next.running?.release;
    limits = release === undefined ? undefined : limitsFor(next, release, options.maxStaleMs);
    useStops(next);
    tellStops();
    if (release === undefined) [current, statement] = [undefined, undefined];
    else if (next.running !== undefined && statement !== release.statement) {
      statement = release.statement;
      current = policyOf(next.running);
      tell({ event: "activated", policy: current });
    }
  };

  const refuse = (check: Check | "(untrusted upstream)" | "unreachable", says: string): void => {
    // The same refusal at every poll would fill the log with one line.
    if (lastRefusal === says) return;
    lastRefusal = says;
    tell({ event: "refused", check, says });
  };

  const open = async (pinned: Uint8Array): Promise<Known> => {
    const { demand } = startChecks();
    const reopened = await reopen(kept, trust, pinned, now(), demand);
    if (reopened.refused !== undefined) refuse(reopened.refused.check, reopened.refused.message);
    return reopened.known;
  };

  const look = async (): Promise<void> => {
    const failures: string[] = [];
    for (const source of sources) {
      const files = await source
        .read({
          root: known === undefined ? trust.root.version : known.store.root.file.version + 1,
          halt: (known?.store.halts.length ?? 0) + 1,
          ...(trust.pin === undefined ? {} : { pin: trust.pin.version }),
        })
        .catch((error: Error) => {
          failures.push(error.message);
          return "failed" as const;
        });
      if (files === "failed") continue;
      answeredAt = now();
      if (files === undefined) return heard();
      let taken = false;
      try {
        taken = await take(files);
      } finally {
        // Also what could not be written: the disk may have room at the next poll.
        if (!taken) source.again();
      }
      // Rubbish in one place must not keep away what stands in the next.
      if (taken) return heard();
    }
    if (failures.length === sources.length) refuse("unreachable", failures.join("; "));
  };

  /** Whether all of it was taken. */
  const take = async (files: ReleaseFiles): Promise<boolean> => {
    try {
      const before = known ?? (await open(pinnedRoot(trust, files)));
      const { known: grown, refused, bug } = await update(before, files, clock(now()));
      // Before anything that can fail, a full disk too.
      useStops({ ...grown, ...(before.running === undefined ? {} : { running: before.running }) });
      const next = admitted(grown, before, objection, refuse);
      await write(next);
      use(next);
      if (bug !== undefined) throw bug;
      if (refused !== undefined) refuse(refused.check, refused.says);
      else if (next === grown) lastRefusal = "";
      return refused === undefined && next === grown;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error.check, error.message);
      return false;
    }
  };

  const write = async (next: Known): Promise<void> => {
    const { provenance } = next.running?.bytes ?? {};
    const isNew = next.running?.release.statement !== statement;
    if (provenance !== undefined && isNew) await keepOrigins(state, provenance);
    keep(folder, keepingOf(next, signedTime));
  };

  const root = kept.roots.get(trust.root.version);
  if (root !== undefined) use(await open(root).catch(damaged));

  const freshnessNow = (at: number): Freshness =>
    limits === undefined || restored ? "overdue" : freshnessAt(clock(at), limits);

  const announce = (): void => {
    const isStale = current !== undefined && freshnessNow(now()) !== "fresh";
    if (isStale && !wasStale) tell({ event: "stale" });
    wasStale = isStale;
  };

  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let looking: Promise<void> | undefined;
  const poll = (): Promise<void> => {
    looking ??= look()
      .catch((error: Error) => refuse("unreachable", error.message))
      .finally(() => {
        looking = undefined;
        announce();
      });
    return looking;
  };
  const next = (): void => {
    if (stopped) return;
    timer = setTimeout(
      () => void poll().then(next),
      options.pollMs * (1 + JITTER * options.random()),
    );
    timer.unref();
  };
  // What ran last runs at once; without it there is nothing to do but wait.
  if (current === undefined) await poll();
  else void poll();
  next();

  return {
    current: () => current,
    freshness: freshnessNow,
    halted: () => halted,
    answeredAt: () => answeredAt,
    onEvent(listener) {
      listeners.push(listener);
      for (const event of unheard) listener(event);
      unheard = [];
    },
    poll,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function readKeptOrFail(folder: string): Kept {
  try {
    return readKept(folder);
  } catch (error) {
    return damaged(error);
  }
}

function damaged(error: unknown): never {
  if (!(error instanceof Refused)) throw error;
  throw new PhiwardError("STATE_DAMAGED", `${error.message} (${error.check})`, {
    help: "find out who changed it; then remove the folder `bundle` of the state, and releases start from the trust file's floor",
    cause: error,
  });
}

function pinnedRoot(trust: TrustFile, { roots }: ReleaseFiles): Uint8Array {
  const pinned = roots.get(trust.root.version);
  if (pinned !== undefined) return pinned;
  throw new Refused("root-pin", `there is no root ${trust.root.version}`);
}

/** A heartbeat that names a newer release says of this one that it is old. */
function limitsFor(
  { store: { beat, trust } }: Known,
  { predicate, statement }: VerifiedRelease,
  maxStaleMs: number | undefined,
): Limits {
  const { epoch, version } = predicate;
  const counts =
    beat !== undefined &&
    (trust.pin !== undefined || vouchesFor(beat, { epoch, version, statement }));
  return limitsOf(predicate, counts ? beat : undefined, maxStaleMs);
}

/** A release may be signed by everybody and still name a server that this host does not list. */
function admitted(
  next: Known,
  before: Known,
  objection: ReleaseSourceOptions["objection"],
  refuse: (check: "(untrusted upstream)", says: string) => void,
): Known {
  const { running, ...rest } = next;
  if (running === undefined || running === before.running) return next;
  const why = objection(policyOf(running));
  if (why === undefined) return next;
  refuse("(untrusted upstream)", why);
  // What did not run is not what ran last.
  const { reached: _, ...store } = next.store;
  const { reached } = before.store;
  return {
    ...rest,
    store: reached === undefined ? store : { ...store, reached },
    // The same update may have brought a root that trusts the one before no longer.
    ...(before.running !== undefined && stands(before.running, next.store, startChecks().demand)
      ? { running: before.running }
      : {}),
  };
}

function policyOf({ release }: Running): ActivePolicy {
  const { predicate, digest, repository, provenance } = release;
  const project = repository.project?.value;
  return {
    repository: prepare(sound(repository)),
    bundle: {
      name: project?.bundle?.name ?? predicate.stream,
      version: String(predicate.version),
      digest,
      commit: predicate.source.commit,
      ...(provenance === undefined ? {} : { provenance }),
    },
    subjectKey: project?.subject?.key ?? "v1",
  };
}

function wordsOf(halted: Halted | undefined): unknown {
  return halted === undefined ? undefined : [halted.all, halted.tools, [...halted.grants].sort()];
}
