/** Reading one message strictly, beside JSON.parse of the same text. */
import { readJson } from "../../../engine/json/read.ts";
import { compare, report } from "../measure.ts";
import { answerText, callText } from "./hospital.ts";

export function benchReading(): void {
  const lines = Array.from({ length: 14 }, (_, i) => ({
    resourceType: "Observation",
    id: `o-${i}`,
    status: "final",
    code: { coding: [{ system: "http://loinc.org", code: "8480-6", display: "Systolic" }] },
    subject: { reference: "Patient/p-1" },
    effectiveDateTime: "2026-09-01T10:00:00Z",
    valueQuantity: { value: 121.5 + i, unit: "mmHg" },
  }));
  const bundle = { resourceType: "Bundle", entry: lines.map((resource) => ({ resource })) };
  const result = { content: [], structuredContent: bundle };
  for (const [name, text] of [
    ["a call", callText("modern", 4_711)],
    ["an answer with a document as text", answerText(4_711, "p-1000001")],
    ["an answer with a bundle as data", JSON.stringify({ jsonrpc: "2.0", id: 4_711, result })],
  ] as const) {
    const figures = compare(
      [
        { name: "JSON.parse", run: (count) => repeat(count, () => JSON.parse(text)) },
        {
          name: "readJson, keys folded",
          run: (count) => repeat(count, () => readJson("", text, { foldKeys: true })),
        },
      ],
      { rounds: 15 },
    );
    report(`${name}, ${text.length} characters`, figures, "JSON.parse");
  }
}

function repeat(count: number, read: () => unknown): unknown {
  let last: unknown;
  for (let n = 0; n < count; n++) last = read();
  return last;
}
