/** A proof counts only when the checker accepts its certificate. */
import { expect, test } from "vitest";
import { Proofs } from "../../engine/compare/proofs.ts";
import type { Cell, Half } from "../../engine/compare/sides.ts";
import { repositoryOf } from "../support/compile.ts";

function half(rules: object): Half {
  const repository = repositoryOf({
    policies: { p: { version: "1", default: "deny", tools: { t: rules } } },
    servers: { s: { version: "1", id: "s" } },
  });
  return {
    repository,
    policy: repository.policies.get("p")!.source,
    server: repository.servers.get("s")!.source,
  };
}

const below = (value: number) => ({ require: [{ path: "args.n", op: "lt", value }] });
const cell: Cell = { target: { tool: "t" }, base: half(below(10)), head: half(below(5)) };
const contradiction = half({
  require: [below(5).require[0]!, { path: "args.n", op: "gt", value: 5 }],
});
const refusing = () => "planted";

test("narrower, when the checker accepts", () => {
  expect(new Proofs().compare(cell, "", false, undefined).verdict).toBe("narrower");
});

test("a bug of ours, and no verdict, when it does not", () => {
  expect(() => new Proofs(refusing).compare(cell, "", false, undefined)).toThrow(/planted/);
});

test("the same for a policy of which no call is allowed", () => {
  const nothing: Cell = { target: { tool: "t" }, base: contradiction, head: contradiction };
  expect(new Proofs().allows(nothing, {}).answer).toBe("no");
  expect(() => new Proofs(refusing).allows(nothing, {})).toThrow(/planted/);
});

test("a call that was found needs no certificate: it is replayed", () => {
  const back: Cell = { target: { tool: "t" }, base: cell.head, head: cell.base };
  expect(new Proofs(refusing).compare(back, "", false, undefined).verdict).toBe("broader");
});
