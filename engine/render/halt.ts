/** Emergency stops and heartbeats, as their commands tell of them. */
import type { Halt } from "../bundle/halt.ts";
import type { HeartbeatFile } from "../schema/types.ts";
import { type Paint, plural, visible } from "./paint.ts";

function stopOf({ file, signers }: Halt): object {
  const { sequence, issued, reason, deny } = file;
  return { sequence, issued, reason, deny, by: signers.map(({ person }) => person) };
}

export function haltJson(halt: Halt): object {
  return { schema: "phiward.halt/1", halt: stopOf(halt) };
}

export function haltText(halt: Halt, paint: Paint): string {
  return [
    `${paint(["bold", "red"], "STOP")} ${halt.file.sequence}: ${denied(halt)}`,
    "engines obey when they next look; a release lifts it, with everybody's signature",
  ].join("\n");
}

/** An emergency stop, and whether the release that is published lifts it. */
export interface ListedHalt {
  readonly halt: Halt;
  readonly inForce: boolean;
}

export function haltListJson(listed: readonly ListedHalt[]): object {
  return {
    schema: "phiward.halt-list/1",
    halts: listed.map(({ halt, inForce }) => ({ ...stopOf(halt), inForce })),
  };
}

export function haltListText(listed: readonly ListedHalt[], paint: Paint): string {
  if (listed.length === 0) return "there was no emergency stop";
  const lines = listed.map(({ halt, inForce }) => {
    const { sequence, issued, reason } = halt.file;
    const state = inForce ? paint(["bold", "red"], "in force") : paint("dim", "lifted");
    const by = halt.signers.map(({ person }) => visible(person)).join(", ");
    return `${sequence}  ${state}  ${issued}  ${denied(halt)}  by ${by}: ${visible(reason)}`;
  });
  const count = listed.filter(({ inForce }) => inForce).length;
  return [...lines, count === 0 ? "none is in force" : `${plural(count, "stop")} in force`].join(
    "\n",
  );
}

/** What a stop denies, in words. */
function denied({ file: { deny } }: Halt): string {
  const { all, tools = [], grants = [], versions = [] } = deny;
  return [
    ...(all === true ? ["every call"] : []),
    ...tools.map(({ server, tool }) => `the tool ${visible(`${server ?? "*"}/${tool}`)}`),
    ...grants.map((grant) => `the grant ${visible(grant)}`),
    ...versions.map((version) => `every call under version ${version}`),
  ].join(", ");
}

export function heartbeatJson(file: HeartbeatFile): object {
  const { sequence, issued, expires, release, haltSequence } = file;
  return { schema: "phiward.heartbeat/1", sequence, issued, expires, release, haltSequence };
}

export function heartbeatText({ release, expires }: HeartbeatFile, paint: Paint): string {
  return `${paint("green", "issued")}: version ${release.version} is the newest release, until ${expires}`;
}
