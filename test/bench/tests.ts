/** Ten thousand test cases, against ten thousand bare decisions. */
import { TOOLS_CALL } from "../../engine/decide/call.ts";
import { decide } from "../../engine/decide/decide.ts";
import type { TestFile } from "../../engine/schema/types.ts";
import { runTests } from "../../engine/testing/run.ts";
import { repositoryOf } from "../support/compile.ts";
import { compare, report } from "./measure.ts";

const CASES = 10_000;

export function benchTests(): void {
  const repository = repositoryOf({
    policies: {
      p: {
        version: "1",
        default: "deny",
        tools: {
          read: { args: ["id"], require: [{ path: "args.id", op: "matches", value: "p-[0-9]+" }] },
        },
      },
    },
  });
  const file: TestFile = {
    version: "1",
    suite: "ten thousand",
    now: "2026-10-01T12:00:00Z",
    defaults: { policy: "p" },
    cases: Array.from({ length: CASES }, (_, i) => ({
      name: `case ${i}`,
      call: { tool: "read", args: { id: `p-${i}` } },
      expect: "allow" as const,
    })),
  };
  const located = {
    file: "tests/a.test.yaml",
    value: file,
    place: () => ({ file: "tests/a.test.yaml", line: 1, column: 1 }),
  };
  const passed = runTests(repository, [located], { now: 0 }).passed;
  if (passed !== CASES) throw new Error(`only ${passed} of ${CASES} passed`);
  const figures = compare(
    [
      {
        name: "10,000 bare decisions",
        run: (count) => {
          let last: unknown;
          for (let n = 0; n < count; n++) {
            for (let i = 0; i < CASES; i++)
              last = decide(repository, {
                policy: "p",
                method: TOOLS_CALL,
                tool: "read",
                args: { id: `p-${i}` },
                at: 0,
              });
          }
          return last;
        },
      },
      {
        name: "10,000 test cases",
        run: (count) => {
          let last: unknown;
          for (let n = 0; n < count; n++) last = runTests(repository, [located], { now: 0 });
          return last;
        },
      },
    ],
    { rounds: 11, roundMs: 300 },
  );
  report("test: ten thousand cases, after loading", figures, "10,000 bare decisions");
}
