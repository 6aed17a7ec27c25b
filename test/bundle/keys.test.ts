/**
 * Keys that look like keys, and under which anybody can sign: with the neutral point as the key, the
 * base point as R and 1 as S are a signature of every message where the library does not look (OpenSSL
 * 3.0 takes it, newer ones do not).
 */
import { describe, expect, test } from "vitest";
import { readKey } from "../../engine/bundle/keys.ts";

/** y of each point of small order, little-endian; the last two stand for 0 and 1 beyond the field. */
const POINTS = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  `ec${"ff".repeat(30)}7f`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
];
const SPKI = Buffer.from("302a300506032b6570032100", "hex");

function sshWire(point: Buffer): Buffer {
  const part = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return Buffer.concat([part(Buffer.from("ssh-ed25519")), part(point)]);
}

const signed = (hex: string): Buffer => {
  const point = Buffer.from(hex, "hex");
  point[31]! |= 0x80;
  return point;
};

describe.each(POINTS)("y = %s", (hex) => {
  test.each([
    ["x is even", Buffer.from(hex, "hex")],
    ["x is odd", signed(hex)],
  ])("is no key where %s, in whatever form it is written", (_, point) => {
    const spki = Buffer.concat([SPKI, point]).toString("base64");
    expect(readKey({ scheme: "ed25519", public: spki })).toBeUndefined();
    const wire = sshWire(point).toString("base64");
    expect(readKey({ scheme: "sshsig", public: wire })).toBeUndefined();
  });
});
