/** Writes engine/schema/types.ts from schemas/: the schemas are the one source of the types. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const folder = new URL("../schemas/", import.meta.url);
const target = new URL("../engine/schema/types.ts", import.meta.url);

/** The text of types.ts; the tests compare it with the file. */
export async function generateTypes(): Promise<string> {
  const parts = ["/** Generated from schemas/ by `npm run generate`. Do not edit. */\n"];
  const seen = new Set<string>();
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith(".schema.json") || name === "report.schema.json") continue;
    const schema = forTypes(JSON.parse(readFileSync(new URL(name, folder), "utf8")));
    const text = await compile(schema as object, "Unused", {
      bannerComment: "",
      additionalProperties: true,
      format: true,
      style: { printWidth: 100 },
      declareExternallyReferenced: true,
      unreachableDefinitions: true,
    });
    // The same definition (`Date`, `Name`) in two schemas is the same type: keep the first.
    for (const block of text.split(/\n(?=(?:\/\*\*[\s\S]*?\*\/\n)?export )/)) {
      const declared = /export (?:type|interface) (\w+)/.exec(block)?.[1];
      if (declared !== undefined && seen.has(declared)) continue;
      if (declared !== undefined) seen.add(declared);
      parts.push(block.trim() === "" ? "" : `${block.trim()}\n`);
    }
  }
  return parts.filter((part) => part !== "").join("\n");
}

/** What only narrows values, not their types, is left out, so that the types stay readable. */
function forTypes(schema: unknown, names = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => forTypes(item));
  if (typeof schema !== "object" || schema === null) return schema;
  // A word beside a reference would make a type of its own of every place that refers.
  if (!names && "$ref" in schema) return { $ref: schema.$ref };
  const dropped = new Set([
    "$id",
    "says",
    "examples",
    "if",
    "then",
    "else",
    "not",
    "propertyNames",
    "minItems",
    "maxItems",
  ]);
  const object = schema as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    // Below `properties` and `$defs` a key is a name of the format, such as a condition's `not`.
    if (!names && dropped.has(key)) continue;
    if (!names && (key === "oneOf" || key === "anyOf") && object.properties !== undefined) continue;
    out[key] = forTypes(value, !names && (key === "properties" || key === "$defs"));
  }
  return out;
}

if (process.argv[1] === import.meta.filename) writeFileSync(target, await generateTypes());
