/** Bugs that a prover could have: one replacement each, in one file of the engine. */
export interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    bug: "a bound is off by one double",
    file: "prove/operators.ts",
    find: "numbersBetween(-LAST, nextDown(n))",
    replace: "numbersBetween(-LAST, n)",
  },
  {
    bug: "a comparison with the grant is false even of other types",
    file: "prove/conditions.ts",
    find: "whenFalse: shop.and([shop.sameType(p, g), shop.not(shop.equal(p, g))])",
    replace: "whenFalse: shop.not(shop.equal(p, g))",
  },
  {
    bug: "all of nothing is true",
    file: "prove/conditions.ts",
    find: 'whenTrue: shop.and([nonEmpty, every("whenTrue")])',
    replace: 'whenTrue: every("whenTrue")',
  },
  {
    bug: "a list without a member of the type is false instead of undetermined",
    file: "prove/operators.ts",
    find: "const others = booleans.length > 0 ? BOOLEAN & ~named : 0;",
    replace: "const others = BOOLEAN & ~named;",
  },
  {
    bug: "values that must differ may be equal",
    file: "prove/classes.ts",
    find: "return different.some(([a, b]) => a === b) ? undefined : { all, indexOf, different };",
    replace: "return { all, indexOf, different: [] };",
  },
  {
    bug: "values that must be equal may differ",
    file: "prove/classes.ts",
    find: 'if (atom.is === "equal" && positive) union.join(atom.p, atom.q);',
    replace: "",
  },
  {
    bug: "one candidate too few for values that must differ",
    file: "prove/classes.ts",
    find: "neighbours[i]!.length + 1",
    replace: "1",
  },
  {
    bug: "demands on elements share one place",
    file: "prove/elements.ts",
    find: "Math.max(demands.length, bounds.length > 0 ? 1 : 0)",
    replace: "Math.min(1, Math.max(demands.length, bounds.length > 0 ? 1 : 0))",
  },
  {
    bug: "witnesses are kept apart although the count is bounded",
    file: "prove/elements.ts",
    find: "bounds.every((t) => t === 0 || t >= m)",
    replace: "true",
  },
  {
    bug: "$ holds everywhere",
    file: "regex/automata.ts",
    find: "if (after === NONE) mask |= ASSERT.END_TEXT | ASSERT.END_LINE;",
    replace: "mask |= ASSERT.END_TEXT | ASSERT.END_LINE;",
  },
  {
    bug: "case folding forgets letters outside ASCII",
    file: "regex/automata.ts",
    find: "...orbit(runes[0]!)]",
    replace: "...orbit(runes[0]!).filter((c) => c < 128)]",
  },
  {
    bug: "a state that accepts is pruned as dead",
    file: "regex/automata.ts",
    find: "if (loops && ends[s] === 0) dead = s;",
    replace: "if (loops) dead = s;",
  },
  {
    bug: "cores are thinned out too far",
    file: "prove/theory.ts",
    find: "if (contradictory(without)) needed = without;",
    replace: "if (without.length > 0) needed = without;",
  },
  {
    bug: "the child of something that is no object is merely absent",
    file: "prove/cnf.ts",
    find: "else if (unnamed || (kinds & KIND.absent) !== 0) this.add([...when, ...absent]);",
    replace: "else if (unnamed || absent.length > 0) this.add([...when, ...absent]);",
  },
  {
    bug: "an array may hold the element that is absent",
    file: "prove/theory.ts",
    find: "most = Math.min(most, step!.index);",
    replace: "most = Math.min(most, step!.index + 1);",
  },
  {
    bug: "a bound on the count is ignored",
    file: "prove/theory.ts",
    find: "ranges = intersectRanges(ranges, positive ? counts! : otherCounts(counts!));",
    replace: "",
  },
  {
    bug: "a clause that was learnt lacks a literal",
    file: "prove/sat.ts",
    find: "return { clause: [-resolved, ...below], back };",
    replace:
      "return { clause: [-resolved, ...below.slice(0, Math.max(1, below.length - 1))], back };",
  },
  {
    bug: "arguments that the policy does not list are let through",
    file: "prove/rules.ts",
    find: "if (args === undefined) return this.#shop.yes;",
    replace: "return this.#shop.yes;",
  },
  {
    bug: "an undetermined deny_if does not fire",
    file: "prove/rules.ts",
    find: "...rules.denyIf.map((entry) => this.conditions.entry(entry).whenFalse)",
    replace:
      "...rules.denyIf.map((entry) => this.#shop.not(this.conditions.entry(entry).whenTrue))",
  },
  {
    bug: "a case of a subject holds of every call",
    file: "prove/rules.ts",
    find: "...when.map((condition) => this.conditions.condition(condition).whenTrue),",
    replace: "...when.map(() => shop.yes),",
  },
  {
    bug: "p < q and q < p together",
    file: "prove/order.ts",
    find: "if (orders.some(({ below, above, strict }) => strict && circle(below, above))) return undefined;",
    replace: "",
  },
  {
    bug: "the constants of two grants are mixed up under a quantifier",
    file: "prove/conditions.ts",
    find: "JSON.stringify([steps, op, this.#operandOf(condition)])",
    replace: "JSON.stringify([steps, op, condition.operand])",
  },
];
