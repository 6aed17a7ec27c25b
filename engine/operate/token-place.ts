/** Where a grant token is kept for a program that holds it: a variable, or a file of one person's. */
import { readFileSync } from "node:fs";
import { refuseExposed } from "../audit/checkpoint.ts";
import { PhiwardError } from "../errors.ts";
import type { Environment } from "../host/host.ts";

/** Where the token is. */
export type TokenPlace =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string };

/** `env:NAME` or `file:PATH`. Throws USAGE for anything else; the text may be a token, and is not repeated. */
export function tokenPlace(text: string): TokenPlace {
  const name = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1];
  if (name !== undefined) return { kind: "env", name };
  const path = /^file:(.+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "file", path };
  throw new PhiwardError("USAGE", "the place of the token is not of the right form", {
    help: "env:NAME or file:PATH; a token itself is never written on a command line",
  });
}

/** The token, without the line break at its end; undefined where the variable is not set. */
export function readToken(place: TokenPlace, env: Environment): string | undefined {
  if (place.kind === "env") return env[place.name];
  let text: string;
  try {
    text = readFileSync(place.path, "utf8");
  } catch (cause) {
    throw new PhiwardError("UNREADABLE", `\`${place.path}\` cannot be read`, { cause });
  }
  refuseExposed(place.path);
  return text.replace(/\r?\n$/, "");
}
