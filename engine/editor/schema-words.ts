/** What the schema of a file says of one of its properties. */
import { isObject, type Json, own } from "../json/value.ts";
import { readSchema } from "../schema/read.ts";
import type { Format } from "../schema/validate.ts";
import type { Pointer } from "../source.ts";

export interface Words {
  readonly description?: string;
  readonly examples: readonly Json[];
}

type Schema = Readonly<Record<string, Json>>;

const roots = new Map<Format, Schema>();

/** The description nearest to the property: its own, or that of what it refers to. */
export function schemaWords(format: Format, pointer: Pointer): Words | undefined {
  const root = roots.get(format) ?? (readSchema(format) as Schema);
  roots.set(format, root);
  let found: readonly Schema[] = resolved(root, root);
  for (const step of pointer) {
    found = found.flatMap((schema) => below(root, schema, step));
    if (found.length === 0) return undefined;
  }
  const description = found.map((schema) => own(schema, "description")).find(isText);
  const examples = found.map((schema) => own(schema, "examples")).find(Array.isArray) ?? [];
  return { ...(description === undefined ? {} : { description }), examples: examples as Json[] };
}

function isText(value: Json | undefined): value is string {
  return typeof value === "string";
}

/** The schema, and what it refers to. Ours refer to no other file. */
function resolved(root: Schema, schema: Json | undefined): Schema[] {
  if (!isObject(schema)) return [];
  const ref = own(schema as Schema, "$ref");
  if (typeof ref !== "string") return [schema as Schema];
  let target: Json | undefined = root;
  for (const step of ref.replace(/^#\/?/, "").split("/")) {
    target = isObject(target) ? own(target as Schema, step) : undefined;
  }
  return [schema as Schema, ...resolved(root, target)];
}

function below(root: Schema, schema: Schema, step: string | number): Schema[] {
  // A form that is a text or a list says of its list in `then` or `else`.
  const forms = [schema, own(schema, "then"), own(schema, "else")].filter(isObject) as Schema[];
  return forms.flatMap((form) => {
    if (typeof step === "number") return resolved(root, own(form, "items"));
    const named = own((own(form, "properties") ?? {}) as Schema, step);
    return resolved(root, named ?? own(form, "additionalProperties"));
  });
}
