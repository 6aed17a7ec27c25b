/** Heartbeats and emergency stops, as their keys would sign them or as others do. */
import type { Role } from "../../../engine/bundle/roles.ts";
import { canonical, type Json, sha256 } from "../../../engine/json/value.ts";
import type { HaltFile, HeartbeatFile } from "../../../engine/schema/types.ts";
import { type Name, NOW, release } from "../world.ts";
import type { Given } from "./attack.ts";
import { payloadOf, sealed } from "./forge.ts";

const HOUR = 3_600_000;

/** Without the fraction of a second. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

export function digestOfStatement(envelope: Uint8Array): `sha256:${string}` {
  return sha256(payloadOf(envelope));
}

type Loose<T> = Readonly<Partial<Record<keyof T, unknown>> & Record<string, unknown>>;

export function heartbeatOf(
  envelope: Uint8Array,
  version = 1,
  changes: Loose<HeartbeatFile> = {},
): Loose<HeartbeatFile> {
  return {
    type: "phiward.heartbeat/1",
    domain: "hospital",
    stream: "ehr",
    sequence: 100,
    issued: instant(NOW - HOUR),
    expires: instant(NOW + 23 * HOUR),
    rootVersion: 1,
    release: { epoch: 1, version, statement: digestOfStatement(envelope) },
    haltSequence: 0,
    ...changes,
  };
}

export function haltOf(sequence: number, changes: Loose<HaltFile> = {}): Loose<HaltFile> {
  return {
    type: "phiward.halt/1",
    domain: "hospital",
    stream: "ehr",
    sequence,
    issued: instant(NOW - HOUR),
    reason: "an exercise",
    deny: { all: true },
    ...changes,
  };
}

export async function signWords(
  role: Role,
  words: object,
  names: readonly Name[],
): Promise<Buffer> {
  return await sealed(role, canonical(words as Json), names);
}

/** The good release, with a heartbeat. */
export async function withHeartbeat(
  changes: Loose<HeartbeatFile> = {},
  names: readonly Name[] = ["ci"],
): Promise<Given> {
  const files = await release();
  const words = heartbeatOf(files.release!, 1, changes);
  return { files: { ...files, heartbeat: await signWords("heartbeat", words, names) } };
}

/** The good release, with one emergency stop. */
export async function withHalt(
  changes: Loose<HaltFile> = {},
  names: readonly Name[] = ["s.park"],
): Promise<Given> {
  return await withHalts({ 1: await signWords("halt", haltOf(1, changes), names) });
}

export async function withHalts(halts: Readonly<Record<number, Uint8Array>>): Promise<Given> {
  const numbered = Object.entries(halts).map(([n, bytes]) => [Number(n), bytes] as const);
  return { files: { ...(await release()), halts: new Map(numbered) } };
}
