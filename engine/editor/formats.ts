/** Which schema a file of a policy repository follows, by its path. */
import type { Format } from "../schema/validate.ts";

const FORMATS: readonly (readonly [RegExp, Format])[] = [
  [/^phiward\.(yaml|json)$/, "project"],
  [/^policies\/[^/]+\.(yaml|json)$/, "policy"],
  [/^grants\/[^/]+\.(yaml|json)$/, "grant"],
  [/^servers\/[^/]+\.lock\.json$/, "lock"],
  [/^servers\/[^/]+\.(yaml|json)$/, "server"],
  [/^tests\/.+\.test\.(yaml|json)$/, "tests"],
];

export function formatOf(path: string): Format | undefined {
  return FORMATS.find(([pattern]) => pattern.test(path))?.[1];
}

/** `lookup` of `policies/lookup.yaml`. */
export function nameOf(path: string): string {
  return path.replace(/^.*\//, "").replace(/(\.lock)?\.(yaml|json)$/, "");
}
