import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { importPolicy } from "../../engine/import/import.ts";
import { importJson, importText } from "../../engine/render/import.ts";
import { plain } from "../../engine/render/paint.ts";

const schema = join(import.meta.dirname, "../../schemas/report.schema.json");
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(JSON.parse(readFileSync(schema, "utf8")), "report");

const SOURCES = [
  'version: "1"\ntools: { t: { rules: [{ name: r, action: require_approval }] } }\n',
  '{"permissions":{"allow":["mcp__ehr__a","mcp__ehr__b*"],"ask":["mcp__ehr__c"]}}',
  // A tool whose name would rewrite what a reviewer reads on a terminal.
  'version: "1"\ntools: { "\\e[2K": { rules: [{ name: "", action: deny }] } }\n',
];

test.for(SOURCES)("the report on %j is what its schema says", (source) => {
  const imported = importPolicy("p.yaml", source);
  for (const written of [undefined, [], ["policies/p.yaml"]]) {
    const valid = ajv.getSchema("report#/$defs/import")!;
    expect(valid(importJson(imported, written)), JSON.stringify(valid.errors)).toBe(true);
    expect(ajv.validate("report", importJson(imported, written))).toBe(true);
    expect(importText(imported, written, plain)).not.toContain("\u001b");
  }
});
