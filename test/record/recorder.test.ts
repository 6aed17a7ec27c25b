/** What the recorder does when something ends, or fails, in the middle. */
import { expect, test } from "vitest";
import type { Line } from "../../engine/record/line.ts";
import { recorder } from "../../engine/record/recorder.ts";

const ABOUT = { file: "x.jsonl", values: "replaced" } as const;
const ASKED = { method: "tools/call", tool: "query", args: {} };

function started(write: (n: number) => Line | Error) {
  const lines: string[] = [];
  let calls = 0;
  const made = recorder({
    server: "ehr",
    grant: "nurse",
    file: { append: (line) => void lines.push(line), close() {} },
    now: () => 0,
    prefix: "t",
    maxCalls: 10,
    listed() {},
    write({ id, isError }) {
      const line = write(++calls);
      if (line instanceof Error) throw line;
      return "text" in line ? { ...line, text: `${id} ${isError}` } : line;
    },
  });
  return { made, lines };
}

const LINE: Line = { text: "", verdict: "allow", keys: 0 };

test("lines come in the order of their answers, and at the end what is without one", () => {
  const { made, lines } = started(() => LINE);
  const [first, second] = [made.asked(ASKED), made.asked(ASKED), made.asked(ASKED)];
  second!(true);
  first!(false);
  // An answer that comes twice is one call.
  first!(true);
  expect(made.end(ABOUT)).toMatchObject({ calls: 3, written: 3 });
  expect(lines).toEqual(["t-2 true", "t-1 false", "t-3 undefined"]);
  made.asked(ASKED)(false);
  expect(lines).toHaveLength(3);
});

test("a disk that is full stops the recording, not the call, and is told at the end", () => {
  const { made, lines } = started((n) => (n === 2 ? new Error("ENOSPC of p-100") : LINE));
  for (let i = 0; i < 3; i++) made.asked(ASKED)(false);
  expect(lines).toEqual(["t-1 false"]);
  // The error's own words may hold anything.
  expect(() => made.end(ABOUT)).toThrow(/^the recording stopped: Error$/);
});
