/** docs/files.md: every key of the files beside a policy, from their schemas. */
import { readFileSync } from "node:fs";
import { isObject, requiredOf, resolved, row, type Schema, table } from "./markdown.ts";

const FILES = [
  ["phiward.yaml", "project"],
  ["servers/ID.yaml", "server"],
  ["servers/ID.lock.json", "lock"],
  ["grants/ID.yaml", "grant"],
  ["tests/NAME.test.yaml", "tests"],
] as const;

/** Where an entry of a policy begins, which the language's page describes. */
const ENTRY = "Entry";

/** The sections, each with its heading, without the title. */
export function filesSections(): string[] {
  const intro =
    "What a policy repository holds beside its policies ([the policy language](language.md)). Every file is YAML 1.2 or JSON; unknown keys are refused. `[]` is a member of a list, `NAME` a name of your own; what stands in several places is told at the first.\n";
  const sections = FILES.map(([path, format]) => {
    const schema = JSON.parse(
      readFileSync(new URL(`../../schemas/${format}.schema.json`, import.meta.url), "utf8"),
    ) as Schema;
    const rows = rowsOf(schema, schema, "", new Set());
    return `## ${path}\n\n${String(schema.description)}\n\n${table(["key", "what it says", "example"], rows)}`;
  });
  return [intro, ...sections];
}

/** `seen` holds the definitions that were told before: each is told where it comes first. */
function rowsOf(root: Schema, of: Schema, prefix: string, seen: Set<unknown>): string[][] {
  const required = requiredOf(of);
  return Object.entries((of.properties ?? {}) as Readonly<Record<string, Schema>>).flatMap(
    ([name, property]) => {
      const key = `${prefix}${name}`;
      const told = row(key, required.has(name), resolved(root, property));
      return [told, ...below(root, property, key, seen)];
    },
  );
}

/** The properties of an object, of a list's members, or of what has names of its own. */
function below(root: Schema, schema: unknown, key: string, seen: Set<unknown>): string[][] {
  if (!isObject(schema) || seen.has(schema.$ref)) return [];
  if (schema.$ref !== undefined) seen.add(schema.$ref);
  const own = resolved(root, schema);
  if (own.title === ENTRY) return [];
  return [
    ...rowsOf(root, own, `${key}.`, seen),
    ...below(root, own.items, `${key}[]`, seen),
    ...below(root, own.additionalProperties, `${key}.NAME`, seen),
    ...below(root, own.then, key, seen),
    ...below(root, own.else, key, seen),
  ];
}
