/** One file that is carried says the same as the repository that it comes from, and is trusted as little. */
import { describe, expect, test } from "vitest";
import { readCarry, writeCarry } from "../../engine/bundle/carry.ts";
import { Refused } from "../../engine/bundle/checks.ts";
import { releaseContents } from "../../engine/bundle/files.ts";
import { verifyRelease } from "../../engine/bundle/verify.ts";
import { canonical, type Json } from "../../engine/json/value.ts";
import { demand, NOW, release, TRUST } from "./world.ts";

const files = await release();
const text = writeCarry(files);
const verify = async (carried: string) =>
  await verifyRelease(readCarry(Buffer.from(carried), demand), { trust: TRUST, now: NOW });

test("a carried release is verified as the one that it comes from", async () => {
  const there = await verifyRelease(files, { trust: TRUST, now: NOW });
  const here = await verify(text);
  expect(here.verdict).toBe("trusted");
  expect(here.checks).toEqual(there.checks);
  expect(here.release?.statement).toBe(there.release?.statement);
});

test("it is the same file whoever writes it, and loses nothing", () => {
  const again = readCarry(Buffer.from(text), demand);
  expect(releaseContents(again)).toEqual(releaseContents(files));
  const backwards = { ...again, roots: new Map([...again.roots].reverse()) };
  expect(writeCarry(backwards)).toBe(text);
});

/** The carried file with other files in it, still canonical. */
function carrying(change: (files: { path: string; text: string }[]) => void): string {
  const carried = JSON.parse(text);
  change(carried.files);
  return canonical(carried as Json);
}

describe("what is no carried release", () => {
  test.each<[string, string, string]>([
    ["white space", ` ${text}`, "canonical"],
    ["a file twice", carrying((all) => all.push(all.at(-1)!)), "form"],
    ["files in another order", carrying((all) => all.reverse()), "form"],
    [
      "a path that leads out",
      carrying((all) => {
        all[0]!.path = "../bundle.json";
      }),
      "form",
    ],
    ["another kind of file", canonical({ type: "phiward.bundle/1", files: [] }), "form"],
    ["no file at all", canonical({ type: "phiward.carry/1", files: [] }), "form"],
    ["no JSON", "not carried", "canonical"],
  ])("is refused: %s", (_, carried, check) => {
    const read = () => readCarry(Buffer.from(carried), demand);
    expect(read).toThrow(Refused);
    expect(read).toThrow(expect.objectContaining({ check }));
  });
});

test("a bundle that was exchanged on the way is refused as anywhere else", async () => {
  const changed = carrying((all) => {
    const bundle = all.find(({ path }) => path === "bundle.json")!;
    bundle.text = bundle.text.replace("max: 20", "max: 90");
  });
  expect(await verify(changed)).toMatchObject({
    verdict: "untrusted",
    refused: { check: "bundle" },
  });
});
