/** What the commands about releases have in common. */
import { Flags } from "@oclif/core";
import type * as Engine from "../engine/index.ts";
import { readText } from "./arguments.ts";

export const releaseFolder = Flags.string({
  description: "folder in which a release is made: its root, its bundle, its signatures",
  helpValue: "DIR",
  default: "./release",
});

export const trustFile = Flags.string({
  description: "what is trusted; trust.json in the release's folder when absent",
  helpValue: "FILE",
});

export const keyFile = Flags.string({
  description: "key to sign with: an SSH key (or its .pub, for an agent), or a PEM key",
  helpValue: "FILE",
  required: true,
});

/** `90d` → milliseconds. */
export function lifeOf(engine: typeof Engine, text: string): number {
  if (/^[0-9]{1,6}[smhd]$/.test(text)) return engine.parseDuration(text);
  throw new engine.PhiwardError("USAGE", `\`${text.slice(0, 60)}\` is no duration`, {
    help: "write a number and s, m, h or d, such as 90d",
  });
}

export async function trustOf(
  engine: typeof Engine,
  path: string,
): Promise<ReturnType<typeof Engine.bundle.readTrust>> {
  return engine.bundle.readTrust(path, await readText(engine, path));
}

/** `GROUP:NAME=KEYFILE` → a person of the root. */
export function personOf(engine: typeof Engine, text: string): Engine.bundle.Person {
  const [, group, name, path] = /^([a-z0-9.-]+):([a-z0-9.-]+)=(.+)$/.exec(text) ?? [];
  if (path === undefined) {
    throw new engine.PhiwardError("USAGE", `\`${text.slice(0, 100)}\` names no person with a key`, {
      help: "write GROUP:NAME=KEYFILE, such as privacy:m.chen=~/.ssh/id_ed25519.pub",
    });
  }
  return { group: group!, name: name!, key: engine.bundle.readPublicKey(path) };
}

/** The root with the highest version in a folder, believed or not. */
export async function newestRoot(
  engine: typeof Engine,
  folder: string,
): Promise<{
  readonly root: Engine.bundle.Root;
  readonly envelope: ReturnType<typeof Engine.bundle.readEnvelope>;
}> {
  const { believing, readEnvelope, readFolder, readRoot } = engine.bundle;
  const { roots } = readFolder(folder);
  const bytes = roots.get(Math.max(...roots.keys()));
  if (bytes === undefined) {
    throw new engine.PhiwardError("UNREADABLE", `\`${folder}\` has no root`, {
      help: "make one with `phiward root init`",
    });
  }
  return await believing((demand) => {
    const envelope = readEnvelope("root", "the root", bytes, demand);
    return { envelope, root: readRoot(envelope.payload, demand) };
  });
}
