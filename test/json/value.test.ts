/** The canonical form, which digests and signatures are over. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonical,
  digestOf,
  InexactNumber,
  isObject,
  type Json,
  own,
  sha256,
} from "../../engine/json/value.ts";

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

/** The same value with the keys of every object in another order. */
function shuffled(value: Json, seed: number): Json {
  if (Array.isArray(value)) return value.map((element) => shuffled(element, seed));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, member]): [string, Json] => [
    key,
    shuffled(member as Json, seed),
  ]);
  const turn = entries.length === 0 ? 0 : seed % entries.length;
  const turned = [...entries.slice(turn), ...entries.slice(0, turn)];
  return Object.fromEntries(seed % 2 === 0 ? turned : turned.reverse());
}

describe("canonical", () => {
  test("is JSON of the same value", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("is what JSON.stringify writes of the sorted value", () => {
    const sorted = (value: Json): Json =>
      Array.isArray(value)
        ? value.map(sorted)
        : isObject(value)
          ? Object.fromEntries(
              Object.keys(value)
                .sort()
                .map((key) => [key, sorted((value as Record<string, Json>)[key]!)]),
            )
          : value;
    // Without keys that look like indices, which JavaScript sorts by itself.
    const named = fc.jsonValue({
      maxDepth: 4,
      stringUnit: fc.constantFrom("a", "b", "é", "😀", "~"),
    });
    fc.assert(
      fc.property(named as fc.Arbitrary<Json>, (value) => {
        expect(canonical(value)).toBe(JSON.stringify(sorted(value)));
      }),
    );
  });

  test("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(json, fc.nat(20), (value, seed) => {
        expect(canonical(shuffled(value, seed))).toBe(canonical(value));
        expect(digestOf(shuffled(value, seed))).toBe(digestOf(value));
      }),
    );
  });

  test("is canonical: writing what it reads changes nothing", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonical(value);
        expect(canonical(JSON.parse(text) as Json)).toBe(text);
      }),
    );
  });

  test("tells different values apart", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const same = JSON.stringify(shuffled(a, 0)) === JSON.stringify(shuffled(b, 0));
        if (canonical(a) !== canonical(b)) expect(same).toBe(false);
        else expect(JSON.parse(canonical(a))).toEqual(JSON.parse(canonical(b)));
      }),
    );
  });

  // RFC 8785, section 3.2.2.
  test("the RFC's example", () => {
    const value = JSON.parse(
      '{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],' +
        '"string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/",' +
        '"literals": [null, true, false]}',
    ) as Json;
    expect(canonical(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  // RFC 8785, section 3.2.3: by UTF-16 code unit, so that U+1F600 comes before U+FB33.
  test("the RFC's order of keys", () => {
    const value = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    expect(Object.values(JSON.parse(canonical(value)) as object).slice(1)).toEqual([
      "Carriage Return",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]);
    expect(canonical(value)).toMatch(/^\{"\\r":"Carriage Return","1":"One",/);
  });

  // RFC 8785, appendix B.
  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("the RFC's number %s", (bits, text) => {
    expect(canonical(Buffer.from(bits, "hex").readDoubleBE())).toBe(text);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "%s has none, at any depth",
    (number) => {
      expect(() => canonical(number)).toThrow(TypeError);
      expect(() => canonical({ a: [number] })).toThrow(TypeError);
    },
  );

  test("a key called __proto__ is written like any other", () => {
    expect(canonical(JSON.parse('{"b":1,"__proto__":{"a":2}}') as Json)).toBe(
      '{"__proto__":{"a":2},"b":1}',
    );
  });
});

test("a digest is SHA-256 of the canonical text in UTF-8", () => {
  // FIPS 180-2, appendix B.1.
  expect(sha256("abc")).toBe(
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  expect(digestOf({ b: "é", a: 1 })).toBe(sha256('{"a":1,"b":"é"}'));
});

test("own finds what was put there, and nothing that is inherited", () => {
  const record: Record<string, number> = { a: 1 };
  expect(own(record, "a")).toBe(1);
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty", "b"])
    expect(own(record, name)).toBeUndefined();
  expect(own(JSON.parse('{"hasOwnProperty":1}') as Record<string, number>, "hasOwnProperty")).toBe(
    1,
  );
});

test("an inexact number, null and a list are no objects", () => {
  for (const value of [new InexactNumber("1e999"), null, [], "a", 1, true, undefined])
    expect(isObject(value)).toBe(false);
  expect(isObject({})).toBe(true);
});
