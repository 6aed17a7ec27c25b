import { describe, expect, test } from "vitest";
import { type Certificate, checkCertificate } from "../../engine/prove/certificate.ts";
import { proveTool } from "../../engine/prove/prove.ts";
import type { RulesDocument } from "./generate.ts";
import { sideOf } from "./sides.ts";

type Pair = { readonly base: RulesDocument; readonly head: RulesDocument };
const is = (path: string, op: string, value: unknown, more: object = {}) => ({
  path,
  op,
  value,
  ...more,
});
const require = (...list: object[]): RulesDocument => ({
  require: list.map((condition) => ({ conditions: [condition as never] })),
});

function certificateOf({ base, head }: Pair): Certificate {
  const side = (rules: RulesDocument) => sideOf({ rules, allTools: {}, schema: undefined });
  const verdict = proveTool(side(base), side(head));
  if (!("certificate" in verdict)) throw new Error(`the verdict is ${verdict.verdict}`);
  return verdict.certificate;
}

const PAIRS: readonly (Pair & { readonly name: string })[] = [
  {
    name: "texts",
    base: require(is("args.a", "regex", "^a")),
    head: require(is("args.a", "matches", "ab*")),
  },
  {
    name: "lengths",
    base: require(is("args.a", "length_lt", 4)),
    head: require(is("args.a", "matches", "(ab){1}a?")),
  },
  {
    name: "words",
    base: require(is("args.a", "regex", "^[xy]$")),
    head: require(is("args.a", "in", ["x", "y"])),
  },
  {
    name: "numbers",
    base: require(is("args.a", "gt", 1.5)),
    head: require(is("args.a", "gte", 2)),
  },
  {
    name: "counts",
    base: require(is("args.a", "count_gt", 1)),
    head: require(is("args.a[2]", "exists", true)),
  },
  {
    name: "order",
    base: require({ path: "args.a", op: "lte", value_from: "grant.n" }),
    head: require({ path: "args.a", op: "lt", value_from: "grant.n" }),
  },
];

describe("a certificate", () => {
  test.each(PAIRS)("about $name is accepted", (pair) => {
    expect(checkCertificate(certificateOf(pair))).toBeUndefined();
  });

  test.each(PAIRS)("about $name is refused without its lemmas", (pair) => {
    const certificate = certificateOf(pair);
    expect(certificate.lemmas.length).toBeGreaterThan(0);
    expect(checkCertificate({ ...certificate, lemmas: [] })).toBeDefined();
  });

  test.each(PAIRS)("about $name is refused when a lemma claims too much", (pair) => {
    const certificate = certificateOf(pair);
    const [{ conflict, clause }] = certificate.lemmas as [Certificate["lemmas"][number]];
    // One fact less: the rest is no contradiction.
    const [dropped, ...facts] = conflict.facts;
    const literal = certificate.encoding.literalOf(dropped!.atom) * (dropped!.positive ? -1 : 1);
    const forged = {
      conflict: { ...conflict, facts },
      clause: clause.filter((a) => a !== literal),
    };
    const lemmas = [forged, ...certificate.lemmas.slice(1)];
    expect(checkCertificate({ ...certificate, lemmas })).toBe("a lemma does not hold");
  });

  test("is refused when a lemma's clause is not what its facts say", () => {
    const certificate = certificateOf(PAIRS[0]!);
    const [{ conflict, clause }] = certificate.lemmas as [Certificate["lemmas"][number]];
    const lemmas = [{ conflict, clause: clause.slice(1) }];
    expect(checkCertificate({ ...certificate, lemmas })).toContain("something else");
  });

  test("is refused when a learnt clause comes from nowhere", () => {
    const certificate = certificateOf(PAIRS[0]!);
    const from = certificate.encoding.clauses.flat().map(Math.abs);
    const unknown = Math.max(...from) + 1;
    const learnt = [[unknown], ...certificate.learnt];
    expect(checkCertificate({ ...certificate, lemmas: [], learnt })).toBe(
      "a learnt clause does not follow",
    );
  });
});
