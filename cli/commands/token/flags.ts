/** What the token commands have in common. */
import { randomBytes } from "node:crypto";
import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { timeOf } from "../../arguments.ts";

export const by = Flags.string({
  description: "who does this, for the audit log, such as person:m.chen",
  helpValue: "WHO",
});

export const expires = Flags.string({
  description:
    "how long the token is valid, such as 30d, or until when; never longer than its grant",
  helpValue: "90d|TIME",
});

export const grant = Flags.string({
  description: "the tokens of this grant",
  helpValue: "ID",
});

export const token = Flags.string({
  description: "this token; its id is the 12 digits that `token list` shows",
  helpValue: "ID",
});

const DURATION = /^[0-9]{1,6}[smhd]$/;

/** `1h` → milliseconds. */
export function durationOf(engine: typeof Engine, text: string): number {
  if (DURATION.test(text)) return engine.parseDuration(text);
  throw new engine.PhiwardError("USAGE", `\`${text.slice(0, 60)}\` is no duration`, {
    help: "write a number and s, m, h or d, such as 1h",
  });
}

/** `--expires` → when the token is to end; undefined for the usual time. */
export function endOf(
  engine: typeof Engine,
  text: string | undefined,
  host: Engine.Host,
): number | undefined {
  if (text === undefined) return undefined;
  const now = host.now();
  const end = DURATION.test(text) ? now + engine.parseDuration(text) : timeOf(engine, text, host);
  if (end > now) return end;
  throw new engine.PhiwardError("USAGE", "a token cannot end before it begins", {
    help: "write a duration such as 90d, or a time to come",
  });
}

export function changeBy(
  engine: typeof Engine,
  who: string | undefined,
  host: Engine.Host,
): Engine.TokenChange {
  if (who !== undefined && !/^[^\p{Cc}]{1,256}$/u.test(who)) {
    throw new engine.PhiwardError("USAGE", "`--by` is no name of a person or service", {
      help: "write it as the grants do, such as person:m.chen",
    });
  }
  return { at: host.now(), by: who, random: (bytes) => randomBytes(bytes) };
}

/** `--grant` or `--token`, exactly one of them. */
export function chosen(
  engine: typeof Engine,
  { grant, token }: { readonly grant?: string | undefined; readonly token?: string | undefined },
): (entry: Engine.TokenEntry) => boolean {
  if ((grant === undefined) === (token === undefined)) {
    throw new engine.PhiwardError("USAGE", "which token is meant?", {
      help: "name it with --token ID, or its grant with --grant ID",
    });
  }
  return (entry) => (token === undefined ? entry.grant === grant : entry.id === token);
}

/** A token that nobody sees is lost, and stays valid. */
export function mustBeShown(
  engine: typeof Engine,
  { quiet, output }: { readonly quiet: boolean; readonly output?: string | undefined },
): void {
  if (!quiet || output !== undefined) return;
  throw new engine.PhiwardError("USAGE", "with --quiet nobody would see the token", {
    help: "leave --quiet out, or write the token to a file with --output",
  });
}

/** For the person at the terminal; standard output has the token alone. */
export function notice(json: boolean, text: string): void {
  if (!json) process.stderr.write(`${text}\n`);
}
