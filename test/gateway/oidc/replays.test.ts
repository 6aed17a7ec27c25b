/** Proofs that were seen: each once, and as many as there is room for. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { rememberProofs } from "../../../engine/gateway/oidc/replays.ts";

const LIFE = 90_000;

test("a proof is new once, for as long as it is good", () => {
  const { note } = rememberProofs();
  const at = 1_000;
  expect([note("a", at + LIFE, at), note("a", at + LIFE, at + 1)]).toEqual(["new", "seen"]);
  expect(note("a", at + LIFE, at + LIFE - 1)).toBe("seen");
  // From then on its time alone refuses it.
  expect(note("a", at + 2 * LIFE, at + LIFE)).toBe("new");
});

test("where there is no room nothing is new, until something is over", () => {
  const { note } = rememberProofs(2);
  expect([note("a", 10, 0), note("b", 20, 0), note("c", 20, 0)]).toEqual(["new", "new", "full"]);
  expect(note("a", 10, 9)).toBe("seen");
  expect([note("c", 30, 10), note("d", 30, 10)]).toEqual(["new", "full"]);
});

test("no proof is taken twice while it is good, whatever comes between", () => {
  const steps = fc.array(fc.record({ id: fc.nat({ max: 9 }), wait: fc.nat({ max: 60 }) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const { note } = rememberProofs(1_000);
      const until = new Map<string, number>();
      let at = 0;
      for (const { id, wait } of all) {
        at += wait;
        const name = String(id);
        const said = note(name, at + 100, at);
        expect(said).toBe(at < (until.get(name) ?? 0) ? "seen" : "new");
        if (said === "new") until.set(name, at + 100);
      }
    }),
  );
});
