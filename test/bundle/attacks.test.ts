/** What must be refused, each for its own reason. Every attack lies on disk as an attacker leaves it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Config } from "@oclif/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import BundleVerify from "../../cli/commands/bundle/verify.ts";
import { CHECKS, startChecks } from "../../engine/bundle/checks.ts";
import { signedBytes, wrap } from "../../engine/bundle/dsse.ts";
import type { ReleaseFiles } from "../../engine/bundle/files.ts";
import { stopOf } from "../../engine/bundle/halt.ts";
import { reopen } from "../../engine/bundle/kept.ts";
import { readKept } from "../../engine/bundle/store/state-folder.ts";
import { type VerifyOptions, verifyRelease } from "../../engine/bundle/verify.ts";
import { type Attack, type Case, layRelease, layRepository } from "./attacks/attack.ts";
import { root2, withNextRoot, withSshOfficer } from "./attacks/forge.ts";
import { judge } from "./attacks/judge.ts";
import { OFFICERS } from "./attacks/officers.ts";
import { run, STATES, secondSaying, stopped } from "./attacks/states.ts";
import { FAMILIES } from "./attacks/table.ts";
import { SSH_TYPES } from "./ssh-signer.ts";
import { ALL, KEYS, NOW, release, rootBytes, TRUST } from "./world.ts";

const ROOT_FOLDER = resolve(import.meta.dirname, "../..");
const work = mkdtempSync(join(tmpdir(), "phiward-attacks-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

let count = 0;
async function laid({ lay }: Pick<Attack, "lay">): Promise<string> {
  const folder = join(work, String(count++));
  mkdirSync(folder);
  await lay(folder);
  return folder;
}

const caseIn = (folder: string): Case =>
  JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));

/** How a person asks for the verdict on what lies there. */
function argumentsFor(folder: string): string[] {
  const { source, version, now } = caseIn(folder);
  return [
    join(folder, source!),
    ...["--trust", join(folder, "trust.json"), "--now", new Date(now).toISOString()],
    ...(version === undefined ? [] : ["--release", String(version)]),
    ...["--format", "json"],
  ];
}

interface Answer {
  readonly exit: unknown;
  readonly json: {
    readonly verdict: string;
    readonly release: unknown;
    readonly refused?: { readonly check: string };
    readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
  };
}

let config: Config;
beforeAll(async () => {
  config = await Config.load({ root: ROOT_FOLDER });
});

/** The command itself, in this process. */
async function command(folder: string): Promise<Answer> {
  const output = join(folder, "answer.json");
  await BundleVerify.run([...argumentsFor(folder), "--output", output], config);
  const exit = process.exitCode;
  process.exitCode = 0;
  return { exit, json: JSON.parse(readFileSync(output, "utf8")) };
}

/** The built program, as a process of its own. */
function program(folder: string): Answer {
  const bin = join(ROOT_FOLDER, "dist/cli/bin.js");
  const args = [bin, "bundle", "verify", ...argumentsFor(folder)];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return { exit: status, json: JSON.parse(stdout) };
}

const refusedFor = (check: string) => ({
  exit: 3,
  json: {
    verdict: "untrusted",
    release: null,
    refused: { check },
    checks: expect.arrayContaining([expect.objectContaining({ name: check, ok: false })]),
  },
});

describe.each(FAMILIES)("$name", ({ attacks }) => {
  test.each(attacks)("an attacker $title: $check", async (attack) => {
    const folder = await laid(attack);
    if (caseIn(folder).kind !== "verify") expect(await judge(folder)).toBe(attack.check);
    else expect(await command(folder)).toMatchObject(refusedFor(attack.check));
  });
});

/** An officer's machine and an engine have other commands, which know more than a folder. */
const VERIFIED = FAMILIES.filter((each) => each !== OFFICERS && each !== STATES);

test.each(VERIFIED)("the first of $name, with the built program", async ({ attacks }) => {
  const folder = await laid(attacks[0]!);
  expect(program(folder)).toMatchObject(refusedFor(attacks[0]!.check));
});

describe("the table", () => {
  const attacks = FAMILIES.flatMap((family) => family.attacks);

  test("has an attack for each check, and says each thing once", () => {
    const named = new Set(attacks.map(({ check }) => check));
    expect(Object.keys(CHECKS).filter((check) => !named.has(check as never))).toEqual([]);
    const titles = FAMILIES.flatMap(({ name, attacks }) =>
      attacks.map(({ title }) => `${name} ${title}`),
    );
    expect(new Set(titles).size).toBe(titles.length);
    expect(titles.length).toBeGreaterThanOrEqual(138);
  });
});

/** The same hands and the same folders, without an attack. */
describe("believed", () => {
  const verdict = async (files: ReleaseFiles, options: Partial<VerifyOptions> = {}) =>
    (await verifyRelease(files, { trust: TRUST, now: NOW, ...options })).refused;

  test.each([
    ["a folder", layRelease],
    ["a repository", layRepository],
  ] as const)("a release in %s", async (_, lay) => {
    const given = { files: await release() };
    const folder = await laid({ lay: async (place) => lay(place, given) });
    expect(await judge(folder)).toBe("believed");
    expect(await command(folder)).toMatchObject({ exit: 0, json: { verdict: "trusted" } });
  });

  test.each(SSH_TYPES)(
    "a release that an officer signed with a key of the type %s",
    async (type) => {
      const given = await withSshOfficer(type);
      const folder = await laid({ lay: async (place) => layRelease(place, given) });
      expect(await judge(folder)).toBe("believed");
    },
  );

  test("a release that everybody signed, again and again, and pinned by its digest", async () => {
    const files = await release();
    const { release: taken, checks } = await verifyRelease(files, { trust: TRUST, now: NOW });
    expect(taken?.signers.map(({ person }) => person).sort()).toEqual([...ALL].sort());
    expect(checks.every(({ ok }) => ok)).toBe(true);
    const { statement, digest } = taken!;
    expect(await verdict(files, { reached: { epoch: 1, version: 1, statement } })).toBeUndefined();
    const trust = { ...TRUST, pin: { version: 1, digest } };
    expect(await verdict(files, { trust })).toBeUndefined();
  });

  test("a release that the builder signed before its key was cut off", async () => {
    const revoke = [{ keyid: KEYS.ci.publicKey.id, lastVersion: 1 }];
    expect(await verdict((await withNextRoot(root2({ revoke }))).files)).toBeUndefined();
  });

  test("a release under a root that old and new people signed", async () => {
    const audit = { name: "x.new", group: "privacy", key: KEYS.stranger.publicKey };
    expect(await verdict((await withNextRoot(root2({ add: [audit] }))).files)).toBeUndefined();
  });
});

describe("what is stopped stays stopped", () => {
  /** All, after these polls, and again after a restart without a source. */
  const stoppedAfter = async (...seen: readonly ReleaseFiles[]): Promise<readonly boolean[]> => {
    const state = join(work, String(count++));
    const known = await run(seen, state);
    const pinned = seen[0]!.roots.get(1)!;
    const again = await reopen(readKept(state), TRUST, pinned, NOW, startChecks().demand);
    return [known, again.known].map(
      ({ store, running }) => stopOf(store.halts, running?.release.predicate).all,
    );
  };
  const grants = { deny: { grants: ["nobody"] } };

  test("by one officer, and when a second, weaker stop follows", async () => {
    const first = await release();
    expect(await stoppedAfter(first, await stopped(first, {}))).toEqual([true, true]);
    const weaker = await stopped(first, {}, grants);
    expect(await stoppedAfter(first, weaker)).toEqual([true, true]);
  });

  test("when the source no longer shows the stop", async () => {
    const first = await release();
    expect(await stoppedAfter(await stopped(first, {}), first)).toEqual([true, true]);
  });

  test("when its signer leaves the root", async () => {
    const first = await stopped(await release(), {});
    const add = [{ name: "m.chen", group: "privacy", key: KEYS.stranger.publicKey }];
    const names = ["m.chen", "r.ode", "s.park", "stranger"] as const;
    const next = await rootBytes(root2({ add }), names);
    const signed = await release(["ci", "stranger", "r.ode", "s.park"]);
    const later = { ...signed, roots: new Map([...first.roots, [2, next]]) };
    expect(await stoppedAfter(first, later)).toEqual([true, true]);
  });

  test("until a release that everybody signed lifts it, and none that says nothing of it", async () => {
    const first = await stopped(await release(), {});
    const silent = { ...(await secondSaying(first, {})), halts: first.halts! };
    expect(await stoppedAfter(first, silent)).toEqual([true, true]);
    const lifting = { ...(await secondSaying(first, { haltsCleared: 1 })), halts: first.halts! };
    expect(await stoppedAfter(first, lifting)).toEqual([false, false]);
  });

  test("when the version that a stop names runs, and not for another one", async () => {
    const first = await stopped(await release(), { deny: { versions: [1] } });
    expect(await stoppedAfter(first)).toEqual([true, true]);
    const next = { ...(await secondSaying(first, {})), halts: first.halts! };
    expect(await stoppedAfter(first, next)).toEqual([false, false]);
  });
});

test("what is signed is the encoding of DSSE's own example", () => {
  const payload = wrap("release", 1).payload;
  expect(signedBytes({ role: "release", payload }).toString()).toBe(
    "DSSEv1 28 application/vnd.in-toto+json 1 1",
  );
});
