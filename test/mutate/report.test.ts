/** How survivors are told: as JSON of the published form, with calls that can be asked about. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { readCalls } from "../../engine/calls/calls.ts";
import { decide } from "../../engine/decide/decide.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import { diskTree } from "../../engine/host/disk.ts";
import { mutate } from "../../engine/mutate/mutate.ts";
import { load } from "../../engine/policy/load.ts";
import { testJson } from "../../engine/render/json.ts";
import { mutationText, witnessJson } from "../../engine/render/mutation.ts";
import { plain } from "../../engine/render/paint.ts";
import { runTests } from "../../engine/testing/run.ts";
import reportSchema from "../../schemas/report.schema.json" with { type: "json" };
import { NOW } from "../support/small-repository.ts";

const loaded = await load(diskTree(`${import.meta.dirname}/../../examples/hospital`));
const few = { ...loaded, tests: loaded.tests.slice(0, 1) };
const original = prepare(loaded.repository);
const report = mutate(few, { now: NOW });

test("the JSON has the published form", () => {
  const ajv = new Ajv2020({ strict: false });
  const json = testJson(runTests(original, few.tests, { now: NOW }), { mutation: report });
  expect(report.survived).toBeGreaterThan(100);
  expect(ajv.validate(reportSchema, JSON.parse(JSON.stringify(json))), ajv.errorsText()).toBe(true);
});

test("a witness of one call is read by `explain`, and is decided as it says", () => {
  for (const { witness, expected } of report.survivors) {
    if (witness === undefined || witness.sequence !== undefined) continue;
    const [call] = readCalls("-", JSON.stringify(witnessJson(witness)), NOW);
    const { verdict, rule } = decide(original, call!).decision;
    expect({ verdict, rule }).toEqual({ verdict: expected!.verdict, rule: expected!.rule });
  }
});

test("the text has a place, a call and what to expect for each", () => {
  const lines = mutationText(report, plain).split("\n");
  expect(lines.filter((line) => line.includes("  survived  "))).toHaveLength(report.survived);
  expect(lines.filter((line) => line.includes("expected: "))).toHaveLength(report.survived);
  expect(lines.at(-1)).toContain(`mutation score ${report.score} %`);
});
