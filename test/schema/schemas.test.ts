/** Our own schemas: sound by the meta-schema, strict, and closed. */
import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";

const folder = new URL("../../schemas/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".schema.json"));
const read = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(name, folder), "utf8"));

describe.each(files)("%s", (name) => {
  test("is a draft 2020-12 schema without a keyword that nobody knows", () => {
    const ajv = new Ajv2020({
      strict: true,
      strictTypes: false,
      strictRequired: false,
      allowUnionTypes: true,
    });
    ajv.addKeyword("says");
    ajv.addKeyword("tsType");
    expect(() => ajv.compile(read(name))).not.toThrow();
    expect(read(name).$id).toBe(`urn:phiward:schema:${name.replace(".schema.json", "")}:1`);
  });

  test("a misspelt keyword would be seen", () => {
    const ajv = new Ajv2020({ strict: true });
    expect(() => ajv.compile({ type: "object", requird: ["a"] })).toThrow(/requird/);
  });
});

describe.each(files.filter((name) => name !== "report.schema.json" && name !== "lock.schema.json"))(
  "%s",
  (name) => {
    test("refuses unknown keys wherever it names keys", () => {
      const open: string[] = [];
      const visit = (value: unknown, path: string): void => {
        if (typeof value !== "object" || value === null) return;
        const object = value as Record<string, unknown>;
        const branch = /\/(oneOf|anyOf|not|if)(\/|$)/.test(path);
        if (
          !branch &&
          !Array.isArray(value) &&
          typeof object.properties === "object" &&
          object.type !== undefined &&
          object.additionalProperties === undefined
        )
          open.push(path);
        for (const [key, member] of Object.entries(object)) visit(member, `${path}/${key}`);
      };
      visit(read(name), "");
      expect(open).toEqual([]);
    });
  },
);
