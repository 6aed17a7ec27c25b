/** A good release in the wrong place: another organisation, stream, repository, time, order, or pin. */
import { sha256 } from "../../../engine/json/value.ts";
import { DAY, NOW, release, saying } from "../world.ts";
import { type Family, family, type Given, layRelease } from "./attack.ts";
import { OTHER_DIGEST, withFirstRoot } from "./forge.ts";

type Predicate = Record<string, unknown>;

const where = async (change: (predicate: Predicate) => void, more: Partial<Given> = {}) => ({
  files: await saying(change),
  ...more,
});

const good = async (more: Partial<Given>): Promise<Given> => ({ files: await release(), ...more });

const from = (changes: Predicate) => (predicate: Predicate) => {
  predicate.source = { ...(predicate.source as object), ...changes };
};

// biome-ignore format: one row a line is a table
export const PLACES: Family = family("places", layRelease, [
  ["releases for another stream", "stream", () => where((p) => { p.stream = "lab" })],
  ["releases for another stream, which the root names too", "stream", () => bothStreams()],
  ["releases for another organisation with the same officers", "stream", () => where((p) => { p.domain = "clinic" })],
  ["releases for a stream that the root does not name", "stream", () => where((p) => { p.stream = "lab" }, { trust: { stream: "lab" } })],
  // Every object has it, and no root lists it.
  ["releases for a stream that is called as what every object has", "stream", () => where((p) => { p.stream = "constructor" }, { trust: { stream: "constructor" } })],
  ["releases from a fork of the repository", "repository", () => where(from({ repository: "https://git.example.org/fork.git" }))],
  ["releases from a repository whose name only looks the same", "repository", () => where(from({ repository: "https://git.example.org/policies.git/" }))],
  ["releases under an epoch that the root has not begun", "epoch", () => where((p) => { p.epoch = 2 })],
  ["releases under an epoch that the root has ended", "epoch", () => withFirstRoot((f) => { f.streams = { ehr: { repository: "https://git.example.org/policies.git", epoch: 2, floor: 1 } } })],
  ["releases below the floor of the trust file", "floor", () => good({ trust: { floor: { epoch: 1, version: 2 } } })],
  ["releases below the floor of the root", "floor", () => withFirstRoot((f) => { f.streams = { ehr: { repository: "https://git.example.org/policies.git", epoch: 1, floor: 2 } } })],
  ["releases from before the epoch of the trust file's floor", "floor", () => good({ trust: { floor: { epoch: 2, version: 1 } } })],

  ["serves an expired release for ever", "expired", () => good({ now: NOW + 91 * DAY })],
  ["serves a release in the very second of its end", "expired", () => good({ now: NOW + 90 * DAY })],
  ["dates a release so that it outlives its time", "future", () => good({ now: NOW - DAY / 2 })],
  ["dates a release just beyond what clocks differ by", "future", () => good({ now: NOW - 5 * 60_000 - 1 })],
  ["has a release that expires before it begins", "form", () => where((p) => { p.expires = "2026-01-01T00:00:00Z" })],
  ["has a release that expires when it begins", "form", () => where((p) => { p.expires = p.issued })],
  ["has a release that ends on a day that does not exist", "form", () => where((p) => { p.expires = "2026-11-31T00:00:00Z" })],
  ["has a release that ends in a leap second", "form", () => where((p) => { p.expires = "2026-12-31T23:59:60Z" })],
  ["writes the end of a release with an offset", "form", () => where((p) => { p.expires = "2026-12-31T23:59:59+14:00" })],
  ["has a grace without end", "form", () => where((p) => { p.graceSeconds = 31_536_001 })],
  ["has a grace below nothing", "form", () => where((p) => { p.graceSeconds = -1 })],

  ["shows another version than the pinned one", "pin", () => good({ trust: { pin: { version: 2, digest: OTHER_DIGEST } } })],
  ["shows the pinned version with another content", "pin", () => good({ trust: { pin: { version: 1, digest: OTHER_DIGEST } } })],
  ["shows the pinned content under another version", "pin", async () => {
    const files = await saying((p) => { p.version = 2 });
    return { files, trust: { pin: { version: 1, digest: await digestOfBundle() } } };
  }],

  ["says something that nobody looks at", "form", () => where((p) => { p.bypass = true })],
  ["writes a version that is no whole number", "form", () => where((p) => { p.version = "1" })],
  ["writes a version of zero", "form", () => where((p) => { p.version = 0 })],
  ["leaves out what the change does", "form", () => where((p) => { delete p.change })],
  ["calls a change by a word of its own", "form", () => where((p) => { p.change = { ...(p.change as object), verdict: "harmless" } })],
  ["releases although tests failed", "form", () => where((p) => { p.tests = { passed: 1, failed: 1, report: OTHER_DIGEST } })],
  ["names a commit by a few of its digits", "form", () => where(from({ commit: "1111111" }))],
  ["names a branch for a commit", "form", () => where(from({ commit: "main" }))],
]);

/** A release of one stream before an engine of another; the root knows both. */
async function bothStreams(): Promise<Given> {
  const { trust, files } = await withFirstRoot((f) => {
    const stream = { repository: "https://git.example.org/policies.git", epoch: 1, floor: 1 };
    f.streams = { ehr: stream, lab: stream };
  });
  const other = await saying((p) => {
    p.stream = "lab";
  });
  return { files: { ...other, roots: files.roots }, trust: trust! };
}

async function digestOfBundle(): Promise<`sha256:${string}`> {
  const { bundle } = await release();
  return sha256(Buffer.from(bundle!).toString("utf8"));
}
