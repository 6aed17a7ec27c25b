/** Where releases are published: a Git repository, or a folder that is carried on. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type * as Engine from "../engine/index.ts";

export interface Published {
  /** What is there. Not trusted. */
  readonly files: Engine.bundle.ReleaseFiles;
  /** One more file beside the release. */
  add(file: {
    readonly path: string;
    readonly text: string;
    readonly message: string;
  }): Promise<void>;
  /** The text of heartbeat.json, in place of the one that is there. */
  beat(text: string): Promise<void>;
}

export async function publishedAt(engine: typeof Engine, place: string): Promise<Published> {
  const { HEARTBEAT, publishBeside, publishHeartbeat, readSource, RELEASE, writeFolder } =
    engine.bundle;
  const files = await readSource(place);
  if (existsSync(join(place, RELEASE))) {
    return {
      files,
      add: async ({ path, text }) => writeFolder(place, { [path]: text }),
      beat: async (text) => writeFolder(place, { [HEARTBEAT]: text }),
    };
  }
  return {
    files,
    add: async (file) => {
      await publishBeside(place, file);
    },
    beat: async (text) => await publishHeartbeat(place, text),
  };
}

type Trust = ReturnType<typeof Engine.bundle.readTrust>;

export interface HeartbeatOptions {
  readonly trust: Trust;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The file of the key that signs. */
  readonly key: string;
  readonly lifeMs: number;
}

/** Points at the release in these files, which is verified first; the heartbeat that is there is not asked. */
export async function issueHeartbeat(
  engine: typeof Engine,
  { heartbeat: _, ...files }: Engine.bundle.ReleaseFiles,
  { trust, now, key, lifeMs }: HeartbeatOptions,
) {
  const {
    addSignature,
    believing,
    followRoots,
    newHeartbeat,
    openSigner,
    takeHalts,
    takeHeartbeat,
    verifyRelease,
    wrap,
  } = engine.bundle;
  const { release, refused } = await verifyRelease(files, { trust, now });
  if (release === undefined) throw untrusted(engine, refused!);
  return await believing(async (demand) => {
    const store = takeHalts(followRoots(files, { trust, now }, demand), files, demand);
    const file = newHeartbeat(store, release, lifeMs);
    const { root } = store;
    const { text } = await addSignature(
      wrap("heartbeat", file),
      openSigner(key),
      [root],
      undefined,
      [{ root, role: root.file.roles.heartbeat }],
      demand,
    );
    // As an engine takes it: one that engines would refuse must not go out.
    takeHeartbeat(store, Buffer.from(text), demand);
    return { file, text };
  });
}

/** What was refused, as an error. */
export function untrusted(
  engine: typeof Engine,
  { check, says }: NonNullable<Engine.bundle.Verification["refused"]>,
): InstanceType<typeof Engine.PhiwardError> {
  return new engine.PhiwardError("UNTRUSTED", `${says} (${check})`, {
    help: `this check stops ${engine.bundle.CHECKS[check]}`,
  });
}
