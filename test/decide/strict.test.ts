/** Rows for what once let something through: each fails when its check is removed. */
import { describe, expect, test } from "vitest";
import { readFixture } from "../../engine/calls/calls.ts";
import { decide } from "../../engine/decide/decide.ts";
import { InexactNumber } from "../../engine/json/value.ts";
import { compilePinned } from "../../engine/schema/pinned.ts";
import { repositoryOf } from "../support/compile.ts";

const INEXACT = new InexactNumber("9007199254740993");

describe("a number that does not survive being read", () => {
  test.each([
    ["not", { properties: { n: { not: { type: "number" } } } }],
    ["if", JSON.parse('{"properties":{"n":{"if":{"type":"number"},"then":false}}}')],
    [
      "oneOf",
      {
        properties: {
          n: { oneOf: [{ type: "number" }, { type: ["string", "number", "object"] }] },
        },
      },
    ],
    ["maximum", { properties: { n: { maximum: 5 } } }],
    ["type", { properties: { n: { type: "integer" } } }],
  ])("satisfies no schema that judges it with `%s`", (_, schema) => {
    const compiled = compilePinned(schema as never);
    expect("schema" in compiled && compiled.schema.check({ n: INEXACT })).toBeTypeOf("string");
  });

  test("passes where nobody judges it", () => {
    const compiled = compilePinned({ properties: { other: { type: "string" } } });
    expect("schema" in compiled && compiled.schema.check({ n: INEXACT })).toBe(undefined);
  });
});

describe("an inherited property", () => {
  const entry = { path: "args.constructor", op: "type", value: "object" };
  const repository = repositoryOf({
    policies: { p: { version: "1", default: "deny", tools: { t: { deny_if: [entry] } } } },
  });
  const ask = (args: object) =>
    decide(repository, { policy: "p", method: "tools/call", tool: "t", args: args as never, at: 0 })
      .decision.rule;

  test("is no argument: the condition on it stays undetermined", () =>
    expect(ask({})).toBe("/tools/t/deny_if/0"));
  test("is one when it was sent", () => expect(ask({ constructor: "x" })).toBe(""));
});

describe("a limit that counts patients, over a list of records", () => {
  const repository = repositoryOf({
    policies: {
      p: {
        version: "1",
        default: "deny",
        tools: { t: { limits: [{ counter: "c", window: "hour", max: 5, distinct: "subject" }] } },
      },
    },
    servers: { s: { version: "1", id: "s", tools: { t: { subject: "args.entries[*].patient" } } } },
  });
  const ask = (entries: object[]) =>
    decide(repository, {
      policy: "p",
      server: "s",
      method: "tools/call",
      tool: "t",
      args: { entries } as never,
      at: 0,
    }).decision.rule;

  test("counts each patient that is named", () =>
    expect(ask([{ patient: "p-1" }, { patient: "p-2" }])).toBe(""));
  test("denies when one record does not say whose it is", () =>
    expect(ask([{ patient: "p-1" }, {}])).toBe("/tools/t/limits/0"));
});

describe("a recorded call of a method that is no tool call", () => {
  const line = (more: string) =>
    `{"v":1,"id":"c","at":"2026-10-01T12:00:00Z","grant":"g","server":"s",${more}"args":{"uri":"x"}}`;
  test("names no tool", () =>
    expect(readFixture("f", 1, line('"method":"resources/read",')).call.method).toBe(
      "resources/read",
    ));
  test("is refused with one", () =>
    expect(() => readFixture("f", 1, line('"method":"resources/read","tool":"t",'))).toThrow(
      /only a tools\/call/,
    ));
  test("a tool call without a tool is refused", () =>
    expect(() => readFixture("f", 1, line(""))).toThrow(/names no `tool`/));
});
