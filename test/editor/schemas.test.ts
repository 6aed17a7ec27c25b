/** What an editor shows of the schemas: every property says what it is, and its examples are valid. */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";

type Schema = Readonly<Record<string, unknown>>;

/** The files that people write by hand. */
const FORMATS = ["project", "server", "lock", "policy", "grant", "tests"] as const;

const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Property {
  readonly pointer: string;
  readonly schema: Schema;
}

/** Every property of the schema and of its definitions, with its place as a JSON Pointer. */
function propertiesOf(schema: unknown, pointer = ""): Property[] {
  if (Array.isArray(schema)) {
    return schema.flatMap((one, index) => propertiesOf(one, `${pointer}/${index}`));
  }
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (["examples", "default", "enum", "const"].includes(key)) return [];
    const at = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (key !== "properties" || !isObject(value)) return propertiesOf(value, at);
    return Object.entries(value).flatMap(([name, property]) => [
      ...(isObject(property) ? [{ pointer: `${at}/${name}`, schema: property }] : []),
      ...propertiesOf(property, `${at}/${name}`),
    ]);
  });
}

function resolved(root: Schema, schema: Schema): Schema {
  const { $ref: ref, ...rest } = schema;
  if (typeof ref !== "string") return schema;
  const target = ref
    .slice(2)
    .split("/")
    .reduce<unknown>((at, step) => (at as Schema)[step], root) as Schema;
  return { ...resolved(root, target), ...rest };
}

describe.each(FORMATS)("the schema of %s", (format) => {
  const root = JSON.parse(
    readFileSync(new URL(`../../schemas/${format}.schema.json`, import.meta.url), "utf8"),
  ) as Schema;
  const properties = propertiesOf(root);

  it("describes every property", () => {
    const silent = properties
      // A condition under `if`, `not` or in a branch of `oneOf` repeats one that is described.
      .filter(({ pointer }) => !/\/(if|not|oneOf|anyOf|then|allOf)\//.test(pointer))
      .filter(({ schema }) => typeof resolved(root, schema).description !== "string");
    expect(silent.map(({ pointer }) => pointer)).toEqual([]);
  });

  it("has examples that are valid", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(root, "schema");
    let tried = 0;
    for (const { pointer, schema } of properties) {
      const { examples } = resolved(root, schema);
      if (!Array.isArray(examples)) continue;
      for (const example of examples) {
        tried++;
        const validate = ajv.compile({ $ref: `schema#${encodeURI(pointer)}` });
        expect(validate(example), `${pointer}: ${ajv.errorsText(validate.errors)}`).toBe(true);
      }
    }
    expect(tried).toBeGreaterThan(5);
  });
});
