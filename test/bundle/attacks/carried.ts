/** A release as one file, on its way to a machine that no network reaches. */
import { writeCarry } from "../../../engine/bundle/carry.ts";
import { NOW, release } from "../world.ts";
import { type Family, family, layRelease, write, writeCase } from "./attack.ts";

/** Changes the text of the file that is carried. */
type Change = (text: string) => string;

async function layCarried(folder: string, change: Change): Promise<void> {
  const files = await release();
  layRelease(folder, { files });
  write(folder, "release.carry.json", change(writeCarry(files)));
  writeCase(folder, { kind: "verify", now: NOW, source: "release.carry.json" });
}

/** The same file, with other members in its list. */
const listing =
  (change: (files: readonly { path: string; text: string }[]) => readonly object[]): Change =>
  (text) => {
    const { files, type } = JSON.parse(text);
    return JSON.stringify({ files: change(files), type });
  };

const without = (gone: string): Change =>
  listing((files) => files.filter(({ path }) => path !== gone));

// biome-ignore format: one row a line is a table
export const CARRIED: Family = family("a carried file", layCarried, [
  ["changes the bundle on its way", "bundle", () => (t) => t.replace("max: 20", "max: 99")],
  ["takes the release out", "unsigned", () => without("release.json")],
  ["takes the bundle out", "bundle", () => without("bundle.json")],
  ["takes the root out", "root-pin", () => without("root/1.json")],
  ["carries another root", "root-pin", () => (t) => t.replace('"path":"root/1.json"', '"path":"root/2.json"')],
  ["carries two files under one name", "form", () => listing(([first, ...files]) => [first!, first!, ...files])],
  ["carries the files in another order", "form", () => listing((files) => files.toReversed())],
  ["carries a file that leads out of its folder", "form", () => listing((files) => [{ path: "../trust.json", text: "{}" }, ...files])],
  ["carries something that nobody looks at", "form", () => (t) => t.replace('{"files"', '{"extra":1,"files"')],
  ["puts white space into the file", "canonical", () => (t) => `${t}\n`],
  ["names the list of files twice", "canonical", () => (t) => t.replace('{"files"', '{"files":[],"files"')],
  ["carries something else", "form", () => () => '{"type":"phiward.halt/1"}'],
  ["carries nothing", "canonical", () => () => ""],
]);
