/** No step of a call can be skipped: the types of the steps, and who may make a state. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, expectTypeOf, test } from "vitest";
import { authenticate } from "../../engine/gateway/authenticate.ts";
import type {
  Authenticated,
  Decided,
  Received,
  Recorded,
  Reserved,
  Understood,
} from "../../engine/gateway/call.ts";
import { forward } from "../../engine/gateway/forward.ts";
import { judge } from "../../engine/gateway/judge.ts";
import { record } from "../../engine/gateway/record.ts";
import { reserve } from "../../engine/gateway/reserve.ts";
import { understand } from "../../engine/gateway/understand.ts";

// Checked by the compiler; skipped-steps.ts holds what must not compile.
test("each step takes the state that only the step before returns", () => {
  expectTypeOf(authenticate).parameter(1).toEqualTypeOf<Received>();
  expectTypeOf(understand).parameter(1).toEqualTypeOf<Authenticated>();
  expectTypeOf(judge).parameter(1).toEqualTypeOf<Understood>();
  expectTypeOf(reserve).parameter(1).toEqualTypeOf<Decided>();
  expectTypeOf(record).parameter(1).toEqualTypeOf<Reserved>();
  expectTypeOf(forward).parameter(1).toEqualTypeOf<Recorded>();
});

const FOLDER = resolve(import.meta.dirname, "../../engine/gateway");
const SOURCES = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]),
);

/** The file that may bring a call into a state, by the function that does it. */
const MAKERS = {
  received: ["http-front.ts", "stdio-front.ts"],
  authenticated: ["authenticate.ts"],
  understood: ["understand.ts"],
  decided: ["judge.ts"],
  reserved: ["reserve.ts"],
  recorded: ["record.ts"],
};

test("every function that makes a state is in the table", () => {
  const made = [...SOURCES.get("call.ts")!.matchAll(/^export const (\w+) = /gm)];
  expect(made.map(([, name]) => name)).toEqual(Object.keys(MAKERS));
});

test.each(Object.entries(MAKERS))("only its step makes a call `%s`", (name, files) => {
  const importers = [...SOURCES]
    .filter(([, text]) =>
      [...text.matchAll(/import (?!type)\{([^}]*)\} from "\.\/call\.ts"/g)].some(([, names]) =>
        names!.split(",").some((one) => one.trim() === name),
      ),
    )
    .map(([file]) => file);
  expect(importers).toEqual(files);
});

test("nobody takes all of call.ts, passes a maker on, or writes a state by hand", () => {
  for (const [file, text] of SOURCES) {
    expect(text, file).not.toMatch(/(import \*|export [^;]*) from "\.\/call\.ts"/);
    if (file === "call.ts") continue;
    expect(text, file).not.toMatch(
      /\bas (unknown as )?(Authenticated|Understood|Decided|Reserved|Recorded)\b/,
    );
  }
});
