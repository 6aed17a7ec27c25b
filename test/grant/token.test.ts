/** The form of a token, and the hash under which it is kept. */
import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashToken, mintToken, tokenId } from "../../engine/grant/token.ts";

const GOOD = `phw_${"A".repeat(43)}`;

describe("a token", () => {
  test("is 32 random bytes in base64url after a prefix that scanners for secrets can find", () => {
    const { token, hash } = mintToken((bytes) => new Uint8Array(bytes).fill(0xfb));
    expect(token).toBe(`phw_${Buffer.alloc(32, 0xfb).toString("base64url")}`);
    expect(hash).toBe(createHash("sha256").update(token).digest("hex"));
    expect(tokenId(hash)).toBe(hash.slice(0, 12));
  });

  test("is found again by its text, whatever the random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const { token, hash } = mintToken(() => bytes);
        expect(hashToken(token)).toBe(hash);
      }),
    );
  });

  test("differs from every other", () => {
    const tokens = Array.from({ length: 100 }, () => mintToken((n) => randomBytes(n)).token);
    expect(new Set(tokens).size).toBe(100);
  });
});

test.each([
  ["", "nothing"],
  ["phw_", "the prefix alone"],
  [GOOD.slice(0, -1), "one character short"],
  [`${GOOD}A`, "one character long"],
  [`${GOOD}\n`, "a line's end, which `$` alone would let through in other languages"],
  [` ${GOOD}`, "a space before it"],
  [`PHW_${"A".repeat(43)}`, "the prefix in capitals"],
  [`phw_${"A".repeat(42)}=`, "padding"],
  [`phw_${"A".repeat(42)}+`, "base64, not base64url"],
  [`phw_${"A".repeat(42)}é`, "a letter beyond ASCII"],
  [`phw_${"A".repeat(10_000_000)}`, "ten megabytes, which are refused before they are hashed"],
])("no hash is made of %.20j: %s", (text) => {
  expect(hashToken(text)).toBeUndefined();
});
