/** What the commands of reviewers have in common: the policy, and who asks. */
import { randomBytes } from "node:crypto";
import { Flags } from "@oclif/core";
import type * as Engine from "../engine/index.ts";
import { trustOf } from "./release.ts";

export const dir = Flags.string({
  description: "folder of the policy repository",
  helpValue: "DIR",
  default: ".",
});

export const trust = Flags.string({
  description:
    "what the gateway trusts: the policy is then the release that it ran last, checked again, and not --dir",
  helpValue: "FILE",
});

export const sign = Flags.boolean({
  description: "sign it; who signs is told by the grant token in PHIWARD_TOKEN",
});

export const note = Flags.string({
  description: "what the reviewer has to say about it; it must name no patient",
  helpValue: "TEXT",
  dependsOn: ["sign"],
});

export interface ReviewFlags {
  readonly dir: string;
  readonly state: string;
  readonly trust?: string | undefined;
}

/** The policy as it is now; undefined where --dir holds none. */
export async function policyOf(
  engine: typeof Engine,
  flags: ReviewFlags,
  host: Engine.Host,
): Promise<Engine.LoadedRepository | undefined> {
  if (flags.trust !== undefined) {
    const trusted = await trustOf(engine, flags.trust);
    return (await engine.bundle.lastRun(flags.state, trusted, host.now())).release.repository;
  }
  try {
    const loaded = await engine.load(host.folder(flags.dir));
    engine.sound(loaded);
    return loaded;
  } catch (error) {
    if (error instanceof engine.PhiwardError && error.code === "NOT_A_REPOSITORY") return undefined;
    throw error;
  }
}

/** Who holds the token in PHIWARD_TOKEN. Never a flag: a process list shows flags. */
export async function reviewer(
  engine: typeof Engine,
  state: string,
  loaded: Engine.LoadedRepository | undefined,
  at: number,
): Promise<Engine.review.Reviewer> {
  if (loaded === undefined) {
    throw new engine.PhiwardError("USAGE", "without the policies nobody can tell who may sign", {
      help: "name their folder with --dir, or the gateway's trust file with --trust",
    });
  }
  const tokens = engine.openTokenStore(state);
  const world = { tokens, repository: engine.sound(loaded), at };
  return await engine.review.reviewerWith(process.env.PHIWARD_TOKEN, world);
}

/** Puts a signature into the chain. */
export async function record(
  engine: typeof Engine,
  state: string,
  words: Engine.review.AdminWords,
  host: Engine.Host,
): Promise<{ readonly event: string; readonly told: Engine.review.Told }> {
  const now = (): number => host.now();
  const event = engine.review.adminEvent(words, now(), (bytes) => randomBytes(bytes));
  return { event: event.event, told: await engine.review.recordAdmin(state, event, { now }) };
}
