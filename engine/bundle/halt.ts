/**
 * Emergency stops. A stop can only deny, so one person is enough to make one; it is lifted only by a
 * release, with everybody's signature. Stops add up: a later, weaker one takes the place of none.
 */
import type { Halted } from "../decide/decide.ts";
import { type Digest, sha256 } from "../json/value.ts";
import { parseInstant } from "../policy/time.ts";
import type { HaltFile } from "../schema/types.ts";
import type { Demand } from "./checks.ts";
import { readEnvelope } from "./dsse.ts";
import { MAX_ENVELOPE_BYTES, MAX_SKEW_MS } from "./limits.ts";
import { readSigned } from "./read.ts";
import { countSigners, requireSigners, type Signer } from "./signers.ts";
import type { Store } from "./store.ts";

export interface Halt {
  readonly file: HaltFile;
  /** Of the envelope's file, under which an engine keeps it. */
  readonly digest: Digest;
  readonly signers: readonly Signer[];
}

/** The next emergency stop. */
export function takeHalt(store: Store, bytes: Uint8Array, demand: Demand): Store {
  const sequence = store.halts.length + 1;
  const what = `emergency stop ${sequence}`;
  const envelope = readEnvelope("halt", what, bytes, demand);
  const counted = countSigners(envelope, store.root, store.trust.touch ?? true);
  requireSigners(counted, store.root.file.roles.halt, what, demand);
  const file = readSigned("halt", what, envelope.payload, MAX_ENVELOPE_BYTES, demand);
  const { domain, stream } = file;
  const same = domain === store.root.file.domain && stream === store.trust.stream;
  demand("stream", same, `${what} is of another stream`);
  demand("halt-order", file.sequence === sequence, `${what} has another number`);
  const issued = parseInstant(file.issued);
  demand("form", issued !== undefined, `${what} has a time that does not exist`);
  demand("future", issued <= store.now + MAX_SKEW_MS, `${what} is dated in the future`);
  return { ...store, halts: [...store.halts, haltOf(file, bytes, counted.signers)] };
}

function haltOf(file: HaltFile, bytes: Uint8Array, signers: readonly Signer[]): Halt {
  return { file, digest: digestOfFile(bytes), signers };
}

/** A stop that this engine has checked before; its digest is what the state folder says of it. */
export function reopenHalt(bytes: Uint8Array, digest: Digest, demand: Demand): Halt {
  demand("state", digestOfFile(bytes) === digest, "an emergency stop was changed on this machine");
  const envelope = readEnvelope("halt", "an emergency stop", bytes, demand);
  // Who signed it may have left the root since, which must not lift it.
  const file = readSigned(
    "halt",
    "an emergency stop",
    envelope.payload,
    MAX_ENVELOPE_BYTES,
    demand,
  );
  return haltOf(file, bytes, []);
}

export function digestOfFile(bytes: Uint8Array): Digest {
  return sha256(Buffer.from(bytes).toString("latin1"));
}

const NONE: Halted = { all: false, tools: [], grants: new Set() };

/** `release` is the one that runs: it lifts the stops up to `haltsCleared`. */
export function stopOf(
  halts: readonly Halt[],
  release: { readonly version: number; readonly haltsCleared?: number } | undefined,
): Halted {
  const lifted = release?.haltsCleared ?? 0;
  const deny = halts.flatMap(({ file }) => (file.sequence > lifted ? [file.deny] : []));
  if (deny.length === 0) return NONE;
  const version = release?.version;
  return {
    all: deny.some(
      ({ all, versions }) =>
        all === true || (version !== undefined && versions?.includes(version) === true),
    ),
    tools: deny.flatMap(({ tools }) => tools ?? []),
    grants: new Set(deny.flatMap(({ grants }) => grants ?? [])),
  };
}
