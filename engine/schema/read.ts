/**
 * Reads our own schemas, which are files of the package. Alone in its file, because whoever packs the
 * engine into one file replaces just this.
 */
import { readFileSync } from "node:fs";
import type { Json } from "../json/value.ts";

/** The schema of a format, such as `policy`. */
export function readSchema(format: string): Json {
  // From a checkout the schemas stand beside engine/, from the package beside dist/.
  const here = import.meta.url;
  const up = here.includes("/dist/engine/") ? "../../../schemas/" : "../../schemas/";
  return JSON.parse(readFileSync(new URL(`${up}${format}.schema.json`, here), "utf8"));
}
