/** Arguments and flags that mean the same in several commands. */
import { readFile } from "node:fs/promises";
import { Args, Flags } from "@oclif/core";
import type * as Engine from "../engine/index.ts";

export const directory = Args.string({
  description: "folder of the policy repository",
  default: ".",
});

/** The same folder, where a command's own argument is something else. */
export const repository = Flags.string({
  description: "folder of the policy repository",
  helpValue: "DIR",
  default: ".",
});

/** Where an engine keeps what it alone knows: tokens, keys, the audit log. */
export const state = Flags.string({
  description: "state folder of the engine",
  helpValue: "DIR",
  env: "PHIWARD_STATE",
  default: "./state",
});

/** A clock for answers that can be repeated; the real one when absent. */
export const now = Flags.string({
  description: "judge as of this time instead of now, such as 2026-10-01T12:00:00Z",
  helpValue: "TIME",
});

export function timeOf(engine: typeof Engine, text: string | undefined, host: Engine.Host): number {
  if (text === undefined) return host.now();
  const at = engine.parseInstant(text) ?? engine.parseDay(text);
  if (at === undefined) {
    throw new engine.PhiwardError("USAGE", `\`${text.slice(0, 60)}\` is no time`, {
      help: "write a time like 2026-10-01T12:00:00Z, or a day",
    });
  }
  return at;
}

/** The text of a file, or of standard input for `-`. Strict UTF-8, and never repeated in an error. */
export async function readText(engine: typeof Engine, path: string): Promise<string> {
  let bytes: Buffer;
  if (path === "-") {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    bytes = Buffer.concat(chunks);
  } else {
    bytes = await readFile(path).catch((error) => {
      throw engine.unreadable(path, error);
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new engine.PhiwardError("INVALID_INPUT", `\`${path}\` is not valid UTF-8`, {
      help: "save the file as UTF-8",
    });
  }
}
